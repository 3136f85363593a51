"""Whether a real face ever leaves a live run: `python scripts/privacy.py [--frames N] [--json]`.

The real runner, with every default on, is shown scenes in which it has to take care: the start, an engine that answers
late, a change of the engine, an engine that fails, something that passes over the face, a face that turns until it is
seen from the side and back, a second person who comes in.
Every picture that leaves is compared with what the camera saw: faces are looked for in each of the camera's pictures as
in the first one of a stream, apart from the run, and where one is found at least a quarter of it must have changed,
or it counts as seen.
Faces narrower than 40 pixels or cut off by the picture's border by more than a third are left out.

With `--json`, the last thing printed is one JSON object. The exit code is 1 where a face was seen.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np

from liveswapping.build import open_store
from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Frame, Image
from liveswapping.domain.protocols import Swapper
from liveswapping.domain.settings import Settings
from liveswapping.faces.lookout import Lookout
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.media.scene import Scene
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.runner import Runner
from liveswapping.swappers.mesh.engine import MeshSwapper
from liveswapping.swappers.temporal.engine import Answer, TemporalSwapper
from scripts.measures.bars import Bar
from scripts.measures.in_between import LateLane
from scripts.measures.people import faces_in, identity, picture_of
from scripts.measures.turned_head import turned_heads

SIZE = (640, 360)
CHANGED, SHARE = 6, 0.25
"""Levels by which a pixel differs, and the share of a face's pixels that must."""
NARROWEST, CUT_OFF = 40, 1 / 3


@dataclass(slots=True)
class Film:
    """A live source that shows every one of its frames, and does something before some of them."""

    frames: Sequence[Image]
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    live: bool = True
    _next: int = 0

    def read(self, timeout: float) -> Frame | None:
        """The next frame."""
        if self._next == len(self.frames):
            raise EndOfStream
        if self._next in self.before:
            self.before[self._next]()
        self._next += 1
        return Frame(self.frames[self._next - 1], self._next - 1, time.perf_counter())

    def close(self) -> None:
        """Nothing to release."""


@dataclass(slots=True)
class Recorded:
    """A sink that keeps what left."""

    images: dict[int, Image] = field(default_factory=dict)

    def write(self, frame: Frame) -> None:
        """Keep one."""
        self.images[frame.index] = frame.image.copy()

    def close(self) -> None:
        """Nothing to release."""


class Failing(MeshSwapper):
    """The built-in engine, which fails from its 20th call to its 40th."""

    calls = 0

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """Its patches, or an error."""
        self.calls += 1
        if 20 <= self.calls < 40:
            raise RuntimeError("this engine fails")
        return super().swap(image, targets)


def main(arguments: list[str] | None = None) -> int:
    """Run all scenes, print what was found, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Look for real faces in what leaves a live run.")
    parser.add_argument("--frames", type=int, default=90, help="of each scene")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    looker = MediapipeAnalyser(open_store(Settings()).path)
    bars = []
    try:
        for name, frames, left in scenes(options.frames, identity(("hanks",))):
            faces, seen = judged(frames, left, looker)
            print(f"       {name}: {len(left)} pictures left, {faces} faces in them before")
            bars.append(Bar(f"{name}: real faces seen", seen, 0))
            print(bars[-1], flush=True)
    finally:
        looker.close()
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def scenes(count: int, person: Identity) -> Iterator[tuple[str, Sequence[Image], dict[int, Image]]]:
    """Name, what the camera saw, and what left."""
    portrait = picture_of("astronaut")
    scene = Scene(portrait, faces_in(portrait)[:1], SIZE)
    plain = [scene.draw(index) for index in range(count)]
    yield "start", plain, _left(plain, MeshSwapper(), person)
    yield (
        "an engine that answers late",
        plain,
        _left(plain, TemporalSwapper(MeshSwapper(), LateLane[Answer](15)), person),
    )
    yield "another engine", plain, _left(plain, MeshSwapper(), person, switch_at=count // 3)
    yield "an engine that fails", plain, _left(plain, Failing(), person)
    covered = [_covered(image, index / count) for index, image in enumerate(plain)]
    yield "something over the face", covered, _left(covered, MeshSwapper(), person)
    turned = turned_heads(portrait, faces_in(portrait)[0], SIZE, _to_the_side(count))
    yield "a face that turns to the side", turned, _left(turned, MeshSwapper(), person)
    two = [_with_guest(image, index / count) for index, image in enumerate(plain)]
    yield "somebody else comes in", two, _left(two, MeshSwapper(), person)


def _to_the_side(count: int) -> F32:
    """Degrees, frame by frame: to 85 and back."""
    return np.asarray(85.0 * np.sin(np.linspace(0.0, np.pi, count)), np.float32)


def _left(
    frames: Sequence[Image], swapper: Swapper, person: Identity, switch_at: int | None = None
) -> dict[int, Image]:
    """What left a run, by the frames' numbers."""
    path, sink = open_store(Settings()).path, Recorded()

    def pipeline(engine: Swapper) -> Pipeline:
        return Pipeline(MediapipeAnalyser(path), engine, person, OcclusionMasker(path))

    film = Film(frames)
    runner = Runner(film, pipeline(swapper), [sink], Settings(), lambda _: pipeline(MeshSwapper()), Lookout(path))
    if switch_at is not None:
        film.before[switch_at] = lambda: runner.update(replace(runner.settings, source_index=0))
    runner.run()
    return sink.images


def _covered(image: Image, moment: float) -> Image:
    """A skin-coloured block passes over the face."""
    result = image.copy()
    height, width = image.shape[:2]
    left = int((1.2 * moment - 0.3) * width)
    cv2.rectangle(result, (left, height // 4), (left + width // 5, height), (120, 150, 200), -1)
    return result


def _with_guest(image: Image, moment: float) -> Image:
    """Somebody comes in from the right and stays."""
    guest = cv2.resize(picture_of("hanks"), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    height, width = guest.shape[:2]
    shown = min(width, int(2 * moment * width))
    result = image.copy()
    if shown:
        result[100 : 100 + height, -shown:] = guest[:, :shown]
    return result


def judged(frames: Sequence[Image], left: dict[int, Image], looker: MediapipeAnalyser) -> tuple[int, int]:
    """How many faces the camera saw, and how many of them could be seen in what left."""
    faces = seen = 0
    for index, image in enumerate(frames):
        if index not in left:
            continue
        looker.reset()
        for face in looker.faces(image):
            if not _counts(face, image):
                continue
            faces += 1
            seen += _is_seen(face, image, left[index])
    return faces, seen


def _counts(face: Face, image: Image) -> bool:
    left, top, right, bottom = face.box
    width, height = (
        max(0.0, min(right, image.shape[1]) - max(left, 0)),
        max(0.0, min(bottom, image.shape[0]) - max(top, 0)),
    )
    return bool(right - left >= NARROWEST and width * height > (1 - CUT_OFF) * (right - left) * (bottom - top))


def _is_seen(face: Face, before: Image, after: Image) -> bool:
    left, top, right, bottom = face.box.astype(int)
    inside = slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right))
    changed = np.abs(before[inside].astype(int) - after[inside]).max(axis=2) > CHANGED
    return float(changed.mean()) < SHARE


if __name__ == "__main__":
    sys.exit(main())
