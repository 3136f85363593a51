"""Sees that somebody is there, in the very picture in which they come in: for what must not wait for tracking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.faces.blazeface import FULL_RANGE, BlazeFace
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.search import whole
from liveswapping.inference.small_networks import Load, on_processor

_DOUBTFUL: Final = 0.25
"""How sure the detector must be: what is covered in vain for a frame costs less than a face that is seen."""


_EDGE: Final = 1 / 6
"""Share of a picture's width at either side through which whoever comes in must pass."""
_BEYOND: Final = 0.25
"""Share of a side's square that lies beyond the picture."""
_CELLS: Final = (8, 24)
_STIRRED: Final = 3.0
"""Levels by which one of so many cells of an edge must have changed for something to be moving there."""


class Lookout:
    """Two or three detections a picture: of all of it, of one side in turn, and of the other where something moves.

    One thread at a time.
    """

    def __init__(self, model_path: Callable[[str], Path], load: Load = on_processor) -> None:
        """Raises ModelError."""
        self._detector = BlazeFace(FULL_RANGE, model_path, load, (2, 3))
        self._turn = 0
        self._edges: list[Image | None] = [None, None]

    def __call__(self, image: Image) -> Sequence[F32]:
        """(4,) x1, y1, x2, y2 of everything that may be a face."""
        squares = [whole(image)]
        if image.shape[1] > image.shape[0]:  # who comes in does so from a side, and is best seen close up
            self._turn = 1 - self._turn
            sides = [number for number in (0, 1) if self._stirs(image, number) or number == self._turn]
            squares += [_side(image, number) for number in sides]
        found = self._detector.detect_in(image, squares, _DOUBTFUL)
        half = [one.size / 2 for one in found]
        return [
            np.array([one.x - reach, one.y - reach, one.x + reach, one.y + reach], np.float32)
            for one, reach in zip(found, half, strict=True)
        ]

    def _stirs(self, image: Image, number: int) -> bool:
        """Whether anything moved at the left (0) or right (1) edge of a picture since the one before."""
        width = max(1, int(image.shape[1] * _EDGE))
        strip = image[:, -width:] if number else image[:, :width]
        now = np.asarray(cv2.resize(strip, _CELLS, interpolation=cv2.INTER_AREA), np.uint8)
        before, self._edges[number] = self._edges[number], now
        if before is None or before.shape != now.shape:
            return True
        return float(cv2.absdiff(now, before).max()) > _STIRRED


def _side(image: Image, number: int) -> TurnedSquare:
    """The left (0) or right (1) side and a little of what is beyond it: half a face shall not lie at a border."""
    height, width = image.shape[:2]
    inwards = (0.5 - _BEYOND) * height
    return TurnedSquare(width - 1 - inwards if number else inwards, (height - 1) / 2, float(height))
