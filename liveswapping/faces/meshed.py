"""Face meshes for analysers that find five points only, so that any analyser serves any engine and any mask."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Adjustable, Analyser, Resumable
from liveswapping.faces.landmarks import NEW, TRACKED, Sight
from liveswapping.faces.lanes import Lanes
from liveswapping.faces.region import TurnedSquare
from liveswapping.imaging.align import similarity
from liveswapping.imaging.smoothing import MeshSmoother

_AROUND: Final = 1.5
"""The first look is this many times the longer side of a detector's box (MediaPipe's landmark graphs)."""
SELDOM: Final = "faces are looked for in every third frame"
"""In between they are followed by their meshes."""
_INTERVAL: Final = 3


class MeshedAnalyser:
    """Analyser that adds the built-in mesh to what another one finds, which it owns. Has one worker thread."""

    def __init__(self, finder: Analyser, model_path: Callable[[str], Path], *, required: bool) -> None:
        """`required`: leave out faces on which no mesh is found; else they come as they are. Raises ModelError."""
        self._finder = finder
        self._lanes = Lanes(model_path)
        self._required = required
        self._smoothers: dict[int, MeshSmoother] = {}
        self._interval, self._since, self._took = 1, 0, 0.0
        self._last: list[tuple[Face, Sight]] = []

    def faces(self, image: Image) -> Sequence[Face]:
        """What the other analyser finds, in its order, with meshes; boxes, points and tracks stay its own."""
        self._since += 1
        if self._since < self._interval and self._last:
            followed = self._followed(image)
            if followed is not None:
                return followed
        self._since, began = 0, time.perf_counter()
        found = self._finder.faces(image)
        self._took = time.perf_counter() - began
        return self._meshed(found, self._lanes.sights(image, [_region(face) for face in found], NEW))

    def _followed(self, image: Image) -> Sequence[Face] | None:
        """The last frame's faces where their meshes are now; None where one of them is gone from there."""
        sights = self._lanes.sights(image, [sight.surface.better for _, sight in self._last], TRACKED)
        moved = [
            _moved(face, similarity(before.mesh[:, :2], now.mesh[:, :2]))
            for (face, before), now in zip(self._last, sights, strict=True)
            if now is not None
        ]
        return self._meshed(moved, sights) if len(moved) == len(self._last) else None

    def _meshed(self, found: Sequence[Face], sights: Sequence[Sight | None]) -> Sequence[Face]:
        self._last = [(face, sight) for face, sight in zip(found, sights, strict=True) if sight is not None]
        self._smoothers = {face.track_id: self._smoother(face.track_id) for face in found if face.track_id >= 0}
        meshed = []
        for face, sight in zip(found, sights, strict=True):
            if sight is not None:
                smoother = self._smoothers.get(face.track_id)
                meshed.append(replace(face, mesh=sight.mesh if smoother is None else smoother(sight.mesh)))
            elif not self._required:
                meshed.append(face)
        return meshed

    @property
    def savings(self) -> Sequence[str]:
        """It can ask the other analyser less often; then what that one can give up."""
        return (SELDOM, *self._finder.savings) if isinstance(self._finder, Adjustable) else (SELDOM,)

    def save(self, count: int) -> None:
        """As `savings`."""
        self._interval = _INTERVAL if count else 1
        if isinstance(self._finder, Adjustable):
            self._finder.save(max(0, count - 1))

    def cost(self, count: int) -> float:
        """By what looking for faces took last, and what the other analyser says."""
        if count == 1:
            return self._took * (1 - 1 / _INTERVAL)
        return self._finder.cost(count - 1) / _INTERVAL if isinstance(self._finder, Adjustable) else 0.0

    def reset(self) -> None:
        """Forget what was followed."""
        self._smoothers, self._last = {}, []
        self._finder.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._smoothers, self._finder.state() if isinstance(self._finder, Resumable) else None

    def restore(self, state: tuple[dict[int, MeshSmoother], object]) -> None:
        """As `Resumable.restore`."""
        self._smoothers, within = state
        finder: object = self._finder
        if isinstance(finder, Resumable):
            finder.restore(within)

    def close(self) -> None:
        """Release both."""
        with ExitStack() as parts:
            parts.callback(self._lanes.close)
            parts.callback(self._finder.close)

    def _smoother(self, track: int) -> MeshSmoother:
        return self._smoothers.get(track) or MeshSmoother()


def _moved(face: Face, onto: F32) -> Face:
    """`face` under a similarity (2, 3), its box still upright."""
    middle, half = (face.box[:2] + face.box[2:]) / 2, (face.box[2:] - face.box[:2]) / 2
    middle, half = onto[:, :2] @ middle + onto[:, 2], half * np.hypot(onto[0, 0], onto[1, 0])
    keypoints = face.keypoints @ onto[:, :2].T + onto[:, 2]
    return replace(face, box=np.concatenate([middle - half, middle + half]), keypoints=keypoints)


def _region(face: Face) -> TurnedSquare:
    """Where a face of five points is first looked at: around its box, turned with its eyes."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    across = face.keypoints[1] - face.keypoints[0]
    angle = math.atan2(float(across[1]), float(across[0]))
    return TurnedSquare(
        (left + right) / 2, (top + bottom) / 2, max(_AROUND * max(right - left, bottom - top), 1.0), angle
    )
