"""Where the label goes: never over a face, in the corner it was in if it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liveswapping.domain.frame import F32

SHARE: Final = 0.026
"""Height of the letters, by the picture's shorter side."""
LEAST: Final = 11
"""Pixels: smaller letters are not read."""
SMALLER: Final = (1.0, 0.75, 0.55)
"""What is tried where there is no room."""
TINY: Final = 6
"""Letters of a picture that is a thumbnail; below that there is none."""
WIDEST: Final = 0.6
"""Share of the picture's width that the label may take."""
AIR: Final = 0.05
"""Distance from a face, by the shorter side, with which a place is taken: a head moves."""
RETURNS: Final = 25
"""Pictures for which a corner has to be free before the label comes back to it from a makeshift place."""
STEPS: Final = 12
"""Places that are tried along each side of the picture where all corners are taken."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The label's upper left corner, and the size of its letters, in pixels."""

    left: int
    top: int
    letters: int


class Placement:
    """Decides from picture to picture. The same pictures give the same places."""

    def __init__(self, size_of: Callable[[int], tuple[int, int]]) -> None:
        """`size_of`: width and height of a label by the size of its letters."""
        self._size_of = size_of
        self._spot: Spot | None = None
        self._shape = (0, 0)
        self._waiting = 0
        self._at_home: Spot | None = None
        """The place that is known to be a corner."""

    def next(self, height: int, width: int, boxes: Sequence[F32]) -> Spot | None:
        """The place in the next picture; None where there is none that is free."""
        if (height, width) != self._shape:
            self._shape, self._spot, self._waiting, self._at_home = (height, width), None, 0, None
        air = AIR * min(height, width)
        if self._spot is not None and self._clearance(self._spot, boxes) > 0:
            self._spot = self._back_home(self._spot, boxes, air)
        else:
            self._waiting = 0
            self._spot = self._search(boxes, air)
        return self._spot

    def state(self) -> object:
        """Plain values."""
        spot = self._spot
        return (*self._shape, self._waiting, None if spot is None else (spot.left, spot.top, spot.letters))

    def restore(self, state: Any) -> None:  # noqa: ANN401 - what `state` answered
        """Go on from what `state` answered."""
        height, width, self._waiting, spot = state
        self._shape = (height, width)
        self._spot = None if spot is None else Spot(*spot)

    def _back_home(self, spot: Spot, boxes: Sequence[F32], air: float) -> Spot:
        if spot == self._at_home:
            return spot
        corners = list(self._corners(self._letters()[0]))
        free = next((corner for corner in corners if self._clearance(corner, boxes) >= air), None)
        if spot in corners or free is None:
            self._waiting = 0
            self._at_home = spot if spot in corners else None
            return spot
        self._waiting += 1
        if self._waiting < RETURNS:
            return spot
        self._waiting = 0
        return free

    def _search(self, boxes: Sequence[F32], air: float) -> Spot | None:
        """The first corner with some air around it; else the free place, as large as can be, with the most of it."""
        for letters in self._letters():
            corners = list(self._corners(letters))
            airy = next((spot for spot in corners if self._clearance(spot, boxes) >= air), None)
            if airy is not None:
                return airy
            for places in (corners, list(self._anywhere(letters))):
                best = max(places, key=lambda spot: self._clearance(spot, boxes), default=None)
                if best is not None and self._clearance(best, boxes) > 0:
                    return best
        return None

    def _letters(self) -> list[int]:
        """Sizes to try, the largest that is usual first."""
        height, width = self._shape
        usual = max(LEAST, round(SHARE * min(height, width)))
        while usual > TINY and not self._fits(usual):
            usual -= 1
        sizes = dict.fromkeys(max(TINY, round(usual * share)) for share in SMALLER)
        return [letters for letters in sizes if self._fits(letters)]

    def _fits(self, letters: int) -> bool:
        height, width = self._shape
        wide, high = self._size_of(letters)
        return wide + 2 * self._margin(letters) <= width * (1 if letters == TINY else WIDEST) and high * 3 <= height

    @staticmethod
    def _margin(letters: int) -> int:
        return max(1, round(0.6 * letters))

    def _reach(self, letters: int) -> tuple[int, int, int, int]:
        """The least and the greatest left, and the same of top."""
        height, width = self._shape
        wide, high = self._size_of(letters)
        margin = self._margin(letters)
        return margin, width - wide - margin, margin, height - high - margin

    def _corners(self, letters: int) -> Iterator[Spot]:
        left, right, top, bottom = self._reach(letters)
        for x, y in ((right, bottom), (left, bottom), (right, top), (left, top)):
            yield Spot(x, y, letters)

    def _anywhere(self, letters: int) -> Iterator[Spot]:
        left, right, top, bottom = self._reach(letters)
        for across in range(STEPS + 1):
            for down in range(STEPS + 1):
                yield Spot(left + (right - left) * across // STEPS, top + (bottom - top) * down // STEPS, letters)

    def _clearance(self, spot: Spot, boxes: Sequence[F32]) -> float:
        """Pixels between the label and the nearest box, at most the picture's size; 0 or less: it covers one."""
        wide, high = self._size_of(spot.letters)
        nearest = float(max(self._shape))
        for box in boxes:
            left, top, right, bottom = (float(side) for side in box)
            apart = max(left - spot.left - wide, spot.left - right, top - spot.top - high, spot.top - bottom)
            nearest = min(nearest, apart)
        return nearest


def scaled(boxes: Sequence[F32], factor: float) -> list[F32]:
    """The boxes in a picture that is `factor` times larger."""
    return [box * np.float32(factor) for box in boxes]
