"""Learns, within one picture, what the things in front of the face look like, and looks for more of them.

Where a thing was found, its colour around there is known; a texel nearby that has this colour belongs to it even if
the face behind has nearly the same. A flat surface explains its texels better than a face that merely comes close.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32
from liveswapping.masks.regions import Flags

CELL: Final = 4
"""Texels along each side of a cell, in which colours are collected."""
REACH: Final = 1.6
"""Standard deviation, in cells, over which colours carry."""
FLATTEST: Final = 0.03
"""No surface is flatter than this (standard deviation of y, p and q)."""
BIAS: Final = -0.5
"""Evidence that a texel which both explain equally well is the thing's."""
LIMIT: Final = 4.0
"""No comparison says more than this."""
SUPPORT: Final = 1.0 / (0.15 * CELL * CELL)
"""A cell whose blurred weight is 15 % of its texels counts as fully supported."""
HEED: Final = 0.7
"""Share of the structure's evidence that counts beside the colours'."""
PLAIN_CASE: Final = 2.0
"""Where the colours say this much, the structure around is not heard."""
SUMS: Final = 7


@njit(nogil=True, cache=True)
def _collect(colour: F32, seen: F32, found: Flags, evidence: F32, sums: F32) -> None:
    """Per cell: sum of weights, and weighted sums of the colour and of its square."""
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            if not found[row, column] or seen[row, column] < 0.3:
                continue
            w = min(max(evidence[row, column], np.float32(0.2)), np.float32(3))
            r, c = row // CELL, column // CELL
            sums[0, r, c] += w
            for n in range(3):
                value = colour[n, row, column]
                sums[1 + n, r, c] += w * value
                sums[4 + n, r, c] += w * value * value


@njit(nogil=True, cache=True)
def _blur(sums: F32) -> None:
    """A Gaussian of REACH, in place."""
    channels, height, width = sums.shape
    radius = int(3 * REACH)
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / REACH) ** 2).astype(np.float32)
    taps /= taps.sum()
    rows = np.zeros_like(sums)
    for n in range(channels):
        for row in range(height):
            for column in range(width):
                if sums[0, row, column] == 0 and n == 0:
                    continue
                for k in range(max(0, column - radius), min(width, column + radius + 1)):
                    rows[n, row, k] += taps[k - column + radius] * sums[n, row, column]
    sums[:] = 0
    for n in range(channels):
        for row in range(height):
            for k in range(max(0, row - radius), min(height, row + radius + 1)):
                for column in range(width):
                    sums[n, k, column] += taps[k - row + radius] * rows[n, row, column]


@njit(nogil=True, cache=True)
def _sample(sums: F32, row: int, column: int, out: F32) -> None:
    """Between the centres of four cells."""
    y = min(max((row + 0.5) / CELL - 0.5, 0.0), sums.shape[1] - 1.001)
    x = min(max((column + 0.5) / CELL - 0.5, 0.0), sums.shape[2] - 1.001)
    r, c = int(y), int(x)
    fy, fx = np.float32(y - r), np.float32(x - c)
    one = np.float32(1)
    for n in range(SUMS):
        upper = sums[n, r, c] * (one - fx) + sums[n, r, c + 1] * fx
        lower = sums[n, r + 1, c] * (one - fx) + sums[n, r + 1, c + 1] * fx
        out[n] = upper * (one - fy) + lower * fy


def no_surfaces(shape: tuple[int, ...]) -> F32:
    """The colours of nothing, for an atlas of this shape."""
    return np.zeros((SUMS, shape[0] // CELL, shape[1] // CELL), np.float32)


@njit(nogil=True, cache=True)
def surfaces(colour: F32, seen: F32, found: Flags, evidence: F32) -> F32:
    """(SUMS, H / CELL, W / CELL) the colours of what was `found`, spread a little beyond it."""
    sums = np.zeros((SUMS, found.shape[0] // CELL, found.shape[1] // CELL), np.float32)
    _collect(colour, seen, found, evidence, sums)
    _blur(sums)
    return sums


@njit(nogil=True, cache=True)
def _advantage(
    colour: F32, level: F32, residual: F32, variance: F32, near: F32, noise_levels: float, row: int, column: int
) -> float:
    """Logarithm of how much better the surface `near` explains the texel than the face does."""
    one, half, most = np.float32(1), np.float32(0.5), np.float32(8)
    noise = np.float32(noise_levels) / level[row, column]
    lift = max(residual[0, row, column], np.float32(0))
    face_noise = noise * (one + lift + half * lift * lift)
    noise, face_noise = noise * noise, face_noise * face_noise
    total, ratio = np.float32(0), one
    for n in range(3):
        share = np.float32(1 if n == 0 else 2)
        mean = near[1 + n] / near[0]
        own = max(near[4 + n] / near[0] - mean * mean, np.float32(0)) + np.float32(FLATTEST * FLATTEST) + share * noise
        face = variance[min(n, 1), row, column] + share * face_noise
        off = colour[n, row, column] - mean
        total += min(half * residual[n, row, column] ** 2 / face, most) - min(half * off * off / own, most)
        ratio *= face / own
    return float(total + half * np.log(ratio))


@njit(nogil=True, cache=True)
def compare(
    colour: F32, level: F32, seen: F32, residual: F32, variance: F32, noise: float, sums: F32, unknown: F32,
    structure: F32, evidence: F32,
) -> None:  # fmt: skip
    """Fill `evidence` (H, W) with how much better the surfaces of `sums` explain a texel than the face does.

    `structure` (H, W) is the evidence of the structure around. Where no surface is near, `unknown` stays, the evidence
    for a thing of which nothing is known.
    """
    near = np.empty(SUMS, np.float32)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            plain = unknown[row, column]
            evidence[row, column] = plain
            if seen[row, column] <= 0 or sums[0, row // CELL, column // CELL] * SUPPORT < 0.1:
                continue
            _sample(sums, row, column, near)
            support = min(near[0] * np.float32(SUPPORT), np.float32(1))
            if support < 0.3:
                continue
            value = _advantage(colour, level, residual, variance, near, noise, row, column)
            if value > 0:
                value *= support
            value = min(max(value, -LIMIT), LIMIT) + BIAS
            if value < PLAIN_CASE:
                value += HEED * min(max(structure[row, column], -LIMIT), np.float32(1))
            value = value * support + (1 - support) * plain
            evidence[row, column] = max(value, plain) if plain > 0 else value
