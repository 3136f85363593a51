"""Face meshes for analysers that find five points only, so that any analyser serves any engine and any mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Analyser, Resumable
from liveswapping.faces.landmarks import NEW
from liveswapping.faces.lanes import Lanes
from liveswapping.faces.region import TurnedSquare
from liveswapping.imaging.smoothing import MeshSmoother

_AROUND: Final = 1.5
"""The first look is this many times the longer side of a detector's box (MediaPipe's landmark graphs)."""


class MeshedAnalyser:
    """Analyser that adds the built-in mesh to what another one finds, which it owns. Has one worker thread."""

    def __init__(self, finder: Analyser, model_path: Callable[[str], Path], *, required: bool) -> None:
        """`required`: leave out faces on which no mesh is found; else they come as they are. Raises ModelError."""
        self._finder = finder
        self._lanes = Lanes(model_path)
        self._required = required
        self._smoothers: dict[int, MeshSmoother] = {}

    def faces(self, image: Image) -> Sequence[Face]:
        """What the other analyser finds, in its order, with meshes; boxes, points and tracks stay its own."""
        found = self._finder.faces(image)
        sights = self._lanes.sights(image, [_region(face) for face in found], NEW)
        self._smoothers = {face.track_id: self._smoother(face.track_id) for face in found if face.track_id >= 0}
        meshed = []
        for face, sight in zip(found, sights, strict=True):
            if sight is not None:
                smoother = self._smoothers.get(face.track_id)
                meshed.append(replace(face, mesh=sight.mesh if smoother is None else smoother(sight.mesh)))
            elif not self._required:
                meshed.append(face)
        return meshed

    def reset(self) -> None:
        """Forget what was followed."""
        self._smoothers = {}
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


def _region(face: Face) -> TurnedSquare:
    """Where a face of five points is first looked at: around its box, turned with its eyes."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    across = face.keypoints[1] - face.keypoints[0]
    angle = math.atan2(float(across[1]), float(across[0]))
    return TurnedSquare(
        (left + right) / 2, (top + bottom) / 2, max(_AROUND * max(right - left, bottom - top), 1.0), angle
    )
