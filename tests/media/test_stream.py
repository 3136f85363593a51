from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time

import numpy as np
import pytest

from liveswapping.domain.errors import SourceError
from liveswapping.media import stream as stream_module
from liveswapping.media.live import LiveState
from liveswapping.media.stream import StreamSource


class Station:
    """An HTTP server on this machine that sends a transport stream, without a length, until it is told to stop.

    `rest` is what happens after the content: "hang", "cut" (hang up) or "again" (from the beginning, on and on).
    """

    def __init__(self, content, rest):
        station = self
        self.rest = rest
        self.requests = 0
        self.off = threading.Event()
        self.refuse = False

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                station.requests += 1
                if station.refuse:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "video/mp2t")
                self.end_headers()
                with contextlib.suppress(OSError):
                    station.send(self.wfile, content)

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01))
        self._thread.start()
        self.url = f"http://user:secret@127.0.0.1:{self._server.server_address[1]}/live.ts"

    def send(self, file, content):
        while True:
            for at in range(0, len(content), 4096):
                if self.off.is_set():
                    return
                file.write(content[at : at + 4096])
                if self.rest == "again":
                    time.sleep(0.002)
            if self.rest != "again":
                break
        if self.rest == "hang":
            self.off.wait()

    def close(self):
        self.off.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def station(clip):
    stations = []

    def start(rest):
        noise = np.random.default_rng(0).integers(0, 255, (8, 64, 96, 3), np.uint8)
        path = clip(f"{len(stations)}.ts", 60, pictures=lambda i: noise[i % 8], options={"g": "5", "bf": "0"})
        stations.append(Station(path.read_bytes(), rest))
        return stations[-1]

    yield start
    for one in stations:
        one.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(stream_module, "_FIRST_RETRY", 0.02)
    monkeypatch.setattr(stream_module, "_LONGEST_RETRY", 0.1)


def until(condition, patience=5.0):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def test_a_stream_is_live_and_its_newest_picture_is_read(station):
    source = StreamSource(station("again").url, patience=2.0)
    first = source.read(2.0)
    until(lambda: source.read(0.5).index > first.index + 10)
    assert source.live
    assert first.pts is None
    assert first.image.shape == (64, 96, 3)
    assert (source.info.width, source.info.height) == (96, 64)
    assert source.state is LiveState.LIVE
    source.close()
    assert source.state is LiveState.CLOSED


def test_the_password_in_an_address_is_shown_to_nobody(station):
    one = station("again")
    source = StreamSource(one.url, patience=2.0)
    assert source.info.name.startswith("http://127.0.0.1:")
    assert "secret" not in source.info.name
    source.close()
    one.refuse = True
    with pytest.raises(SourceError) as caught:
        StreamSource(one.url, patience=2.0)
    assert "secret" not in str(caught.value)


def test_a_stream_that_is_cut_off_is_called_again(station):
    one = station("cut")
    source = StreamSource(one.url, patience=2.0)
    until(lambda: one.requests >= 3)
    until(lambda: source.read(0.5) is not None)
    source.close()


def test_a_stream_that_falls_silent_is_lost_and_closing_does_not_wait_for_it(station):
    source = StreamSource(station("hang").url, patience=0.5)
    until(lambda: source.state is LiveState.LOST)
    source.close()
    quiet = StreamSource(station("hang").url, patience=1.0)
    began = time.monotonic()
    quiet.close()
    assert time.monotonic() - began < 2.5


def test_what_cannot_be_reached_is_one_line(station, capfd):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
    missing = station("cut")
    missing.refuse = True
    for url in (closed, missing.url, "nonsense://127.0.0.1/x"):
        with pytest.raises(SourceError, match="cannot be opened") as caught:
            StreamSource(url, patience=1.0)
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(SourceError, match="cannot be opened"):
            StreamSource(f"http://127.0.0.1:{mute.getsockname()[1]}/x", patience=0.3)
        assert time.monotonic() - began < 3.0
