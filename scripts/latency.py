"""Whether rate and delay hold when a part gets slow: `python scripts/latency.py [--steps MS …] [--seconds S] [--json]`.

A camera of drawn frames, 30 a second at 720p, feeds the real runner with the built-in engine and a restorer that
sharpens, behind the wrapper that slow engines get. The analyser, the engine and the restorer in turn are made slower
by 20, 40, 80 and 160 ms for a while, each in a run of its own. Asked for of every step:

- 95 of 100 frames reach the sink within 2 frame times and the step from their capture, while it lasts;
- from 1 s after its end on, 95 of 100 frames are within 2 frame times again;
- the governor changes at most one rung a second, and none any more in the last third of the step;
- nothing piles up: the oldest frame in the last third is little older than the oldest in the first, or young enough.

A part that sleeps keeps no core busy: what is tested is the loop. With `--json`, the last thing printed is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from liveswapping.build import open_store
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.settings import Settings
from liveswapping.faces.lookout import Lookout
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.media.camera import Camera
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.runner import Runner
from liveswapping.swappers.mesh.engine import MeshSwapper
from liveswapping.swappers.temporal.engine import RESTORER, TemporalSwapper
from scripts.measures.bars import Bar
from scripts.measures.bench_camera import BenchCamera, Reel, draw_reel
from scripts.measures.kinds import Sharpened
from scripts.measures.people import identity

FPS = 30.0
FRAME_MS = 1000 / FPS
PARTS = ("analyser", "engine", "restorer")


@dataclass(slots=True)
class Load:
    """Milliseconds by which each part is slower now."""

    of: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))

    def wait(self, part: str) -> None:
        """Be slow."""
        if self.of[part]:
            time.sleep(self.of[part] / 1000)


class SlowAnalyser(MediapipeAnalyser):
    """The built-in analyser under load."""

    load: Load

    def faces(self, image: Image) -> Sequence[Face]:
        """Its faces, late."""
        self.load.wait("analyser")
        return super().faces(image)


class SlowEngine(MeshSwapper):
    """The built-in engine under load."""

    load: Load

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """Its patches, late."""
        self.load.wait("engine")
        return super().swap(image, targets)


class SlowRestorer(Sharpened):
    """A restorer that is quick by itself, under load."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """Its patches, late."""
        self._load.wait("restorer")
        return super().swap(image, targets)


@dataclass(slots=True)
class Watch:
    """A sink that notes when frames came, and how old they were in milliseconds."""

    seen: list[tuple[float, float]] = field(default_factory=list)

    def write(self, frame: Frame) -> None:
        """Note one frame."""
        now = time.perf_counter()
        self.seen.append((now, (now - frame.captured_at) * 1000))

    def close(self) -> None:
        """Nothing to release."""

    def ages(self, first: float, last: float) -> list[float]:
        """Of the frames that came in that time."""
        return [age for now, age in self.seen if first <= now < last]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Measure rate and delay under load.")
    parser.add_argument("--steps", type=float, nargs="+", default=[20, 40, 80, 160], metavar="MS")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=10.0, help="for which a step lasts")
    parser.add_argument("--source", default="hanks", help="a photograph of the person to become")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    person, reel, bars = identity((options.source,)), draw_reel(FPS)[:1], []
    for part in options.parts:
        for step in options.steps:
            with running(reel, person) as run:
                print(f"{part} + {step:g} ms; before it: {run.words()}", flush=True)
                for bar in under_load(part, step, options.seconds, run):
                    print(bar, flush=True)
                    bars.append(bar)
                print(f"       afterwards: {run.words()}", flush=True)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


@dataclass(frozen=True, slots=True)
class Run:
    """A live run, what loads it and who watches it."""

    load: Load
    watch: Watch
    runner: Runner

    def words(self) -> str:
        """How it does at the moment."""
        status, now = self.runner.status, time.perf_counter()
        stages = " ".join(f"{name} {spread.p50_ms:.0f}" for name, spread in status.stages.items())
        late = np.quantile(self.watch.ages(now - 1, now), 0.95)
        return f"95 of 100 frames within {late:.0f} ms ({stages}); given up: {status.rung or 'nothing'}"


@contextmanager
def running(reel: Reel, person: Identity) -> Iterator[Run]:
    """A run that has begun and found its pace: nothing is given up because of an earlier step."""
    load, watch, bench = Load(), Watch(), BenchCamera(reel, FPS)
    camera = Camera(0, open_device=bench.open, cameras=bench.cameras)
    runner = Runner(camera, pipeline(load, person), [watch], Settings(), lookout=Lookout(open_store(Settings()).path))
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        time.sleep(4.0)
        yield Run(load, watch, runner)
    finally:
        runner.stop()
        thread.join()


def pipeline(load: Load, person: Identity) -> Pipeline:
    """The live parts, each of which can be made slow."""
    path = open_store(Settings()).path
    analyser, engine = SlowAnalyser(path), SlowEngine()
    analyser.load = engine.load = load
    swapper = TemporalSwapper(engine, always=False)
    restorer = TemporalSwapper(SlowRestorer(load), always=False, rungs=RESTORER)
    return Pipeline(analyser, swapper, person, OcclusionMasker(path), restorer=restorer)


def under_load(part: str, step: float, seconds: float, run: Run) -> Iterator[Bar]:
    """One step, and the time after it."""
    load, watch = run.load, run.watch

    def changes() -> int:
        return run.runner.status.rungs_changed

    name = f"{part} + {step:g} ms"
    began, third = time.perf_counter(), seconds / 3
    load.of[part] = step
    moments = _changes(seconds, changes)
    load.of[part] = 0.0
    ended = time.perf_counter()
    _changes(3.0, changes)
    during = watch.ages(began, ended)
    yield Bar(f"{name}: p95, ms", float(np.quantile(during, 0.95)), 2 * FRAME_MS + step)
    after = float(np.quantile(watch.ages(ended + 1, ended + 3), 0.95))
    yield Bar(f"{name}: p95 from 1 s after it, ms", after, 2 * FRAME_MS)
    closest = min((b - a for a, b in pairwise(moments)), default=99.0)
    yield Bar(f"{name}: seconds between changes", closest, 0.95, at_least=True)
    yield Bar(f"{name}: changes in the last third", sum(now > began + 2 * third for now in moments), 0)
    first, last = max(watch.ages(began, began + third)), max(watch.ages(ended - third, ended))
    yield Bar(f"{name}: oldest in the last third, ms", last, max(1.25 * first, 2 * FRAME_MS + step))


def _changes(seconds: float, changes: Callable[[], int]) -> list[float]:
    """Wait, and answer when a rung was changed meanwhile."""
    until, moments, known = time.perf_counter() + seconds, [], changes()
    while time.perf_counter() < until:
        time.sleep(0.01)
        if changes() != known:
            known = changes()
            moments.append(time.perf_counter())
    return moments


if __name__ == "__main__":
    sys.exit(main())
