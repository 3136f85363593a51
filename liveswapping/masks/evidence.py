"""Weighs every texel: is this still the face, or something in front of it?

Positive evidence speaks for an occluder. It is the logarithm of a likelihood ratio: a face's own texel lies near its
expected appearance, in units of how much it varies; of an unknown occluder nothing is known, so it may have any colour.
Before texels are judged, differences are averaged along what looks like one surface, so that noise and the skin's
grain average out while an edge stays an edge.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32

THRESHOLD: Final = 4.5
"""Evidence is d²/2 − THRESHOLD: zero at three standard deviations."""
GREY_THRESHOLD: Final = 4.0
"""The same for pictures without colour, where only one of the three differences can speak."""
CERTAIN: Final = 6.0
"""No single texel says more than this."""
CONTRAST: Final = 12.0
"""Two neighbours that differ by 1/CONTRAST hold together half as well as equal ones."""


@njit(nogil=True, cache=True)
def subtract_expected(colour: F32, mean: F32, light: F32, seen: F32, residual: F32) -> None:
    """Fill `residual` (3, H, W): what is seen minus what is expected under `light`; 0 where nothing is seen.

    `light` (3, 9) weighs the patterns of `atlas.Atlas.basis`, and last the coupling of p and q with brightness.
    """
    height, width = seen.shape
    for row in range(height):
        v = np.float32(2 * row) / np.float32(height - 1) - np.float32(1)
        for c in range(3):
            flat = light[c, 0] + light[c, 2] * v + light[c, 5] * v * v
            first, second, third = light[c, 1] + light[c, 4] * v, light[c, 3] + light[c, 7] * v, light[c, 6]
            for column in range(width):
                u = np.float32(2 * column) / np.float32(width - 1) - np.float32(1)
                smooth = flat + u * (first + u * (second + u * third))
                shown = np.float32(1) if seen[row, column] > 0 else np.float32(0)
                residual[c, row, column] = (colour[c, row, column] - mean[c, row, column] - smooth) * shown
        for column in range(width):
            coupled = min(max(residual[0, row, column], np.float32(-0.5)), np.float32(0.5))
            residual[1, row, column] -= light[1, 8] * coupled
            residual[2, row, column] -= light[2, 8] * coupled


@njit(nogil=True, cache=True)
def closeness(guide: F32, reach: float, noise: float, right: F32, down: F32) -> None:
    """How much each texel holds together with the one above (`down`) and, transposed, left of it (`right`), 0..reach.

    `guide` (3, H, W) is compared, differences of the size of `noise` are overlooked; `reach` < 1 limits how far
    averages carry.
    """
    height, width = down.shape
    most, one, zero, sharpness = np.float32(reach), np.float32(1), np.float32(0), np.float32(CONTRAST)
    overlooked = np.float32(noise)
    line = np.empty(width, np.float32)
    for row in range(height):
        for column in range(1, width):
            d = abs(guide[0, row, column] - guide[0, row, column - 1])
            d += abs(guide[1, row, column] - guide[1, row, column - 1])
            d += abs(guide[2, row, column] - guide[2, row, column - 1])
            d = max(d - overlooked, zero) * sharpness
            line[column] = most / (one + d * d)
        for column in range(1, width):
            right[column, row] = line[column]
        right[0, row] = 0
    for row in range(1, height):
        for column in range(width):
            d = abs(guide[0, row, column] - guide[0, row - 1, column])
            d += abs(guide[1, row, column] - guide[1, row - 1, column])
            d += abs(guide[2, row, column] - guide[2, row - 1, column])
            d = max(d - overlooked, zero) * sharpness
            down[row, column] = most / (one + d * d)
    down[0] = 0


@njit(nogil=True, cache=True)
def _masses(known: F32, down: F32, shares: F32) -> None:
    """One over how much each texel hears of `known` ones in its column."""
    height, width = known.shape
    back = np.zeros(width, np.float32)
    shares[0] = known[0]
    for row in range(1, height):
        for column in range(width):
            shares[row, column] = known[row, column] + shares[row - 1, column] * down[row, column]
    for row in range(height - 1, -1, -1):
        for column in range(width):
            heard = shares[row, column] + back[column]
            back[column] = (back[column] + known[row, column]) * down[row, column]
            shares[row, column] = np.float32(1) / max(heard, np.float32(1e-3))


@njit(nogil=True, cache=True)
def _spread_down(field: F32, down: F32, shares: F32, above: F32) -> None:
    """Average along each column, both ways, in place; a row's columns go together, which the processor does at once."""
    height, width = field.shape
    back = np.zeros(width, np.float32)
    above[0] = field[0]
    for row in range(1, height):
        for column in range(width):
            above[row, column] = field[row, column] + above[row - 1, column] * down[row, column]
    for row in range(height - 1, -1, -1):
        for column in range(width):
            own = field[row, column]
            field[row, column] = (above[row, column] + back[column]) * shares[row, column]
            back[column] = (back[column] + own) * down[row, column]


@njit(nogil=True, cache=True)
def connect(guide: F32, known: F32, reach: float, noise: float) -> tuple[F32, F32, F32, F32]:
    """What `spread` needs to average along the surfaces of `guide` (3, H, W) from `known` texels (1 or 0)."""
    right, down = np.empty_like(known), np.empty_like(known)
    closeness(guide, reach, noise, right, down)
    shares_right, shares_down = np.empty_like(known), np.empty_like(known)
    _masses(known.T.copy(), right, shares_right)
    _masses(np.ones_like(known), down, shares_down)
    return right, down, shares_right, shares_down


@njit(nogil=True, cache=True)
def spread(field: F32, known: F32, right: F32, down: F32, shares_right: F32, shares_down: F32) -> F32:
    """`field` (H, W) averaged along surfaces whose texels hold together (see `connect`).

    Texels that are not `known` (1 or 0) take what reaches them and give nothing.
    """
    turned = np.empty((field.shape[1], field.shape[0]), np.float32)
    above = np.empty_like(turned)
    for row in range(field.shape[0]):
        for column in range(field.shape[1]):
            turned[column, row] = field[row, column] * known[row, column]
    _spread_down(turned, right, shares_right, above)
    out = turned.T.copy()
    _spread_down(out, down, shares_down, above)
    return out


@njit(nogil=True, cache=True)
def weigh(residual: F32, level: F32, seen: F32, variance: F32, noise: float, threshold: float, evidence: F32) -> None:
    """Fill `evidence` (H, W) from `residual` (3, H, W); `variance` (2, H, W) belongs to y, and to p and q each.

    `noise` in levels is what averaging has left of it. A texel seen at a slant says less, one that is not seen says
    nothing (0).
    """
    one, half, limit, nothing = np.float32(1), np.float32(0.5), np.float32(CERTAIN), np.float32(threshold)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            dy, dp, dq = residual[0, row, column], residual[1, row, column], residual[2, row, column]
            lift = max(dy, np.float32(0))
            share = (one + lift + half * lift * lift) * np.float32(noise) / level[row, column]
            blur = share * share
            distance = dy * dy / (variance[0, row, column] + blur)
            distance += (dp * dp + dq * dq) / (variance[1, row, column] + blur + blur)
            evidence[row, column] = min(half * distance - nothing, limit) * seen[row, column]
