"""Where, in other pictures, the things behind a hole can be seen: motion followed from picture to picture.

Only the pixels of holes are worked on; of each picture they are numbered row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.inpainting.shots import Hole

NOWHERE = -1
_BORDER = np.ones((7, 7), np.uint8)
"""Three pixels: as far as cubic sampling reaches, and the half pixel that a chain may be off."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """From each pixel of a picture's hole to a neighbouring picture."""

    motion: F32
    """N×2: (dx, dy) in pixels."""
    sure: NDArray[np.bool_]
    """N: whether the way back leads home."""


@dataclass(slots=True, eq=False)
class Slots:
    """The pixels of a hole, and those so near that a sample between them would take in some of the hole."""

    hole: Hole
    wide: Hole = field(init=False)
    """The hole and its border."""
    rows: NDArray[np.int32] = field(init=False)
    columns: NDArray[np.int32] = field(init=False)
    inner: NDArray[np.bool_] = field(init=False)
    """N: which of them are in the hole itself."""

    def __post_init__(self) -> None:
        self.wide = np.asarray(cv2.dilate(self.hole.view(np.uint8), _BORDER)).view(np.bool_)
        rows, columns = np.nonzero(self.wide)
        self.rows, self.columns = rows.astype(np.int32), columns.astype(np.int32)
        self.inner = self.hole[rows, columns]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def places(self) -> F32:
        """N×2: their columns and rows."""
        return np.stack([self.columns, self.rows], axis=1).astype(np.float32)

    def numbers(self) -> NDArray[np.int32]:
        """H×W: the number of each pixel; elsewhere NOWHERE."""
        numbers = np.full(self.hole.shape, NOWHERE, np.int32)
        numbers[self.rows, self.columns] = np.arange(self.count, dtype=np.int32)
        return numbers


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """Where each pixel of a hole and its border can be seen."""

    picture: NDArray[np.int32]
    """N: in which picture; NOWHERE: in none."""
    place: F32
    """N×2: at which column and row of it."""
    whole: NDArray[np.bool_]
    """N: only that very pixel is clean, and nothing between it and the next."""

    @classmethod
    def own(cls, slots: Slots, index: int) -> Sights:
        """What picture `index` shows itself: the border, pixel by pixel."""
        picture = np.where(slots.inner, np.int32(NOWHERE), np.int32(index))
        return cls(picture, slots.places, ~slots.inner)


def follow(slots: Slots, index: int, steps: Steps, to: int, beyond: Slots, sights: Sights, farthest: int) -> Sights:
    """What can be seen from the hole of picture `index` by one step to picture `to`, whose hole and sights are given.

    What is hidden there too is seen where that picture's own hole sees it, unless in a picture past `farthest`.
    """
    height, width = slots.hole.shape
    at = slots.places + steps.motion
    inside = steps.sure & (at >= 0).all(axis=1) & (at[:, 0] <= width - 1) & (at[:, 1] <= height - 1)
    pixel = np.rint(np.where(inside[:, None], at, 0)).astype(np.int32)
    number = beyond.numbers()[pixel[:, 1], pixel[:, 0]]
    picture = np.where(inside, np.int32(to), np.int32(NOWHERE))
    place, whole = at.astype(np.float32), np.zeros(slots.count, np.bool_)
    further = np.flatnonzero(inside & (number != NOWHERE))
    beyond_number = number[further]
    picture[further] = sights.picture[beyond_number]
    whole[further] = sights.whole[beyond_number]
    between = np.where(whole[further, None], 0, at[further] - pixel[further])
    place[further] = sights.place[beyond_number] + between
    picture[picture > farthest if farthest >= to else picture < farthest] = NOWHERE
    itself = ~slots.inner & ((picture == NOWHERE) | whole)
    picture[itself], place[itself], whole[itself] = index, slots.places[itself], True
    np.clip(place, 0, (width - 1, height - 1), out=place)
    return Sights(picture, place, whole)
