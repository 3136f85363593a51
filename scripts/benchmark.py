"""How fast a frame is swapped: `python scripts/benchmark.py [--frames N] [--source PATH …] [--json]`.

Each case sends frames of a moving, talking face (the demo's, drawn beforehand, every one different) through the whole
pipeline with every default on, and times it from frame in to frame out. Between two frames the irreducible work is
timed on the same machine with the same threads, so that whatever disturbs the one disturbs the other:

- `networks_ms`: per face one mesh and two iris inferences; one person segmentation; one tenth of a detection; each
  network on one LiteRT thread, one after the other. Median of their sum.
- `copy_ms`: one copy of the frame. Median.
- `ratio`: `p50_ms` by the sum of both.
- `fps`: frames a second of the same pipeline driven as the runner drives it when frames are always waiting (a file):
  while one frame is drawn, the faces of the next two are looked for. Median of several stretches.

`cold-start` is a fresh process, from its start to the first swapped frame, models present and kernels compiled
(`p50_ms`, `p95_ms` over several starts); `first_ever_ms` is the same with no compiled kernel on the disk.
With `--json`, the last thing printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np

from liveswapping.build import build_pipeline, open_store
from liveswapping.domain.face import Identity
from liveswapping.domain.frame import Image
from liveswapping.domain.settings import Settings
from liveswapping.media.scene import Scene
from liveswapping.pipeline.marking import Marker
from liveswapping.pipeline.pipeline import Begun, Pipeline
from liveswapping.pipeline.runner import BEGUN
from liveswapping.pipeline.timing import Laps
from scripts.measures.irreducible import Irreducible
from scripts.measures.people import faces_in, identity, path_of, picture_of

WARM_UP = 30
CHUNK = 60
"""Frames drawn ahead at a time: their memory stays small, and drawing does not disturb the frame that is timed."""
STARTS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A moving portrait: frame size, width of each face in pixels, and tiles × tiles of it in the frame."""

    name: str
    size: tuple[int, int]
    face_width: float
    tiles: int = 1

    @property
    def faces(self) -> int:
        """How many faces the frame shows."""
        return self.tiles**2


CASES = {
    case.name: case
    for case in (
        Case("720p-1-face", (1280, 720), 320),
        Case("1080p-1-face", (1920, 1080), 480),
        Case("720p-4-faces", (1280, 720), 160, tiles=2),
    )
}
COLD = "cold-start"


@dataclass(slots=True)
class Result:
    """One case's figures; times in milliseconds."""

    name: str
    fps: float | None
    p50_ms: float
    p95_ms: float
    networks_ms: float | None = None
    copy_ms: float | None = None
    ratio: float | None = None
    stages_ms: dict[str, float] = field(default_factory=dict)
    unswapped: int = 0
    """Faces that were not swapped, over all frames."""
    first_ever_ms: float | None = None


def main(arguments: list[str] | None = None) -> int:
    """Run all cases and print their figures. Answers the exit code."""
    parser = argparse.ArgumentParser(description="Time the live pipeline.")
    parser.add_argument("--frames", type=int, default=300, help="timed frames of each case")
    parser.add_argument("--source", nargs="+", default=["hanks"], help="photographs of the person to become")
    parser.add_argument("--cases", nargs="+", choices=[*CASES, COLD], default=[*CASES, COLD], help="only these")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    person = identity(tuple(options.source))
    print(f"{'case':14} {'fps':>7} {'p50':>8} {'p95':>8} {'networks':>9} {'copy':>6} {'ratio':>6}   stages, ms")
    results = []
    for name in options.cases:
        result = cold_start(options.source[0]) if name == COLD else measure(CASES[name], person, options.frames)
        print(line(result), flush=True)
        results.append(result)
    for name, value, limit, holds in checks({result.name: result for result in results}):
        print(f"{'holds' if holds else 'FAILS':6} {name}: {value:.2f} (limit {limit:g})")
    if options.json:
        print(json.dumps({"cases": [asdict(result) for result in results]}))
    return 0


def frames(case: Case, count: int) -> Iterator[Image]:
    """`count` frames of the case, drawn in chunks."""
    portrait = picture_of("astronaut")
    scene = Scene(portrait, faces_in(portrait)[:1], case.size, face_width=case.face_width, tiles=case.tiles)
    for start in range(0, count, CHUNK):
        yield from [scene.draw(index) for index in range(start, min(start + CHUNK, count))]


