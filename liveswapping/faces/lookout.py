"""Sees that somebody is there, in the very picture in which they come in: for what must not wait for tracking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.faces.blazeface import FULL_RANGE, BlazeFace
from liveswapping.faces.search import tiles, whole

_DOUBTFUL: Final = 0.25
"""How sure the detector must be: what is covered in vain for a frame costs less than a face that is seen."""


class Lookout:
    """Two detections a picture: of all of it, and of its left and its right side in turn. One thread at a time."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        """Raises ModelError."""
        self._detector = BlazeFace(FULL_RANGE, model_path)
        self._turn = 0

    def __call__(self, image: Image) -> Sequence[F32]:
        """(4,) x1, y1, x2, y2 of everything that may be a face."""
        found = self._detector.detect(image, whole(image), _DOUBTFUL)
        sides = tiles(image, min(image.shape[:2]))
        if len(sides) > 1:  # who comes in does so from a side, and is best seen close up
            self._turn = (self._turn + 1) % 2
            found += self._detector.detect(image, sides[-self._turn], _DOUBTFUL)
        half = [one.size / 2 for one in found]
        return [
            np.array([one.x - reach, one.y - reach, one.x + reach, one.y + reach], np.float32)
            for one, reach in zip(found, half, strict=True)
        ]
