"""Finds strands of hair and rims of glasses on a face that was never seen without them.

How bright a stranger's skin is at a place is hardly known, but that it has no thin dark or light lines is: a closing
fills what is darker than its surroundings and narrow, an opening removes what is lighter and narrow.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

RADIUS: Final = 4
"""Lines up to twice as many texels wide are thin."""
FINE: Final = 0.9
"""Share of the general spread of a place that is in fine detail."""
SLACK: Final = 0.1
"""What is narrow between two dark lines is no light line: a line must differ from what is expected, give or take."""
GRAIN: Final = 3.0
"""Noise alone makes lines this strong: its extremes in a square lie so many standard deviations apart."""
SHARPER: Final = 2.0
"""Four times as much evidence for doubts."""
YOUNG: Final = 3.0
"""Texels seen in fewer frames than this are not known."""
CERTAIN: Final = 6.0
"""As in `evidence`."""
ENOUGH: Final = 120
"""So many unknown texels are worth the search."""


@njit(nogil=True, cache=True)
def _add_lines(
    field: F32, filled: F32, opened: F32, unknown: NDArray[np.bool_], spread: F32, grain: float, distance: F32
) -> None:
    """Add to `distance` (H, W) the squared strength of each line of `field`, in units of what is usual there."""
    for row in range(field.shape[0]):
        for column in range(field.shape[1]):
            if not unknown[row, column]:
                continue
            own = field[row, column]
            dark = min(filled[row, column] - own, np.float32(SLACK) - own)
            light = min(own - opened[row, column], np.float32(SLACK) + own)
            line = max(max(dark, light) - np.float32(grain), np.float32(0)) / (np.float32(FINE) * spread[row, column])
            distance[row, column] += line * line


def add_thin(
    evidence: F32, residual: F32, seen: F32, age: F32, plain: F32, spread: F32, noise: F32, threshold: float
) -> F32 | None:
    """Raise `evidence` (H, W), in place, of unknown texels that lie on thin lines of `residual` (3, H, W).

    Only `plain` skin counts, where a face has no lines of its own. `spread` (2, H, W) is that of people in general,
    `noise` (3,) that of this picture.
    Answers evidence (H, W) with a sharper eye, which is good for doubts only: lines too faint to be called things.
    None where there is nothing unknown to search.
    """
    unknown = (age < YOUNG) & (seen > 0.5) & (plain > 0)
    if np.count_nonzero(unknown) < ENOUGH:
        return None
    square = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), np.uint8)
    rows, columns = (_span(np.flatnonzero(unknown.any(axis=axis))) for axis in (1, 0))
    distance = np.zeros_like(evidence)
    for c in range(3):
        field = residual[c, rows, columns]
        filled = np.asarray(cv2.morphologyEx(field, cv2.MORPH_CLOSE, square), np.float32)
        opened = np.asarray(cv2.morphologyEx(field, cv2.MORPH_OPEN, square), np.float32)
        _add_lines(
            field, filled, opened, unknown[rows, columns], spread[min(c, 1), rows, columns], GRAIN * float(noise[c]),
            distance[rows, columns],
        )  # fmt: skip
    certain = np.minimum(np.float32(0.5) * distance - np.float32(threshold), np.float32(CERTAIN))
    np.maximum(evidence, certain, out=evidence, where=unknown)
    return np.asarray(np.where(unknown, np.float32(SHARPER) * distance - np.float32(threshold), -CERTAIN), np.float32)


def _span(found: NDArray[np.intp]) -> slice:
    """From the first to the last place, with room for what a line is compared with."""
    return slice(max(0, int(found[0]) - 2 * RADIUS), int(found[-1]) + 2 * RADIUS + 1)
