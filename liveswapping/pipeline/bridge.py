"""Faces that an analyser loses for a moment are carried over the gap, from the frame before it to the frame after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32

_FARTHEST: Final = 1.0
"""Face widths that a face may move per gap and still be taken to have gone straight."""
_GROWTH: Final = 1.5
"""The same for its size."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Where a face was last seen, and how many frames ago."""

    face: Face
    age: int = 0


class Bridge:
    """Fills gaps in tracks. One stream; one thread at a time."""

    def __init__(self, longest: int) -> None:
        """`longest`: gaps of more frames than this stay open; so many later frames are asked for at most."""
        self.longest: Final = longest
        self._known: dict[int, Sighting] = {}

    def fill(self, faces: Sequence[Face], later: Iterable[Sequence[Face]]) -> Sequence[Face]:
        """The next frame's faces, largest first, with those in a gap put in.

        `later` are the faces of the frames after it, in order; read only where a face is missing, and only as far as
        its gap may reach.
        """
        here = {face.track_id for face in faces}
        missing = [ident for ident in self._known if ident not in here]
        bridged = self._carried(missing, later) if missing else []
        known = {face.track_id: Sighting(face) for face in faces if face.track_id >= 0}
        for face in bridged:
            before = self._known[face.track_id]
            known[face.track_id] = Sighting(before.face, before.age + 1)
        self._known = known
        return faces if not bridged else sorted((*faces, *bridged), key=lambda face: -_area(face))

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._known

    def restore(self, state: dict[int, Sighting]) -> None:
        """As `Resumable.restore`."""
        self._known = state

    def reset(self) -> None:
        """Forget earlier frames."""
        self._known = {}

    def _carried(self, missing: list[int], later: Iterable[Sequence[Face]]) -> list[Face]:
        carried = []
        waiting = set(missing)
        for distance, faces in enumerate(later, start=1):
            if not waiting or distance > self.longest:
                break
            for face in faces:
                if face.track_id in waiting:
                    waiting.remove(face.track_id)
                    carried += self._between(self._known[face.track_id], face, distance)
        return carried

    def _between(self, before: Sighting, after: Face, distance: int) -> list[Face]:
        """The face on its way, or nothing where the gap is too long or the way too far."""
        gone = before.age + 1
        if gone + distance - 1 > self.longest or not _plausible(before.face, after):
            return []
        return [_mixed(before.face, after, gone / (gone + distance))]


def _plausible(before: Face, after: Face) -> bool:
    sizes = _width(before), _width(after)
    moved = float(np.hypot(*(_middle(after) - _middle(before))))
    return moved < _FARTHEST * max(sizes) and max(sizes) < _GROWTH * min(sizes)


def _mixed(before: Face, after: Face, share: float) -> Face:
    mesh = None if before.mesh is None or after.mesh is None else _towards(before.mesh, after.mesh, share)
    return replace(
        before,
        box=_towards(before.box, after.box, share),
        keypoints=_towards(before.keypoints, after.keypoints, share),
        mesh=mesh,
        score=min(before.score, after.score),
    )


def _towards(start: F32, end: F32, share: float) -> F32:
    return np.asarray(start + np.float32(share) * (end - start), np.float32)


def _middle(face: Face) -> F32:
    return np.asarray((face.box[:2] + face.box[2:]) / 2, np.float32)


def _width(face: Face) -> float:
    return max(float(face.box[2] - face.box[0]), 1.0)


def _area(face: Face) -> float:
    return float(np.prod(face.box[2:] - face.box[:2]))
