"""Whether streams arrive, how late, and whether they touch the live picture: `python scripts/streams.py [--json]`.

A camera of drawn frames, 30 a second at 720p, feeds the real runner with the built-in engine. Behind it every frame's
number is drawn into its picture, and it goes to MJPEG, UDP and RTMP at once. Real clients read it back, each a process
of its own: FFmpeg for all three (RTMP: listening, into a file that is read afterwards) and a headless Chromium for
MJPEG, where there is one. Asked for:

- every client sees frames in order, and most of them;
- how late: from the camera to the decoded picture (for the file: frames lost, as there is no time in it);
- the live loop's own p95, from the camera to the sink: alone, with everything on, while clients are killed and come
  back all the time, and with servers that accept and say nothing.

With `--json`, the last thing printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import numpy as np

from liveswapping.build import build_runner
from liveswapping.domain.settings import Settings
from liveswapping.media.camera import Camera
from liveswapping.media.info import SourceInfo
from liveswapping.media.mjpeg import STREAM, MjpegServer
from liveswapping.outputs import stream
from liveswapping.pipeline.queued import QueuedSink
from liveswapping.pipeline.runner import Runner
from scripts.latency import FPS, Watch
from scripts.measures.bars import Bar
from scripts.measures.bench_camera import BenchCamera, draw_reel
from scripts.measures.browser import Browser
from scripts.measures.numbers import Numbering, number_in
from scripts.measures.people import identity

Seen = list[tuple[int, float]]
"""Numbers of frames, and when they were decoded, by `time.monotonic()`."""
_ROOT = Path(__file__).resolve().parents[1]
_OF_UDP = ("probesize=1000000", "analyzeduration=3000000")
_OF_RTMP = ("listen=1",)
_MEEK = ("nice", "-n", "19") if shutil.which("nice") else ()
"""Clients are on another machine usually: here their start and their decoding must not be taken for ours."""


class Client:
    """FFmpeg in a process of its own."""

    def __init__(
        self, url: str, *options: str, file: Path | None = None, container: str | None = None, meek: bool = False
    ) -> None:
        """`meek`: it takes only what others leave of the processor."""
        words = [url, *(word for option in options for word in ("--option", option))]
        words += [] if file is None else ["--file", str(file)]
        words += [] if container is None else ["--format", container]
        self._process = subprocess.Popen(
            [*(_MEEK if meek else ()), sys.executable, "-m", "scripts.measures.stream_client", *words],
            cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ),
        )  # fmt: skip
        self.seen: Seen = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def close(self) -> Seen:
        """Kill it; answers what it saw."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        return self.seen

    def wait(self) -> None:
        """Until it ends by itself."""
        self._process.wait(30)
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                number, moment = line.split()
                self.seen.append((int(number), float(moment)))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Measure streams and what they cost the live picture.")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each part")
    parser.add_argument("--source", default="hanks", help="a photograph of the person to become")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    bars = []
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        for bar in measure(options.seconds, options.source, folder):
            print(bar, flush=True)
            bars.append(bar)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def measure(seconds: float, source: str, folder: Path) -> Iterator[Bar]:
    """All parts, one after the other, in one live run."""
    watch, numbering = Watch(), Numbering()
    with live(source, watch, numbering) as (runner, info):
        time.sleep(4.0)
        alone = age(watch, seconds, lambda: time.sleep(seconds))
        server = MjpegServer()
        ports = free_ports()
        places = [f"udp://127.0.0.1:{ports[0]}", f"rtmp://127.0.0.1:{ports[1]}/live/x"]
        numbering.sinks = (
            QueuedSink(server, live=True, size=2, yielding=True),
            *(stream(place, info, lambda line: print(f"       {line}", flush=True)) for place in places),
        )
        mjpeg = server.url + STREAM
        unwatched = age(watch, seconds, lambda: time.sleep(seconds))
        yield from arrival(seconds, mjpeg, places, folder, numbering, server.url, watch)
        everything = age(watch, seconds, lambda: come_and_go(seconds, mjpeg, places, away=99.0))
        coming = age(watch, seconds, lambda: come_and_go(seconds, mjpeg, places, away=0.7))
        deaf = age(watch, seconds, lambda: with_deaf_servers(seconds, info, numbering))
        print(f"       the live loop's p95 alone: {alone:.1f} ms; outputs on and nobody there: {unwatched:.1f} ms")
        print(f"       with clients: {everything:.1f} ms; clients come and go: {coming:.1f} ms; deaf: {deaf:.1f} ms")
        yield Bar(
            "live loop's p95, clients vanish and return, more than with clients that stay, ms", coming - everything, 5
        )
        yield Bar(
            "live loop's p95, servers that say nothing, more than with clients that stay, ms", deaf - everything, 5
        )
        print(f"       given up by the governor: {runner.status.rung or 'nothing'}")


