"""Whether the live loop can run for ever: `python scripts/soak.py [--frames N] [--fps F] [--changes N] [--json]`.

An hour of it: `python scripts/soak.py --frames 108000 --fps 30 --speed 5 --changes 120 --source hanks t1`.

The real camera source, pipeline and runner work on an injected capture device that shows one person, nobody and four
people in turn, and is unplugged twice. Asked for, on Linux (elsewhere memory and descriptors cannot be read):

- resident memory after the warm-up (a tenth of the frames) stays within 15 MB, highest less lowest, and from 20,000
  frames on grows by less than 1 MB in 10,000 frames;
- from 10,000 frames on, the process's CPU time per frame is in the last tenth within 5 % of the second tenth;
- afterwards no thread and no descriptor more than before;
- no frame is older than 3 frame times when a sink gets it (after the first second, in which the parts warm up);
- the camera came back both times, and where faces are shown they were swapped.

`--changes` so often takes another person (of those that `--source` names) and another engine (the built-in one at once,
or beside the picture), and has another sink come and the last one go: a server for browsers, a recording, one that
fails. Every sink that came must have ended then, whole or with its failure told; the age of pictures, and how far
memory goes up and down, are shown and not judged, as parts are built beside the picture. `--speed`: the camera gives
pictures so many times faster.

With `--json`, the last thing printed is one JSON object. The exit code is 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from liveswapping.build import build_runner
from liveswapping.domain.face import Identity
from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings
from liveswapping.inference.process_memory import resident_bytes
from liveswapping.media.camera import Camera
from liveswapping.pipeline.beside import run_beside
from liveswapping.pipeline.status import Status
from scripts.measures.bars import Bar
from scripts.measures.bench_camera import SIZE, BenchCamera, Reel, draw_reel
from scripts.measures.changing import Changes
from scripts.measures.people import identity

MEGABYTE = 1e6
SETTINGS = Settings(faces="all")
SETTLING = 3.0
"""Seconds in which what was closed must be gone."""
REHEARSAL = 200
"""Frames of a first run, so that what the process keeps for good is there before anything is counted."""
AWAY = 2.0
"""Seconds for which the camera is unplugged."""


@dataclass(slots=True)
class Watch:
    """A sink that notes how old frames are, and what the process uses."""

    every: int
    ages: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def write(self, frame: Frame) -> None:
        """Note one frame."""
        self.ages.append(time.perf_counter() - frame.captured_at)
        if len(self.ages) % self.every == 0:
            self.memory.append(resident_bytes())
            self.cpu.append(time.process_time())

    def close(self) -> None:
        """Nothing to release."""


def main(arguments: list[str] | None = None) -> int:
    """Soak, print what was found, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Run the live loop for long and look what it leaves.")
    parser.add_argument("--frames", type=int, default=20_000, help="frames to deliver")
    parser.add_argument("--fps", type=float, default=60.0, help="pictures a second that the camera gives")
    parser.add_argument("--speed", type=float, default=1.0, help="the camera is so many times faster")
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, metavar=("WIDTH", "HEIGHT"), help="of its pictures")
    parser.add_argument("--source", nargs="+", default=["hanks"], help="photographs of people to become, one at a time")
    parser.add_argument("--changes", type=int, default=0, help="so often change person, engine and sinks")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    size = (options.size[0], options.size[1])
    person, reel = identity((options.source[0],)), draw_reel(options.fps, size)
    fps = options.fps * options.speed
    soak(person, reel, fps, REHEARSAL)
    threads, descriptors = count("task"), count("fd")
    began = time.perf_counter()
    watch, status, returns, changes = soak(person, reel, fps, options.frames, options.source, options.changes)
    took = time.perf_counter() - began
    bars = [*judged(watch, status, fps, changing=options.changes > 0), *steady(watch)]
    bars += ended(changes)
    bars += [
        Bar("times the camera came back", returns, 2, at_least=True),
        Bar("threads left", left("task", threads), 0),
        Bar("descriptors left", left("fd", descriptors), 0),
    ]
    print(f"{len(watch.ages)} frames in {took:.0f} s, {status.faces_swapped} faces swapped, {status.dropped} dropped")
    for bar in bars:
        print(bar)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def soak(
    person: Identity, reel: Reel, fps: float, frames: int, sources: Sequence[str] = (), times: int = 0
) -> tuple[Watch, Status, int, Changes]:
    """Deliver `frames` frames and close everything; how often the camera came back is answered, too.

    `times` something is changed meanwhile, to one of `sources` among other things.
    """
    bench = BenchCamera(reel, fps)
    camera = Camera(0, open_device=bench.open, cameras=bench.cameras)
    watch = Watch(max(1, frames // 200))
    runner = build_runner(SETTINGS, person, camera, [watch])
    unplug_at = [frames * 2 // 3, frames // 3]
    height, width = reel[0][0].shape[:2]

    with closing(Changes(frames, times, sources, (width, height))) as changes:

        def attend() -> None:
            time.sleep(0.02)
            if len(watch.ages) >= frames:
                runner.stop()
            elif unplug_at and len(watch.ages) >= unplug_at[-1]:
                unplug_at.pop()
                bench.unplug(AWAY)
            else:
                changes.attend(runner, len(watch.ages))

        status = run_beside(runner, attend)
    return watch, status, bench.returns, changes


def ended(changes: Changes) -> Iterator[Bar]:
    """What became of the changes that were wanted."""
    if changes.count:
        failed = sum(error is not None for error in changes.ended)
        print(f"{changes.done} changes; of {changes.came} sinks {failed} failed")
        yield Bar("changes that were not made", changes.count - changes.done, 0)
        yield Bar("sinks that came and never ended", changes.came - len(changes.ended), 0)


def steady(watch: Watch) -> Iterator[Bar]:
    """What only many frames tell."""
    frames = len(watch.ages)
    if frames >= 20_000:
        rest = np.array(watch.memory[len(watch.memory) // 10 :]) / MEGABYTE
        slope = float(np.polyfit(np.arange(len(rest)) * watch.every / 10_000, rest, 1)[0])
        yield Bar("growth of memory, MB in 10,000 frames", slope, 1)
    if frames >= 10_000:
        tenth = len(watch.cpu) // 10
        early, late = (watch.cpu[end] - watch.cpu[end - tenth] for end in (2 * tenth, len(watch.cpu) - 1))
        yield Bar("CPU time of a frame, last tenth against second", late / early, 1.05)


def judged(watch: Watch, status: Status, fps: float, *, changing: bool) -> Iterator[Bar]:
    """The bars that the frames themselves tell of. `changing`: parts were built beside them."""
    held = watch.memory[len(watch.memory) // 10 :]
    ages = np.array(watch.ages[round(fps) :]) * fps
    print(f"memory {min(held) / MEGABYTE:.1f} to {max(held) / MEGABYTE:.1f} MB; {sum(ages > 3)} frames were too old")
    if changing:
        print(f"age of frames: median {np.median(ages) / fps * 1e3:.1f} ms, oldest {ages.max() / fps * 1e3:.0f} ms")
    else:
        yield Bar("oldest frame delivered, in frame times", float(ages.max()), 3)
        yield Bar("memory after warm-up, highest less lowest, MB", (max(held) - min(held)) / MEGABYTE, 15)
    yield Bar("frames that failed", status.failures, 0)
    swapped = status.frames_swapped / max(status.frames_delivered, 1)
    yield Bar("frames swapped, of all (two acts in three show faces)", swapped, 0.45, at_least=True)


def left(what: str, before: int) -> int:
    """How many more there are than `before`; a thread that was joined may take a moment to leave the system's list."""
    deadline = time.monotonic() + SETTLING
    while count(what) > before and time.monotonic() < deadline:
        time.sleep(0.02)
    return count(what) - before


def count(what: str) -> int:
    """Threads ("task") or descriptors ("fd") of this process."""
    return sum(1 for _ in Path("/proc/self", what).iterdir())


if __name__ == "__main__":
    if not Path("/proc/self/statm").exists():
        sys.exit("memory, threads and descriptors can only be read on Linux; run this there")
    sys.exit(main())
