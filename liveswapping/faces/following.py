"""Which face is which, and steady keypoints, for detectors that see every frame for itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32
from liveswapping.faces.blazeface import overlap

_SAME: Final = 0.3
"""Overlap (intersection over union) from which on two boxes are one face."""
_PATIENCE: Final = 5
"""Frames for which a face that is not seen keeps its number."""
_CUTOFF: Final = 0.06
"""Cut-off frequency at rest, in cycles per frame."""
_OPENING: Final = 8.0
"""How fast the cut-off rises with the speed, per face width per frame (the paper's beta)."""
_SPEED_CUTOFF: Final = 0.3
COARSELY: Final = "faces are looked for in pictures of {} pixels"
"""What such a detector gives up by looking at smaller pictures, in words."""


@dataclass(slots=True, eq=False)
class Followed:
    """One face over time, its keypoints through a One Euro filter (Casiez, Roussel & Vogel 2012), in frames."""

    number: int
    box: F32
    points: F32
    speed: F32
    raw: F32
    unseen: int = 0

    def see(self, face: Face) -> Face:
        """`face` with this face's number and smoothed keypoints."""
        width = max(float(face.box[2] - face.box[0]), 1.0)
        self.speed = self.speed + _share(_SPEED_CUTOFF) * (face.keypoints - self.raw - self.speed)
        # One speed for all points: a head moves as a whole, and five points that lag differently would twist the crop.
        pace = float(np.linalg.norm(self.speed, axis=1).mean()) / width
        self.points = self.points + _share(_CUTOFF + _OPENING * pace) * (face.keypoints - self.points)
        self.raw, self.box, self.unseen = face.keypoints, face.box, 0
        return replace(face, keypoints=np.asarray(self.points, np.float32), track_id=self.number)


class Follower:
    """Gives faces numbers that stay. One stream; one thread at a time."""

    def __init__(self) -> None:
        self._followed: list[Followed] = []
        self._next = 0

    def follow(self, faces: Sequence[Face]) -> list[Face]:
        """The next frame's faces, in order, numbered and smoothed."""
        free = list(self._followed)
        numbered = []
        for face in faces:
            known = max(free, key=lambda one: _overlap(one.box, face.box), default=None)
            if known is not None and _overlap(known.box, face.box) > _SAME:
                free.remove(known)
                numbered.append(known.see(face))
            else:
                numbered.append(self._welcome(face))
        for lost in free:
            lost.unseen += 1
        self._followed = [one for one in self._followed if one.unseen <= _PATIENCE]
        return numbered

    def reset(self) -> None:
        """Forget all faces; numbers are not used again."""
        self._followed.clear()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._followed, self._next

    def restore(self, state: tuple[list[Followed], int]) -> None:
        """As `Resumable.restore`."""
        self._followed, self._next = state

    def _welcome(self, face: Face) -> Face:
        still = np.zeros_like(face.keypoints)
        self._followed.append(Followed(self._next, face.box, face.keypoints, still, face.keypoints))
        self._next += 1
        return replace(face, track_id=self._next - 1)


def _overlap(box: F32, other: F32) -> float:
    return float(overlap(box, other[None])[0])


def _share(cutoff: float) -> float:
    """How much of a new value an exponential filter of that cut-off (cycles per frame) takes."""
    turns = 2 * math.pi * cutoff
    return turns / (1 + turns)
