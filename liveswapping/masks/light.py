"""Fits the light of the scene: the smooth difference between what a face is expected to look like and what is seen."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32

STRIDE: Final = 4
"""Every so-manieth texel of each row and column is enough for a smooth fit."""
RIDGE: Final = 0.5
"""Weight, in texels, of the last fit against the new one; the bent terms weigh four times as much."""
COUPLING: Final = (0.0, -0.3, 0.3)
"""How p and q move with brightness in most pictures: shadows are redder, and the offset flattens the dark."""
FIRST_SCALES: Final = np.array([0.5, 0.35, 0.25, 0.18, 0.14, 0.12, 0.12])
SCALES: Final = np.array([0.1, 0.08])
"""Robust scales of the steps of a fit, for an unknown and for a known face: what lies further from the fit than a few
of them does not count, so that an occluder does not pull it."""


def first_light(terms: int) -> F32:
    """(3, terms + 1) no light known yet; the last column says how much p and q move with brightness."""
    light = np.zeros((3, terms + 1), np.float32)
    light[:, terms] = COUPLING
    return light


@njit(nogil=True, cache=True)
def _gather(colour: F32, mean: F32, basis: F32, trust: F32, stride: int, rows: F32) -> int:
    """Collect three differences, the basis' terms and the weight of every trusted texel on a coarse grid."""
    terms, count = basis.shape[0], 0
    for row in range(stride // 2, trust.shape[0], stride):
        for column in range(stride // 2, trust.shape[1], stride):
            if trust[row, column] > 0.02:
                for c in range(3):
                    rows[count, c] = colour[c, row, column] - mean[c, row, column]
                for i in range(terms):
                    rows[count, 3 + i] = basis[i, row, column]
                rows[count, 3 + terms] = trust[row, column]
                count += 1
    return count


@njit(nogil=True, cache=True)
def _step(rows: F32, count: int, channel: int, light: F32, scale: float, ridge: float) -> None:
    """One reweighted least-squares step for one channel (Geman–McClure weights of the given scale)."""
    basis = light.shape[1] - 1
    terms = basis if channel == 0 else basis + 1
    normal, right, term = np.zeros((terms, terms)), np.zeros(terms), np.empty(basis + 1)
    for n in range(count):
        brightness, estimate = rows[n, 0], 0.0
        for i in range(basis):
            term[i] = rows[n, 3 + i]
            brightness -= light[0, i] * rows[n, 3 + i]
        term[basis] = min(max(brightness, -0.5), 0.5)
        for i in range(terms):
            estimate += light[channel, i] * term[i]
        error = (rows[n, channel] - estimate) / scale
        dark = brightness / 0.4 if channel > 0 else 0.0
        weight = rows[n, 3 + basis] / ((1 + error * error) ** 2 * (1 + dark * dark))
        for i in range(terms):
            weighted = weight * term[i]
            right[i] += weighted * rows[n, channel]
            for j in range(i + 1):
                normal[i, j] += weighted * term[j]
    for i in range(terms):
        for j in range(i):
            normal[j, i] = normal[i, j]
        strength = ridge * (1.0 if i == 0 else 4.0)
        normal[i, i] += strength
        right[i] += strength * light[channel, i]
    light[channel, :terms] = np.linalg.solve(normal, right).astype(np.float32)


@njit(nogil=True, cache=True)
def _fit(colour: F32, mean: F32, basis: F32, trust: F32, light: F32, scales: F32, stride: int, ridge: float) -> None:
    side = (trust.shape[0] + stride - 1) // stride
    rows = np.empty((side * side, 4 + basis.shape[0]), np.float32)
    count = _gather(colour, mean, basis, trust, stride, rows)
    if count < 4 * basis.shape[0]:
        return
    for step in range(scales.size):
        for channel in range(3):
            _step(rows, count, channel, light, scales[step] * (1.0 if channel == 0 else 0.5), ridge)


def fit_light(colour: F32, mean: F32, basis: F32, trust: F32, light: F32, *, first: bool = False) -> F32:
    """The light that explains most of `colour` − `mean` (3, H, W each), starting from `light` (3, terms + 1).

    `basis` (terms, H, W) are the smooth patterns it is made of, `trust` (H, W) weighs the texels. `first`: nothing is
    known of the light yet, `light` is a guess.
    """
    fitted = light.copy()
    scales = FIRST_SCALES if first else SCALES
    _fit(colour, mean, basis, trust, fitted, scales, STRIDE // 2 if first else STRIDE, RIDGE)
    return fitted
