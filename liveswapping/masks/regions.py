"""From evidence to regions: connected, with a strong place in each, and large or sure enough to be a thing."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

SEED: Final = 1.0
"""Evidence that a region needs somewhere."""
MASS: Final = 20.0
"""Sum of the evidence that a region needs: four certain texels, or many doubtful ones."""

STAYS: Final = 0.35
"""A thing that moves still hides more than this share of what it hid a frame ago."""
OTHER: Final = 0.25
"""Mean change of y, p and q together of texels that show something else."""
FEWEST: Final = 120
"""Texels in a face's midst that a thing hid which is said to have left."""

Flags = NDArray[np.uint8]


@njit(nogil=True, cache=True)
def _root(parents: NDArray[np.int32], n: int) -> int:
    while parents[n] != n:
        parents[n] = parents[parents[n]]
        n = parents[n]
    return n


@njit(nogil=True, cache=True)
def _join(parents: NDArray[np.int32], labels: NDArray[np.int32], row: int, column: int) -> None:
    """Label one texel after its neighbours above and to the left, joining their regions."""
    width = labels.shape[1]
    own = -1
    for dy, dx in ((0, -1), (-1, -1), (-1, 0), (-1, 1)):
        y, x = row + dy, column + dx
        if y < 0 or x < 0 or x >= width or labels[y, x] < 0:
            continue
        other = _root(parents, labels[y, x])
        if own < 0:
            own = other
        elif own != other:
            parents[max(own, other)] = min(own, other)
            own = min(own, other)
    if own < 0:
        own = row * width + column
        parents[own] = own
    labels[row, column] = own


@njit(nogil=True, cache=True)
def find_regions(evidence: F32, triangle: NDArray[np.int32], seed: float, least_mass: float) -> Flags:
    """1 for every texel of the face in a connected region of positive evidence that is sure enough."""
    height, width = evidence.shape
    found = np.zeros((height, width), np.uint8)
    labels = np.full((height, width), -1, np.int32)
    parents = np.empty(height * width, np.int32)
    for row in range(height):
        for column in range(width):
            if evidence[row, column] > 0 and triangle[row, column] >= 0:
                _join(parents, labels, row, column)
    mass, peak = np.zeros(height * width, np.float32), np.zeros(height * width, np.float32)
    for row in range(height):
        for column in range(width):
            if labels[row, column] >= 0:
                region = _root(parents, labels[row, column])
                labels[row, column] = region
                mass[region] += evidence[row, column]
                peak[region] = max(peak[region], evidence[row, column])
    for row in range(height):
        for column in range(width):
            region = labels[row, column]
            if region >= 0 and mass[region] > least_mass and peak[region] > seed:
                found[row, column] = 1
    return found


@njit(nogil=True, cache=True)
def departed(before: Flags, now: Flags, core: Flags, then: F32, colour: F32) -> bool:
    """Whether a thing left at once: of the texels that were hidden `before` in the face's `core`, few are `now`.

    Those that are free must show something else: `then` and `colour` (3, H, W) are y, p, q at both times.
    """
    earlier, released, change = 0, 0, 0.0
    for row in range(now.shape[0]):
        for column in range(now.shape[1]):
            if not before[row, column] or not core[row, column]:
                continue
            earlier += 1
            if not now[row, column]:
                released += 1
                for c in range(3):
                    change += abs(colour[c, row, column] - then[c, row, column])
    return earlier >= FEWEST and released > (1 - STAYS) * earlier and change > OTHER * released


@njit(nogil=True, cache=True)
def _label(flags: Flags) -> NDArray[np.int32]:
    """(H, W) the number of each connected region, below H·W; -1 where there is no flag."""
    height, width = flags.shape
    labels = np.full((height, width), -1, np.int32)
    parents = np.empty(height * width, np.int32)
    for row in range(height):
        for column in range(width):
            if flags[row, column]:
                _join(parents, labels, row, column)
    for row in range(height):
        for column in range(width):
            if labels[row, column] >= 0:
                labels[row, column] = _root(parents, labels[row, column])
    return labels


@njit(nogil=True, cache=True)
def _add_edges(labels: NDArray[np.int32], row: int, column: int, colour: F32, mean: F32, seen: F32, edges: F32) -> None:
    """Add what one texel knows of its region's border: pairs across it, and edges in the picture and in `mean`."""
    height, width = labels.shape
    region = labels[row, column]
    for dy, dx in ((0, -1), (-1, 0), (0, 1), (1, 0)):
        y, x = row + 2 * dy, column + 2 * dx
        outside = 0 <= y < height and 0 <= x < width and labels[row + dy, column + dx] < 0
        if not outside or seen[y, x] < 0.5:
            continue
        edges[region, 0] += 1
        for c in range(3):
            edges[region, 1] += abs(colour[c, row, column] - colour[c, y, x])
            edges[region, 2] += abs(mean[c, row, column] - mean[c, y, x])


@njit(nogil=True, cache=True)
def outlined(flags: Flags, colour: F32, mean: F32, seen: F32, least: float) -> Flags:
    """1 for texels of connected flags whose border is an edge in the picture, more than in what is expected.

    A thing in front of the face has an outline. A flagged region without one is a piece of face that was learnt wrongly
    or not at all: then the edge, if any, is in `mean`. `colour` and `mean` are (3, H, W); edges below `least` (summed
    over the three) are none.
    """
    height, width = flags.shape
    labels = _label(flags)
    edges = np.zeros((height * width, 3), np.float32)
    for row in range(height):
        for column in range(width):
            if labels[row, column] >= 0 and seen[row, column] >= 0.5:
                _add_edges(labels, row, column, colour, mean, seen, edges)
    found = np.zeros_like(flags)
    for row in range(height):
        for column in range(width):
            if labels[row, column] >= 0:
                count, shown, expected = edges[labels[row, column]]
                found[row, column] = shown > least * count and shown > expected
    return found


@njit(nogil=True, cache=True)
def grow(flags: Flags, radius: int) -> Flags:
    """1 within `radius` texels of a flag (a square)."""
    height, width = flags.shape
    rows = np.zeros_like(flags)
    for row in range(height):
        for column in range(width):
            if flags[row, column]:
                rows[row, max(0, column - radius) : column + radius + 1] = 1
    grown = np.zeros_like(flags)
    for row in range(height):
        for other in range(max(0, row - radius), min(height, row + radius + 1)):
            for column in range(width):
                grown[row, column] |= rows[other, column]
    return grown


@njit(nogil=True, cache=True)
def soften(flags: Flags) -> F32:
    """The share of flags around each texel, weighted 1 4 6 4 1 each way."""
    height, width = flags.shape
    rows, out = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    one, four, six = np.float32(1 / 256), np.float32(4), np.float32(6)
    for row in range(height):
        for column in range(2, width - 2):
            outer = np.float32(flags[row, column - 2] + flags[row, column + 2])
            inner = np.float32(flags[row, column - 1] + flags[row, column + 1])
            rows[row, column] = outer + four * inner + six * np.float32(flags[row, column])
    for row in range(2, height - 2):
        for column in range(width):
            outer, inner = rows[row - 2, column] + rows[row + 2, column], rows[row - 1, column] + rows[row + 1, column]
            out[row, column] = (outer + four * inner + six * rows[row, column]) * one
    return out
