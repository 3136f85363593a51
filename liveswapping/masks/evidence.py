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
GREY_THRESHOLD: Final = 3.0
"""The same for pictures without colour, where only one of the three differences can speak."""
CERTAIN: Final = 6.0
"""No single texel says more than this."""
NOISE: Final = 1.5
"""Levels by which sensors and codecs disturb an averaged texel."""
CONTRAST: Final = 12.0
"""Two neighbours that differ by 1/CONTRAST hold together half as well as equal ones."""


@njit(nogil=True, cache=True)
def subtract_expected(colour: F32, mean: F32, basis: F32, light: F32, seen: F32, residual: F32) -> None:
    """Fill `residual` (3, H, W): what is seen minus what is expected under `light`; 0 where nothing is seen."""
    terms = basis.shape[0]
    values = np.empty(3, np.float32)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if seen[row, column] <= 0:
                for c in range(3):
                    residual[c, row, column] = 0
                continue
            for c in range(3):
                value = colour[c, row, column] - mean[c, row, column]
                for term in range(terms):
                    value -= light[c, term] * basis[term, row, column]
                values[c] = value
            coupled = min(max(values[0], np.float32(-0.5)), np.float32(0.5))
            residual[0, row, column] = values[0]
            residual[1, row, column] = values[1] - light[1, terms] * coupled
            residual[2, row, column] = values[2] - light[2, terms] * coupled


@njit(nogil=True, cache=True)
def closeness(guide: F32, reach: float, across: F32, down: F32) -> None:
    """How much each texel holds together with its left (`across`) and its upper neighbour (`down`), 0..reach.

    `guide` (3, H, W) is compared; `reach` < 1 limits how far averages carry.
    """
    height, width = across.shape
    for row in range(height):
        for column in range(1, width):
            d = abs(guide[0, row, column] - guide[0, row, column - 1])
            d += abs(guide[1, row, column] - guide[1, row, column - 1])
            d += abs(guide[2, row, column] - guide[2, row, column - 1])
            d *= np.float32(CONTRAST)
            across[row, column] = np.float32(reach) / (np.float32(1) + d * d)
        across[row, 0] = 0
    for row in range(1, height):
        for column in range(width):
            d = abs(guide[0, row, column] - guide[0, row - 1, column])
            d += abs(guide[1, row, column] - guide[1, row - 1, column])
            d += abs(guide[2, row, column] - guide[2, row - 1, column])
            d *= np.float32(CONTRAST)
            down[row, column] = np.float32(reach) / (np.float32(1) + d * d)
    down[0] = 0


@njit(nogil=True, cache=True)
def _spread_rows(fields: F32, seen: F32, across: F32) -> None:
    """Average along each row, both ways, in place."""
    channels, height, width = fields.shape
    forward, mass = np.empty((channels, width), np.float32), np.empty(width, np.float32)
    total = np.empty(channels, np.float32)
    for row in range(height):
        m = np.float32(0)
        total[:] = 0
        for column in range(width):
            known = np.float32(1) if seen[row, column] > 0 else np.float32(0)
            w = across[row, column]
            m = m * w + known
            mass[column] = m
            for c in range(channels):
                total[c] = total[c] * w + fields[c, row, column] * known
                forward[c, column] = total[c]
        m = np.float32(0)
        total[:] = 0
        for column in range(width - 1, -1, -1):
            known = np.float32(1) if seen[row, column] > 0 else np.float32(0)
            w = across[row, column + 1] if column + 1 < width else np.float32(0)
            m *= w
            share = np.float32(1) / max(mass[column] + m, np.float32(1e-3))
            m += known
            for c in range(channels):
                total[c] *= w
                value = fields[c, row, column] * known
                fields[c, row, column] = (forward[c, column] + total[c]) * share
                total[c] += value


@njit(nogil=True, cache=True)
def _spread_columns(fields: F32, down: F32) -> None:
    """Average along each column, both ways, in place; row by row, so that a row's columns go together."""
    channels, height, width = fields.shape
    forward = np.empty((channels, height, width), np.float32)
    mass = np.ones((height, width), np.float32)
    back = np.zeros((channels + 1, width), np.float32)
    forward[:, 0] = fields[:, 0]
    for row in range(1, height):
        for column in range(width):
            mass[row, column] += mass[row - 1, column] * down[row, column]
        for c in range(channels):
            for column in range(width):
                forward[c, row, column] = fields[c, row, column] + forward[c, row - 1, column] * down[row, column]
    for row in range(height - 1, -1, -1):
        if row + 1 < height:
            for c in range(channels + 1):
                for column in range(width):
                    back[c, column] *= down[row + 1, column]
        for c in range(channels):
            for column in range(width):
                own = fields[c, row, column]
                sum_of_all = forward[c, row, column] + back[c, column]
                fields[c, row, column] = sum_of_all / (mass[row, column] + back[channels, column])
                back[c, column] += own
        for column in range(width):
            back[channels, column] += 1


@njit(nogil=True, cache=True)
def spread(fields: F32, seen: F32, across: F32, down: F32) -> None:
    """Average `fields` (C, H, W), in place, along surfaces whose texels hold together (see `closeness`).

    Texels that are not `seen` take what reaches them and give nothing.
    """
    _spread_rows(fields, seen, across)
    _spread_columns(fields, down)


@njit(nogil=True, cache=True)
def weigh(residual: F32, level: F32, seen: F32, variance: F32, threshold: float, evidence: F32) -> None:
    """Fill `evidence` (H, W) from `residual` (3, H, W); `variance` (2, H, W) belongs to y, and to p and q each.

    A texel seen at a slant says less, one that is not seen says nothing (0).
    """
    one, half, limit = np.float32(1), np.float32(0.5), np.float32(CERTAIN)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            dy, dp, dq = residual[0, row, column], residual[1, row, column], residual[2, row, column]
            lift = max(dy, np.float32(0))
            darker = (one + lift + half * lift * lift) * np.float32(NOISE) / level[row, column]
            noise = darker * darker
            distance = dy * dy / (variance[0, row, column] + noise)
            distance += (dp * dp + dq * dq) / (variance[1, row, column] + 2 * noise)
            evidence[row, column] = min(half * distance - np.float32(threshold), limit) * seen[row, column]
