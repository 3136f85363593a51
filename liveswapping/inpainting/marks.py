"""What of each picture is to go."""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.inpainting.motion import Grey, grey
from liveswapping.inpainting.shots import Hole

_POINTS: Final = 120
"""Points of a thing that are followed."""
_LEAST_POINTS: Final = 6
_RETURNED: Final = 1.0
"""Pixels by which a point may miss on its way back."""
_LARGEST: Final = 640
"""Pixels of the longer side at which things are followed."""
_WINDOW: Final = (21, 21)
_APART: Final = 1.0
"""Pixels by which a point's motion differs from the background's where it is the thing's own."""
_OWN: Final = 0.15
"""Share of the points in a mask that must have such a motion before the others are left out."""


class Marker(Protocol):
    """Says what of each picture of one clip is to go. Asked for every picture, in order; one thread."""

    def mark(self, image: Image) -> Hole:
        """Of the next picture, at its size. Raises SourceError where there is no mask for it."""
        ...

    def end(self, pictures: int) -> None:
        """The clip is over and had so many. Raises SourceError where there are masks for more."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


class SameMark:
    """The same of every picture."""

    def __init__(self, hole: Hole) -> None:
        self._hole = hole

    def mark(self, image: Image) -> Hole:
        """As `Marker.mark`."""
        return self._hole

    def end(self, pictures: int) -> None:
        """However many."""

    def close(self) -> None:
        """Nothing is held."""


class FollowedMark:
    """What was drawn on the first picture, and goes along with what it was drawn on.

    Points in it are followed by pyramidal Lucas-Kanade flow, there and back; their common shift, turn and size, by
    RANSAC, move the drawing.
    """

    def __init__(self, hole: Hole) -> None:
        self._first = hole
        self._hole = hole
        self._matrix = np.eye(3)
        self._last: Grey | None = None

    def mark(self, image: Image) -> Hole:
        """As `Marker.mark`."""
        height, width = image.shape[:2]
        share = min(1.0, _LARGEST / max(height, width))
        now = grey(image, (max(16, round(width * share)), max(16, round(height * share))))
        if self._last is not None:
            step = _motion(self._last, now, self._hole)
            if step is not None:
                scale = np.diag([now.shape[1] / width, now.shape[0] / height, 1.0])
                self._matrix = np.linalg.inv(scale) @ step @ scale @ self._matrix
                moved = cv2.warpAffine(
                    self._first.astype(np.uint8), self._matrix[:2], (width, height), flags=cv2.INTER_NEAREST
                )
                self._hole = np.asarray(moved).astype(np.bool_)
        self._last = now
        return self._hole

    def end(self, pictures: int) -> None:
        """However many."""

    def close(self) -> None:
        """Nothing is held."""


def _motion(before: Grey, now: Grey, hole: Hole) -> NDArray[np.float64] | None:
    """3×3: how what lies in the hole moves, at the size of the greys; None: it cannot be told.

    A box holds some of the background, too: points that do as the background around it does count only where there are
    hardly others.
    """
    size = before.shape[1], before.shape[0]
    inside = np.asarray(cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.uint8)
    points, there = _followed(before, now, inside)
    if len(points) < _LEAST_POINTS:
        return None
    around = _common(*_followed(before, now, np.uint8(1) - inside))
    if around is not None:
        own = np.linalg.norm(points @ around[:, :2].T + around[:, 2] - there, axis=1) > _APART
        if own.sum() >= max(_LEAST_POINTS, _OWN * len(points)):
            points, there = points[own], there[own]
    matrix = _common(points, there)
    return None if matrix is None else np.vstack([matrix, [0.0, 0.0, 1.0]])


def _followed(before: Grey, now: Grey, where: NDArray[np.uint8]) -> tuple[F32, F32]:
    """Points of one picture, N×2, and where they are in the next."""
    found: object = cv2.goodFeaturesToTrack(before, _POINTS, 0.01, 4, mask=where)
    if found is None:  # which OpenCV's types do not tell
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    points = np.asarray(found, np.float32).reshape(-1, 2)
    there, gone = _flowed(before, now, points)
    back, lost = _flowed(now, before, there)
    good = ~gone & ~lost & (np.linalg.norm(back - points, axis=1) < _RETURNED)
    return points[good], there[good]


def _flowed(before: Grey, now: Grey, points: F32) -> tuple[F32, NDArray[np.bool_]]:
    """Where points are in the next picture, and which were lost."""
    start = points.copy()
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, now, points, start, winSize=_WINDOW)
    return np.asarray(there, np.float32).reshape(-1, 2), np.asarray(found).ravel() == 0


def _common(points: F32, there: F32) -> NDArray[np.float64] | None:
    """2×3: the shift, turn and size that most points share."""
    if len(points) < _LEAST_POINTS:
        return None
    cv2.setRNGSeed(0)  # so that a clip gives the same masks each time
    matrix, _ = cv2.estimateAffinePartial2D(points, there, ransacReprojThreshold=1.5)
    return None if matrix is None else np.asarray(matrix, np.float64)
