"""Finds strands of hair and rims of glasses on a face that was never seen without them.

How bright a stranger's skin is at a place is hardly known, but that it has no thin dark or light lines is: a closing
fills what is darker than its surroundings and narrow, an opening removes what is lighter and narrow.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

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
def _extremes(field: F32, largest: bool) -> F32:
    """The largest or smallest value in the square of RADIUS around each texel."""
    height, width = field.shape
    rows, out = field.copy(), np.empty_like(field)
    for row in range(height):
        for shift in range(-RADIUS, RADIUS + 1):
            for column in range(max(0, -shift), min(width, width - shift)):
                other = field[row, column + shift]
                own = rows[row, column]
                rows[row, column] = max(own, other) if largest else min(own, other)
    for row in range(height):
        out[row] = rows[row]
        for other_row in range(max(0, row - RADIUS), min(height, row + RADIUS + 1)):
            for column in range(width):
                own, other = out[row, column], rows[other_row, column]
                out[row, column] = max(own, other) if largest else min(own, other)
    return out


@njit(nogil=True, cache=True)
def add_thin(
    evidence: F32, residual: F32, seen: F32, age: F32, plain: F32, spread: F32, noise: F32, threshold: float
) -> F32:
    """Raise `evidence` (H, W), in place, of unknown texels that lie on thin lines of `residual` (3, H, W).

    Answers evidence (H, W) with a sharper eye, which is good for doubts only: lines too faint to be called things.

    Only `plain` skin counts, where a face has no lines of its own. `spread` (2, H, W) is that of people in general, `noise` (3,) that of this picture.
    """
    unknown = (age < YOUNG) & (seen > 0.5) & (plain > 0)
    doubt = np.full_like(evidence, -np.float32(CERTAIN))
    if unknown.sum() < ENOUGH:
        return doubt
    distance = np.zeros_like(evidence)
    for c in range(3):
        field = residual[c]
        filled = _extremes(_extremes(field, True), False)
        opened = _extremes(_extremes(field, False), True)
        grain, slack = np.float32(GRAIN) * noise[c], np.float32(SLACK)
        for row in range(evidence.shape[0]):
            for column in range(evidence.shape[1]):
                own = field[row, column]
                dark = min(filled[row, column] - own, slack - own)
                line = max(max(dark, min(own - opened[row, column], slack + own)) - grain, np.float32(0))
                fine = np.float32(FINE) * spread[min(c, 1), row, column]
                distance[row, column] += line * line / (fine * fine)
    for row in range(evidence.shape[0]):
        for column in range(evidence.shape[1]):
            if unknown[row, column]:
                value = min(np.float32(0.5) * distance[row, column] - np.float32(threshold), np.float32(CERTAIN))
                evidence[row, column] = max(evidence[row, column], value)
                doubt[row, column] = np.float32(SHARPER) * distance[row, column] - np.float32(threshold)
    return doubt
