"""The label that says in the picture itself that a face in it was swapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.provenance.placement import Placement, Spot

TEXT: Final = "AI FACE SWAP"
PLATE: Final = 150
"""How much of the picture the plate behind the letters hides, of 255: they are read on snow and on coal."""
_WEIGHT: Final = 600
_SIZES_KEPT: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A label ready to be blended, both (h, w, 3): a pixel becomes (pixel × `through` + `light`) / 255.

    `light` has the 128 in it with which that is rounded.
    """

    light: NDArray[np.uint16]
    through: NDArray[np.uint16]


class Label:
    """Puts the label into the pictures of one stream. One thread at a time."""

    def __init__(self) -> None:
        self._placement = Placement(size_of)

    def place(self, shape: tuple[int, ...], boxes: Sequence[F32]) -> Spot | None:
        """Where it goes in the next picture, of `shape` h×w×…: over none of `boxes` (4,) x1, y1, x2, y2 in pixels.

        None: there is no room. It stays where it is for as long as no face comes there.
        """
        return self._placement.next(shape[0], shape[1], boxes)

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._placement.state()

    def restore(self, state: object) -> None:
        """As `Resumable.restore`."""
        self._placement.restore(state)


def draw(image: Image, spot: Spot) -> None:
    """Blend the label into `image`, in place."""
    drawn = _drawn(spot.letters)
    height, width = drawn.light.shape[:2]
    part = image[spot.top : spot.top + height, spot.left : spot.left + width]
    sum_ = part * drawn.through
    sum_ += drawn.light
    sum_ += sum_ >> 8  # with the half in `light`, a division by 255 to the nearest: n + 128 + (n + 128) / 256, by 256
    sum_ >>= 8
    part[:] = sum_


def size_of(letters: int) -> tuple[int, int]:
    """Width and height, in pixels, of a label whose letters are set at `letters` pixels."""
    height, width = _drawn(letters).light.shape[:2]
    return width, height


@lru_cache(_SIZES_KEPT)
def _drawn(letters: int) -> _Drawn:
    """White letters on a dark plate with round corners."""
    font = cv2.FontFace("sans")
    left, top, wide, high = cv2.getTextSize((0, 0), TEXT, (0, 0), font, letters, _WEIGHT)
    side, above = round(0.5 * letters), round(0.36 * letters)
    width, height = wide + 2 * side, high + 2 * above
    text = np.zeros((height, width, 3), np.uint8)
    cv2.putText(text, TEXT, (side - left, above - top), (255, 255, 255), font, letters, _WEIGHT)
    plate = np.zeros((height, width), np.uint8)
    radius = max(1, round(0.3 * letters))
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(plate, (x, y), radius, PLATE, cv2.FILLED, cv2.LINE_AA)
    plate[radius : height - radius] = plate[:, radius : width - radius] = PLATE
    light = text[:, :, :1].astype(np.uint16)
    hidden = light + plate[:, :, None] * (255 - light) // 255
    through = np.repeat((255 - hidden).astype(np.uint16), 3, axis=2)
    return _Drawn(np.repeat(light * np.uint16(255) + np.uint16(128), 3, axis=2), through)
