import contextlib
import socket
import sys
import threading
import time
from fractions import Fraction

import av
import pytest

from liveswapping.domain.errors import SinkError
from liveswapping.media import broadcast as broadcast_module
from liveswapping.media.broadcast import Broadcast, place, usual_kbit
from liveswapping.media.chatter import hear_ffmpeg
from liveswapping.media.info import SourceInfo
from liveswapping.media.relay import knows_srt
from tests.media.numbered import Pump, number_in, numbered

LIKE = SourceInfo("test", 0, 0, Fraction(30))
KEY = "secret-key"
PATIENCE = 60.0


class Listener:
    """FFmpeg, listening as a streaming server does; hangs up after `enough` pictures.

    Where a connection breaks, as on a machine that stood still for a while, it listens again: the sender comes back.
    """

    def __init__(self, url, enough, options):
        self.numbers = []
        self._thread = threading.Thread(target=self._run, args=(url, enough, options))
        self._thread.start()

    def _run(self, url, enough, options):
        hear_ffmpeg()
        deadline = time.monotonic() + PATIENCE
        while len(self.numbers) < enough and time.monotonic() < deadline:
            with contextlib.suppress(av.error.FFmpegError):
                self._watch(url, enough, options)

    def _watch(self, url, enough, options):
        with av.open(url, "r", options=options, timeout=10.0) as container:
            try:
                for picture in container.decode(video=0):
                    self.numbers.append(number_in(picture.to_ndarray(format="bgr24")))
                    if len(self.numbers) == enough:
                        return
            finally:
                container.streams.video[0].codec_context.flush_buffers()

    def wait(self):
        self._thread.join()
        return self.numbers


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


@pytest.fixture
def pumped(monkeypatch):
    monkeypatch.setattr(broadcast_module, "_FIRST_RETRY", 0.05)
    monkeypatch.setattr(broadcast_module, "_LONGEST_RETRY", 0.2)
    with contextlib.ExitStack() as opened:

        def start(url):
            said = []
            sink = Broadcast(url, LIKE, say=said.append)
            opened.callback(sink.close)
            pump = Pump(sink, (160, 120), pause=0.01)
            opened.callback(pump.stop)
            return sink, said

        start.close = opened.close
        yield start


def test_a_server_gets_the_pictures_in_order_also_when_it_comes_late_and_comes_back(pumped):
    url = f"rtmp://127.0.0.1:{free_port()}/live/{KEY}"
    options = {"listen": "1", "probesize": "32", "analyzeduration": "1"}
    sink, said = pumped(url)
    until(lambda: said)
    assert "cannot be sent to rtmp://127.0.0.1" in said[0]
    assert "refused" in said[0]
    assert not sink.sending
    first = Listener(url, 15, options).wait()
    until(lambda: "cannot be sent" in said[-1])
    second = Listener(url, 15, options).wait()
    for numbers in (first, second):
        assert len(numbers) == 15
        assert numbers == sorted(set(numbers))
    assert second[0] > first[-1]
    assert any(line.startswith("sending the picture to rtmp://127.0.0.1") for line in said)
    assert not any(KEY in line for line in said)


def test_whoever_listens_by_udp_sees_the_pictures_in_order_and_nobody_has_to(pumped):
    url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    sink, _ = pumped(url)
    until(lambda: sink.sending)
    numbers = Listener(url, 15, {"probesize": "500000", "analyzeduration": "1500000"}).wait()
    assert len(numbers) == 15
    assert numbers == sorted(set(numbers))
    assert sink.sending


def test_a_server_that_says_nothing_is_left_and_the_line_says_so():
    said = []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        sink = Broadcast(
            f"rtmp://127.0.0.1:{mute.getsockname()[1]}/live/x", LIKE, say=said.append, patience=0.5, kbit=6000
        )
        number = 0
        deadline = time.monotonic() + PATIENCE
        while not said and time.monotonic() < deadline:
            sink.write(numbered(number, (320, 240), noisy=True))
            number += 1
        sink.close()
    assert "no answer" in said[0]


@pytest.mark.parametrize("url", ["http://example.com/x", "rtmp://", "udp", "nonsense", "ftp://a/b", "rtmp:///live"])
def test_an_address_that_nothing_can_be_sent_to_is_one_line(url):
    with pytest.raises(SinkError, match=r"begins with one of rtmp://") as caught:
        Broadcast(url)
    assert "\n" not in str(caught.value)


PROGRAM = """#!{python}
import sys
if "-protocols" in sys.argv:
    print("Output:\\n  udp\\n  {speaks}")
else:
    open({kept!r} + ".words", "w").write(" ".join(sys.argv[1:]))
    if "nobody" in sys.argv[-1]:
        sys.exit("[srt @ 0x1] Connection to " + sys.argv[-1] + " failed")
    print("progress=continue", flush=True)
    open({kept!r}, "wb").write(sys.stdin.buffer.read())
"""


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """`ffmpeg(speaks)`: the only ffmpeg program there is; it keeps its words and what it is sent, in a file."""
    monkeypatch.setattr(broadcast_module, "knows_srt", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(speaks):
        program = tmp_path / "ffmpeg"
        program.write_text(PROGRAM.format(python=sys.executable, speaks=speaks, kept=str(tmp_path / "kept")))
        program.chmod(0o755)
        return tmp_path / "kept"

    return install


@pytest.mark.skipif(sys.platform == "win32", reason="the made-up program is a script")
@pytest.mark.skipif(knows_srt(), reason="this PyAV speaks SRT itself")
def test_srt_is_sent_by_an_ffmpeg_program_that_speaks_it(ffmpeg, pumped, tmp_path):
    kept = ffmpeg("srt")
    sink, said = pumped("srt://127.0.0.1:9000?latency=200000")
    until(lambda: sink.sending)
    assert said == ["sending the picture to srt://127.0.0.1:9000"]
    pumped.close()
    assert kept.read_bytes().startswith(b"FLV")
    assert kept.with_name("kept.words").read_text().endswith("-c copy -f mpegts srt://127.0.0.1:9000?latency=200000")


@pytest.mark.skipif(sys.platform == "win32", reason="the made-up program is a script")
@pytest.mark.skipif(knows_srt(), reason="this PyAV speaks SRT itself")
def test_why_nothing_is_sent_by_srt_is_said_without_the_password(ffmpeg, pumped):
    ffmpeg("srt")
    _, said = pumped(f"srt://nobody:9000?passphrase={KEY}")
    until(lambda: said)
    assert "(Connection to the server failed)" in said[0]
    assert KEY not in said[0]


@pytest.mark.skipif(sys.platform == "win32", reason="the made-up program is a script")
@pytest.mark.parametrize("program", [None, "rtmp"], ids=["no program", "one without SRT"])
def test_srt_without_anything_that_speaks_it_is_one_line(ffmpeg, program):
    if program is not None:
        ffmpeg(program)
    with pytest.raises(SinkError, match="install an ffmpeg program that has") as caught:
        Broadcast("srt://127.0.0.1:9000")
    assert "\n" not in str(caught.value)


def test_what_people_read_has_no_password_and_no_key():
    assert place(f"rtmp://user:pass@a.example:1935/live/{KEY}?x={KEY}") == "rtmp://a.example:1935"


def test_the_rate_follows_the_picture_within_what_servers_take():
    assert usual_kbit(320, 240, 30) == 600
    assert 2000 < usual_kbit(1280, 720, 30) < 3500
    assert usual_kbit(3840, 2160, 60) == 6000