def measure(case: Case, person: Identity, count: int) -> Result:
    """Time `count` frames of a case after a warm-up."""
    settings = Settings(faces="all" if case.faces > 1 else Settings().faces)
    pipeline = build_pipeline(settings, person)
    irreducible = Irreducible(open_store(settings).path, case.faces)
    laps, marker, unswapped = Laps(), Marker(), 0
    times = np.zeros((WARM_UP + count, 3))
    for number, image in enumerate(frames(case, WARM_UP + count)):
        began = time.perf_counter()
        swapped = pipeline.process(image, settings, laps)
        marker.mark(swapped.image, image, swapped, settings.label, writable=swapped.own)
        times[number] = time.perf_counter() - began, irreducible.networks(), irreducible.copy(image)
        if number < WARM_UP:
            laps = Laps()
        else:
            unswapped += case.faces - swapped.swapped
    rate = throughput(pipeline, settings, frames(case, WARM_UP + count))
    pipeline.close()
    times = times[WARM_UP:] * 1e3
    (p50, network, copy), p95 = np.median(times, axis=0).tolist(), float(np.percentile(times[:, 0], 95))
    stages = {name: stage.quantile(0.5) * 1e3 for name, stage in laps.stages.items()}
    return Result(case.name, rate, p50, p95, network, copy, p50 / (network + copy), stages, unswapped)


def throughput(pipeline: Pipeline, settings: Settings, images: Iterator[Image]) -> float:
    """Frames a second with as many in work as in the runner; drawing the frames is not timed."""
    laps, marker, rates, ahead = Laps(), Marker(), [], deque[Begun]()

    def finish(begun: Begun) -> None:
        done = pipeline.finish(begun, settings, laps)
        marker.mark(done.image, begun.image, done, settings.label, writable=done.own)

    while chunk := list(islice(images, CHUNK)):
        began = time.perf_counter()
        for image in chunk:
            ahead.append(pipeline.begin(image))
            if len(ahead) > BEGUN:
                finish(ahead.popleft())
        while ahead:
            finish(ahead.popleft())
        rates.append(len(chunk) / (time.perf_counter() - began))
    return float(np.median(rates))


def cold_start(source: str) -> Result:
    """Start fresh processes and wait for their first swapped frame."""
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder, "frame.png"))
        cv2.imwrite(target, next(iter(frames(CASES["720p-1-face"], 1))))
        first_ever = _start(source, target, os.environ | {"NUMBA_CACHE_DIR": str(Path(folder, "kernels"))})
        _start(source, target, dict(os.environ))  # the kernels are compiled now, whatever was there before
        starts = [_start(source, target, dict(os.environ)) for _ in range(STARTS)]
    p50, p95 = np.percentile(starts, [50, 95])
    return Result(COLD, None, float(p50), float(p95), first_ever_ms=first_ever)


def _start(source: str, target: str, environment: dict[str, str]) -> float:
    """Milliseconds from the start of a process to its first swapped frame."""
    program = Path(__file__).with_name("measures") / "first_frame.py"
    command = [sys.executable, str(program), str(path_of(source)), target]
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        took = (time.perf_counter() - began) * 1e3
        _, errors = child.communicate()
    if not first.startswith("swapped 1"):
        raise RuntimeError(f"the first frame was not swapped: {first} {errors}")
    return took


def line(result: Result) -> str:
    """The figures of one case, for people."""
    if result.fps is None:
        return (
            f"{result.name:14} {'':7} {result.p50_ms:8.0f} {result.p95_ms:8.0f}   first ever {result.first_ever_ms:.0f}"
        )
    stages = "  ".join(f"{name} {value:.2f}" for name, value in result.stages_ms.items())
    missed = f"  ({result.unswapped} faces were not swapped)" if result.unswapped else ""
    return (
        f"{result.name:14} {result.fps:7.1f} {result.p50_ms:8.2f} {result.p95_ms:8.2f} {result.networks_ms:9.2f} "
        f"{result.copy_ms:6.2f} {result.ratio:6.2f}   {stages}{missed}"
    )


def checks(results: dict[str, Result]) -> Iterator[tuple[str, float, float, bool]]:
    """Name, value, limit and whether it holds, for every bar that the results can tell of."""
    one, large, four, start = (results.get(name) for name in ("720p-1-face", "1080p-1-face", "720p-4-faces", COLD))
    for result in results.values():
        if result.ratio is not None:
            yield f"{result.name}: time by irreducible work", result.ratio, 2.2, result.ratio <= 2.2
    if one and one.fps:
        yield "720p-1-face: frames a second, at least", one.fps, 120, one.fps >= 120
    if one and large:
        growth = large.p50_ms / one.p50_ms
        yield "1080p by 720p", growth, 1.8, growth <= 1.8
    if one and four:
        further = (four.p50_ms - one.p50_ms) / 3 / one.p50_ms
        yield "each further face by the first", further, 0.8, further <= 0.8
    if start:
        yield "cold start, seconds", start.p50_ms / 1e3, 2.5, start.p50_ms < 2500


if __name__ == "__main__":
    sys.exit(main())
