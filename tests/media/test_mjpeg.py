import http.client
import socket
import threading

import av
import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.media import mjpeg, viewers
from liveswapping.media.mjpeg import MjpegServer
from tests.media.numbered import Pump, number_in, numbered


@pytest.fixture
def server():
    one = MjpegServer()
    yield one
    one.close()


@pytest.fixture
def pump(server):
    one = Pump(server)
    yield one
    one.stop()


def connection(server):
    host, _, port = server.url.removeprefix("http://").partition(":")
    return http.client.HTTPConnection(host, int(port), timeout=60)


def get(server, path, headers=None):
    client = connection(server)
    client.request("GET", path, headers=headers or {})
    answer = client.getresponse()
    content = answer.read() if path != mjpeg.STREAM else b""
    client.close()
    return answer, content


def test_a_player_sees_the_pictures_in_order(server, pump):
    with av.open(server.url + mjpeg.STREAM, "r", format="mpjpeg", timeout=60.0) as container:
        numbers = []
        for picture in container.decode(video=0):
            numbers.append(number_in(picture.to_ndarray(format="bgr24")))
            if len(numbers) == 12:
                break
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 0


def test_several_watch_and_one_that_takes_nothing_slows_nobody_and_misses_what_was_in_between(server):
    idle = socket.socket()
    idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    idle.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    idle.settimeout(5)
    idle.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n")
    pump = Pump(server, (320, 240), noisy=True)
    with av.open(server.url + mjpeg.STREAM, "r", format="mpjpeg", timeout=60.0) as container:
        shown = [
            number_in(picture.to_ndarray(format="bgr24"))
            for picture, _ in zip(container.decode(video=0), range(60), strict=False)
        ]
    assert shown == sorted(set(shown))
    assert len(server.watching) == 2
    pump.stop()
    server.watching.dismiss()
    taken = b""
    while part := idle.recv(1 << 16):
        taken += part
    idle.close()
    assert 0 < taken.count(b"image/jpeg") < 40  # 60 and more were sent to the other one


def test_nobody_watching_costs_no_encoding(server, monkeypatch):
    monkeypatch.setattr(viewers, "encode_image", lambda *_: pytest.fail("encoded for nobody"))
    server.write(numbered(1))
    assert len(server.watching) == 0


def test_a_picture_is_encoded_once_for_all_who_watch(server, monkeypatch):
    really, made = viewers.encode_image, []
    monkeypatch.setattr(viewers, "encode_image", lambda *how: made.append(how) or really(*how))
    answers = []
    for client in [connection(server) for _ in range(3)]:
        client.request("GET", mjpeg.STREAM)
        answers.append(client.getresponse())
    server.write(numbered(1))
    assert all(b"image/jpeg" in answer.read(200) for answer in answers)
    for answer in answers:
        answer.close()
    get(server, mjpeg.SNAPSHOT)
    assert len(made) == 1


def test_a_viewer_that_leaves_is_forgotten(server, pump):
    client = connection(server)
    client.request("GET", mjpeg.STREAM)
    client.getresponse().read(200)
    assert len(server.watching) == 1
    client.close()
    for _ in range(500):
        if not server.watching:
            break
        threading.Event().wait(0.01)
    assert len(server.watching) == 0


def test_a_picture_is_sent_with_the_boundary_that_browsers_wait_for(server):
    client = connection(server)
    client.request("GET", mjpeg.STREAM)
    answer = client.getresponse()
    for _ in range(500):
        if server.watching:
            break
        threading.Event().wait(0.01)
    server.write(numbered(5))
    boundary = answer.headers["Content-Type"].partition("boundary=")[2].encode()
    assert answer.fp.readline() == b"--" + boundary + b"\r\n"
    assert answer.fp.readline() == b"Content-Type: image/jpeg\r\n"
    length = int(answer.fp.readline().partition(b":")[2])
    assert answer.fp.readline() == b"\r\n"
    picture = cv2.imdecode(np.frombuffer(answer.fp.read(length), np.uint8), cv2.IMREAD_COLOR)
    assert number_in(picture) == 5
    assert answer.fp.read(4 + len(boundary)) == b"\r\n--" + boundary  # with this picture, not with the next one
    client.close()


def test_the_page_and_the_newest_picture(server):
    answer, content = get(server, mjpeg.SNAPSHOT)
    assert answer.status == 503
    server.write(numbered(300))
    answer, content = get(server, mjpeg.SNAPSHOT)
    assert number_in(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)) == 300
    answer, content = get(server, "/")
    assert answer.status == 200
    assert mjpeg.STREAM.encode() in content
    assert get(server, "/etc/passwd")[0].status == 404


def test_pages_elsewhere_cannot_have_the_picture(server):
    server.write(numbered(1))
    assert get(server, mjpeg.SNAPSHOT, {"Host": "evil.example"})[0].status == 403
    assert get(server, mjpeg.SNAPSHOT)[0].headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert server.url.startswith("http://127.0.0.1:")


def test_too_many_viewers_are_turned_away(server, monkeypatch):
    monkeypatch.setattr(viewers, "MOST", 0)
    assert get(server, mjpeg.STREAM)[0].status == 503


def test_a_port_that_is_taken_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SinkError, match=f"port {port} cannot be used.*--mjpeg") as caught:
            MjpegServer(port)
    assert "\n" not in str(caught.value)


def test_closing_ends_every_viewer(pump, server):
    pump.stop()
    other = MjpegServer()
    client = connection(other)
    client.request("GET", mjpeg.STREAM)
    answer = client.getresponse()
    other.close()
    answer.read()  # the end, and no waiting for ever
    client.close()