@contextmanager
def live(source: str, watch: Watch, numbering: Numbering) -> Iterator[tuple[Runner, SourceInfo]]:
    """The real live run, with these two sinks."""
    bench = BenchCamera(draw_reel(FPS)[:1], FPS)
    camera = Camera(0, open_device=bench.open, cameras=bench.cameras)
    runner = build_runner(Settings(), identity((source,)), camera, [watch, numbering])
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        yield runner, camera.info
    finally:
        runner.stop()
        thread.join()


def age(watch: Watch, seconds: float, meanwhile: Callable[[], None]) -> float:
    """The 95th percentile of the frames' age at the sink while something is done, in milliseconds."""
    began = time.perf_counter()
    meanwhile()
    return float(np.quantile(watch.ages(began, time.perf_counter()), 0.95))


def arrival(
    seconds: float, mjpeg: str, places: Sequence[str], folder: Path, numbering: Numbering, page: str, watch: Watch
) -> Iterator[Bar]:
    """Everybody watches for a while."""
    file = folder / "kept.flv"
    clients = {
        "MJPEG": Client(mjpeg, container="mpjpeg"),
        "UDP": Client(places[0], *_OF_UDP),
    }
    keeper = Client(places[1], *_OF_RTMP, file=file)
    try:
        browser = Browser(page)
    except OSError as error:
        print(f"       MJPEG in a browser was not run: {error}")
        browser = None
    time.sleep(seconds + 3)
    for name, client in clients.items():
        yield from judged(name, client.close(), numbering)
    if browser is not None:
        offset = time.time() - time.monotonic()
        yield from judged("MJPEG in Chromium", [(n, moment - offset) for n, moment in browser.seen()], numbering)
        browser.close()
    for sink in numbering.sinks[2:]:
        numbering.sinks = numbering.sinks[:2]
        sink.close()
    keeper.wait()
    yield from judged("RTMP to a file", [(number, 0.0) for number in numbers_of(file)], numbering, timed=False)
    again = stream(places[1], SourceInfo("bench", 0, 0), lambda line: print(f"       {line}", flush=True))
    numbering.sinks = (*numbering.sinks, again)


def judged(name: str, seen: Seen, numbering: Numbering, *, timed: bool = True) -> Iterator[Bar]:
    """Order, losses and delay of what a client saw; without its first second, in which it joins."""
    if len(seen) < 2:
        yield Bar(f"{name}: frames that arrived", len(seen), 2, at_least=True)
        return
    seen = [one for one in seen if one[1] > seen[0][1] + 1.5] if timed else seen
    numbers = [number for number, _ in seen]
    yield Bar(f"{name}: frames out of order", sum(b <= a for a, b in pairwise(numbers)), 0)
    sent = [number for number in numbering.captured if numbers[0] <= number <= numbers[-1]]
    yield Bar(f"{name}: share of the frames in between that arrived", len(set(numbers)) / len(sent), 0.9, at_least=True)
    if timed:
        late = [(moment - numbering.captured[number]) * 1000 for number, moment in seen if number in numbering.captured]
        print(f"       {name}: camera to decoded picture {np.median(late):.0f} ms (median), ", end="")
        print(f"{np.quantile(late, 0.95):.0f} ms (p95), {len(numbers)} frames")


def numbers_of(file: Path) -> list[int]:
    """The numbers in a recorded file."""
    with av.open(str(file)) as container:
        return [
            number_in(np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)) for picture in container.decode(video=0)
        ]


def come_and_go(seconds: float, mjpeg: str, places: Sequence[str], away: float) -> None:
    """Clients of all kinds; each is killed after so many seconds, and comes back."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        clients = [
            Client(mjpeg, container="mpjpeg", meek=True),
            Client(places[0], *_OF_UDP, meek=True),
            Client(places[1], *_OF_RTMP, meek=True),
        ]
        time.sleep(max(0.0, min(away + 1.0, until - time.perf_counter())))
        for client in clients:
            client.close()


def with_deaf_servers(seconds: float, info: SourceInfo, numbering: Numbering) -> None:
    """Streams to servers that accept a connection and do nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        silent = [stream(f"rtmp://127.0.0.1:{port}/live/{n}", info, lambda _: None) for n in range(2)]
        before, numbering.sinks = numbering.sinks, (*numbering.sinks, *silent)
        time.sleep(seconds)
        numbering.sinks = before
        for sink in silent:
            sink.close()


def free_ports() -> tuple[int, int]:
    """One for datagrams and one for connections."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
