import urllib.request

import av
import cv2
import numpy as np
import pytest
from websockets.sync.client import connect

from tests.api.conftest import PATIENCE_S, TOKEN


@pytest.fixture(scope="module")
def live(client):
    settings = {"sources": ["upload:me.png"], "target": "demo:", "fps": None}
    answer = client.ask("POST", "/v1/live/start", {"settings": settings, "record": "take.mkv"})
    assert (answer.status, answer.json["phase"]) == (202, "starting")
    now = client.until("/v1/status", lambda now: now["failure"] or (now["run"] or {}).get("frames_swapped", 0) > 2)
    assert now["failure"] == ""
    yield client
    client.ask("POST", "/v1/live/stop")
    client.until("/v1/status", lambda now: now["phase"] == "idle")


def _picture(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_a_run_says_how_it_is_doing(live):
    now = live.ask("GET", "/v1/status").json
    assert (now["phase"], now["failure"], now["run"]["state"]) == ("live", "", "running")
    assert (now["source"]["width"], now["source"]["height"]) == (1280, 720)


def test_a_second_run_is_refused_while_one_is_there(live):
    assert live.ask("POST", "/v1/live/start", {}).status == 409


def test_the_snapshot_is_the_picture(live):
    answer = live.ask("GET", "/v1/snapshot")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert _picture(answer.body).shape == (720, 1280, 3)
    assert _picture(live.ask("GET", "/v1/snapshot?width=320").body).shape == (180, 320, 3)


def test_settings_follow_while_it_runs(live):
    assert live.ask("PATCH", "/v1/settings", {"hidden": True}).json["hidden"] is True
    live.until("/v1/status", lambda now: now["run"]["hidden"])
    with connect(f"{live.url.replace('http', 'ws')}/v1/preview?token={TOKEN}&width=64") as socket:
        while _picture(socket.recv(PATIENCE_S)).any():  # what was in work is still to be seen
            pass
    live.ask("PATCH", "/v1/settings", {"hidden": None})
    assert live.ask("PATCH", "/v1/settings", {"target": "demo:t1"}).status == 409


def test_a_socket_brings_picture_after_picture(live):
    with connect(f"{live.url.replace('http', 'ws')}/v1/preview?token={TOKEN}&width=320&fps=10") as socket:
        assert [_picture(socket.recv(PATIENCE_S)).shape for _ in range(3)] == [(180, 320, 3)] * 3


def test_motion_jpeg_brings_picture_after_picture(live):
    with urllib.request.urlopen(f"{live.url}/v1/preview.mjpeg?token={TOKEN}&width=320", timeout=PATIENCE_S) as stream:
        kind, _, boundary = stream.headers["Content-Type"].partition("; boundary=")
        assert kind == "multipart/x-mixed-replace"
        for _ in range(3):
            assert stream.readline() == f"--{boundary}\r\n".encode()
            assert stream.readline() == b"Content-Type: image/jpeg\r\n"
            length = int(stream.readline().removeprefix(b"Content-Length: "))
            assert stream.readline() == b"\r\n"
            assert _picture(stream.read(length)).shape == (180, 320, 3)
            assert stream.readline() == b"\r\n"


def test_a_run_that_ends_leaves_its_recording_and_no_picture(live):
    live.ask("POST", "/v1/live/stop")
    live.until("/v1/status", lambda now: now["phase"] == "idle")
    assert live.ask("GET", "/v1/snapshot").status == 409
    data = live.ask("GET", "/v1/results/take.mkv").body
    path = live.folder / "take.mkv"
    path.write_bytes(data)
    with av.open(str(path)) as recording:
        assert next(recording.decode(video=0)).width == 1280


def test_why_a_run_could_not_begin_is_one_line(client):
    client.until("/v1/status", lambda now: now["phase"] == "idle")
    wanted = {"settings": {"sources": ["upload:me.png"], "target": str(client.folder / "allowed" / "none.mp4")}}
    assert client.ask("POST", "/v1/live/start", wanted).status == 202
    now = client.until("/v1/status", lambda now: now["phase"] == "idle")
    assert "none.mp4" in now["failure"]
    assert "\n" not in now["failure"]
