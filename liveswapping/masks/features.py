"""Notices that an eye, the nose or the mouth of a stranger is missing.

Features differ from face to face, but nobody's is as flat as a hand: lids and lashes, nostrils and lips always make
light and dark. A flat one is covered, even by something in the colour of skin.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

PARTS: Final = 6
"""Eyes, halves of the nose's underside, halves of the mouth; numbered from 1, left and right by turns."""
FLAT: Final = (0.13, 0.10, 0.12)
"""Standard deviation of y below which an eye, a half nose, a half mouth is flat, …"""
AGAINST: Final = (0.3, 0.25, 0.35)
"""… and what share of the strongest feature's it must lie below, for pictures of little contrast."""
FEWEST: Final = 20
"""Texels of a feature that must be seen."""
KNOWN: Final = 12.0
"""Frames after which a person's own features are known better (see `structure`)."""
MISSING: Final = 2.5
"""Evidence in the place of a missing feature."""


@njit(nogil=True, cache=True)
def _contrasts(
    residual: F32, mean: F32, seen: F32, age: F32, parts: NDArray[np.uint8], noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per feature: standard deviation of y without its noise, -1 where it is not seen; and its mean age."""
    sums = np.zeros((PARTS + 1, 4))
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            part = parts[row, column]
            if part == 0 or seen[row, column] <= 0.5:
                continue
            value = mean[0, row, column] + residual[0, row, column]
            sums[part, 0] += 1
            sums[part, 1] += value
            sums[part, 2] += value * value
            sums[part, 3] += age[row, column]
    contrasts, ages = np.full(PARTS + 1, -1.0), np.zeros(PARTS + 1)
    for part in range(1, PARTS + 1):
        count = sums[part, 0]
        if count >= FEWEST:
            variance = sums[part, 2] / count - (sums[part, 1] / count) ** 2 - noise * noise
            contrasts[part] = max(variance, 0.0) ** 0.5
            ages[part] = sums[part, 3] / count
    return contrasts, ages


@njit(nogil=True, cache=True)
def add_missing(
    evidence: F32, residual: F32, mean: F32, seen: F32, age: F32, parts: NDArray[np.uint8], noise: float
) -> None:
    """Raise `evidence` (H, W), in place, where a feature of a face not known yet is flat; `noise` is that of y."""
    contrasts, ages = _contrasts(residual, mean, seen, age, parts, noise)
    strongest = contrasts.max()
    missing = np.zeros(PARTS + 1, np.uint8)
    for part in range(1, PARTS + 1):
        kind = (part - 1) // 2
        flat = 0 <= contrasts[part] < min(FLAT[kind], AGAINST[kind] * strongest)
        missing[part] = flat and ages[part] < KNOWN
    if not missing.any():
        return
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if missing[parts[row, column]] and seen[row, column] > 0:
                evidence[row, column] = max(evidence[row, column], np.float32(MISSING))
