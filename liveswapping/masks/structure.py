"""Does the picture still show this face's structure: brows, lids, nose, lips, folds?

A hand in the person's own skin colour may match the skin behind it; it cannot match the features it hides. Windows of
the face are correlated with what is expected there, which no change of light disturbs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32

CELL: Final = 2
"""Texels along each side of a cell."""
RADIUS: Final = 3
"""A window reaches so many cells to each side of its own."""
FAINT: Final = 0.03
"""Structure below this (standard deviation of y) does not count: noise would correlate with noise."""
CLEAR: Final = 0.05
"""Structure of this strength counts half."""
GAIN: Final = 14.0
"""Evidence for each unit by which the correlation lies below what is usual for the place, …"""
LEAST: Final = -2.5
MOST: Final = 6.0
"""… and its limits."""
AGREES: Final = 0.6
"""No more agreement than this is asked anywhere, …"""
STRANGER: Final = 0.35
"""… and so much less of a face that was never seen before."""
DOUBT: Final = 2.5
SURE: Final = 2.0
"""Evidence above which a texel is a thing, whatever its surroundings show."""
SUMS: Final = 6


@njit(nogil=True, cache=True)
def _cell_sums(
    residual: F32, mean: F32, seen: F32, fickle: F32, evidence: F32, age: F32, least: float, sums: F32
) -> None:
    """Per cell: number of usable texels, and sums of e, i, ee, ii, ei (expected, and seen with its light removed)."""
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if seen[row, column] < 0.3 or fickle[row, column] > 0 or evidence[row, column] > SURE:
                continue
            if age[row, column] < least:
                continue
            e = mean[0, row, column]
            i = e + residual[0, row, column]
            r, c = row // CELL, column // CELL
            sums[0, r, c] += 1
            sums[1, r, c] += e
            sums[2, r, c] += i
            sums[3, r, c] += e * e
            sums[4, r, c] += i * i
            sums[5, r, c] += e * i


@njit(nogil=True, cache=True)
def _box(sums: F32, radius: int) -> None:
    """Sum over a square window around each cell, in place."""
    channels, height, width = sums.shape
    line = np.empty(max(height, width), np.float32)
    for n in range(channels):
        for row in range(height):
            total = np.float32(0)
            for column in range(-radius, width):
                if column + radius < width:
                    total += sums[n, row, column + radius]
                if column >= 0:
                    line[column] = total
                    if column - radius >= 0:
                        total -= sums[n, row, column - radius]
            sums[n, row, :] = line[:width]
        column_sums = np.zeros((height + 2 * radius + 1, width), np.float32)
        for row in range(height):
            column_sums[row + radius + 1] = column_sums[row + radius] + sums[n, row]
        for row in range(height, height + radius):
            column_sums[row + radius + 1] = column_sums[row + radius]
        for row in range(height):
            sums[n, row, :] = column_sums[row + 2 * radius + 1] - column_sums[row]


@njit(nogil=True, cache=True)
def correlate(
    residual: F32, mean: F32, seen: F32, fickle: F32, evidence: F32, noise: float, age: F32, least: float
) -> tuple[F32, F32]:
    """Per cell, the correlation (-1..1) of what is seen with what is expected, and its weight (0..1).

    `residual` and `mean` (3, H, W) are those of the appearance; cells (H / CELL, W / CELL) without structure to expect,
    or mostly unseen, have no weight; what is fainter than the `noise` of y is no structure. What `evidence` is sure of
    is left out: the face beside a thin thing still agrees. So is what was seen in fewer than `least` frames (`age`):
    beside a part that is known, a part that is guessed makes structure that is not there.
    """
    sums = np.zeros((SUMS, seen.shape[0] // CELL, seen.shape[1] // CELL), np.float32)
    _cell_sums(residual, mean, seen, fickle, evidence, age, least, sums)
    _box(sums, RADIUS)
    correlation, weight = np.empty_like(sums[0]), np.empty_like(sums[0])
    weakest = max(np.float32(FAINT), np.float32(noise))
    enough = np.float32(0.4 * ((2 * RADIUS + 1) * CELL) ** 2)
    zero, one, faint = np.float32(0), np.float32(1), weakest * weakest
    for row in range(correlation.shape[0]):
        for column in range(correlation.shape[1]):
            n = max(sums[0, row, column], np.float32(1e-3))
            e, i = sums[1, row, column] / n, sums[2, row, column] / n
            ee = max(sums[3, row, column] / n - e * e, zero)
            ii = max(sums[4, row, column] / n - i * i, zero)
            ei = sums[5, row, column] / n - e * i
            correlation[row, column] = ei / np.sqrt((ee + faint) * (ii + faint))
            weight[row, column] = ee / (ee + np.float32(CLEAR * CLEAR)) * min(one, n / enough)
    return correlation, weight


@njit(nogil=True, cache=True)
def add_structure(evidence: F32, seen: F32, correlation: F32, weight: F32, usual: F32, age: F32) -> None:
    """Add to `evidence` (H, W), in place, what the structure around a texel says against what is `usual` there.

    Of a face not seen for long less agreement is asked (`age` in frames). Structure alone makes nobody sure: what it
    lifts ends at DOUBT.
    """
    zero, doubt = np.float32(0), np.float32(DOUBT)
    for row in range(evidence.shape[0]):
        for column in range(evidence.shape[1]):
            r, c = row // CELL, column // CELL
            own = evidence[row, column]
            if seen[row, column] <= zero or own > doubt or weight[r, c] <= zero:
                continue
            least = min(np.float32(AGREES), usual[r, c] - np.float32(0.1))
            least -= np.float32(STRANGER) / (np.float32(1) + age[row, column] * np.float32(0.2))
            says = np.float32(GAIN) * (least - correlation[r, c])
            says = min(max(says, np.float32(LEAST)), np.float32(MOST)) * weight[r, c]
            evidence[row, column] = min(own + says, doubt)
