"""Reads the face in a picture into the atlas: one texel, one observation of its colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import POINTS, face_mesh
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.masks.atlas import Atlas

WORKING_WIDTH: Final = 119.0
"""Larger faces, in pixels, are reduced to about this before they are read, so that a texel averages what it covers."""
OFFSET: Final = 12.0
"""Added to the eight-bit levels before the logarithm, so that noise in the dark does not count."""
GRAZING: Final = 0.25
"""Texels seen under less than this share of their frontal area tell nothing."""
FINENESS: Final = 1000.0
"""Steps of the noise histogram for each unit."""
SMALLEST: Final = 8
"""Pixels; of a smaller face nothing can be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What the picture shows at every texel."""

    colour: F32
    """(3, SIZE, SIZE) y, p, q: 0.2 b + 0.5 g + 0.3 r, r − g and b − g of the logarithms of the levels."""
    level: F32
    """(SIZE, SIZE) about how bright it is, in levels, with OFFSET added."""
    seen: F32
    """(SIZE, SIZE) 1 where the texel faces the camera inside the picture, 0 where not, in between at a slant."""
    noise: F32
    """(3,) standard deviation of what the sensor, the codec and the skin's grain add to y, p and q of bare skin."""


@cache
def logarithms() -> F32:
    """(256,) the logarithm of each level."""
    table = np.asarray(np.log(np.arange(256, dtype=np.float32) + np.float32(OFFSET)), np.float32)
    table.setflags(write=False)
    return table


@njit(nogil=True, cache=True)
def seen_share(points: F32, triangles: NDArray[np.int32], areas: F32) -> F32:
    """Per triangle, 0..1: its area in the picture against the largest that its area in the atlas allows."""
    share = np.empty(triangles.shape[0], np.float32)
    total, front = 0.0, 0.0
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        bx, by = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
        cx, cy = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1]
        share[t] = 0.5 * (bx * cy - by * cx)
        if share[t] > 0:
            front += share[t]
            total += areas[t]
    scale = front / max(total, 1.0)
    for t in range(share.size):
        ratio = share[t] / (areas[t] * scale + 1e-6)
        share[t] = min(1.0, max(0.0, (ratio - GRAZING) / GRAZING))
    return share


@njit(nogil=True, cache=True)
def _locate(
    points: F32, corners: NDArray[np.int16], weights: F32, triangle: NDArray[np.int32], share: F32, width: int,
    height: int, places: F32, seen: F32,
) -> None:  # fmt: skip
    """Fill `places` (H, W, 2): x, y of each texel in the picture; and `seen`."""
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    for row in range(triangle.shape[0]):
        for column in range(triangle.shape[1]):
            t = triangle[row, column]
            if t < 0:
                continue
            i, j, k = corners[t, 0], corners[t, 1], corners[t, 2]
            wi, wj, wk = weights[row, column, 0], weights[row, column, 1], weights[row, column, 2]
            x = wi * points[i, 0] + wj * points[j, 0] + wk * points[k, 0]
            y = wi * points[i, 1] + wj * points[j, 1] + wk * points[k, 1]
            places[row, column, 0], places[row, column, 1] = x, y
            seen[row, column] = share[t] if x >= 0 and y >= 0 and x <= right and y <= bottom else np.float32(0)


@njit(nogil=True, cache=True)
def _convert(texels: Image, table: F32, colour: F32, level: F32) -> None:
    """From levels to y, p, q."""
    for row in range(texels.shape[0]):
        for column in range(texels.shape[1]):
            b, g, r = texels[row, column, 0], texels[row, column, 1], texels[row, column, 2]
            blue, green, red = table[b], table[g], table[r]
            colour[0, row, column] = np.float32(0.2) * blue + np.float32(0.5) * green + np.float32(0.3) * red
            colour[1, row, column] = red - green
            colour[2, row, column] = blue - green
            level[row, column] = np.float32(OFFSET) + np.float32(g)


@njit(nogil=True, cache=True)
def _measure_noise(colour: F32, plain: F32, seen: F32) -> F32:
    """From how far texels lie off the mean of their neighbours, at the median (of a histogram)."""
    noise = np.zeros(3, np.float32)
    for c in range(3):
        counts = np.zeros(256, np.int32)
        total = 0
        for row in range(0, seen.shape[0], 2):
            for column in range(1, seen.shape[1] - 1):
                if plain[row, column] > 0 and seen[row, column] == 1:
                    middle = np.float32(0.5) * (colour[c, row, column - 1] + colour[c, row, column + 1])
                    counts[min(int(abs(colour[c, row, column] - middle) * FINENESS), 255)] += 1
                    total += 1
        below, step = 0, 0
        while step < 255 and 2 * below < total:
            below += counts[step]
            step += 1
        noise[c] = (step - 0.5) / FINENESS / (0.6745 * 1.2247) if total else 0
    return noise


def observe(image: Image, mesh: F32, atlas: Atlas) -> Observation | None:
    """Read `mesh`'s face in `image`; None when it lies outside the picture or is only a few pixels wide."""
    points = mesh[:POINTS, :2]
    region = mesh_region(points, 2.0, image.shape[1], image.shape[0])
    if min(region.width, region.height) < SMALLEST:
        return None
    extent = points.max(axis=0) - points.min(axis=0)
    factor = max(1, round(max(float(extent[0]), 0.8 * float(extent[1])) / WORKING_WIDTH))
    width, height = region.width // factor, region.height // factor
    rows, columns = region.slices
    picture = image[rows, columns][: height * factor, : width * factor]
    if factor > 1:
        picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    corner = np.array([region.left, region.top], np.float32)
    reduced = np.asarray((points - corner + 0.5) / factor - 0.5, np.float32)
    shape = atlas.triangle.shape
    seen, level = np.zeros(shape, np.float32), np.empty(shape, np.float32)
    places, colour = np.full((*shape, 2), -1, np.float32), np.empty((3, *shape), np.float32)
    share = seen_share(reduced, face_mesh().triangles, atlas.areas)
    _locate(reduced, atlas.corners, atlas.weights, atlas.triangle, share, width, height, places, seen)
    # None, as an empty second map costs 200 ms a call; OpenCV's types know only the latter.
    texels = cv2.remap(picture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    _convert(np.asarray(texels, np.uint8), logarithms(), colour, level)
    return Observation(colour, level, seen, _measure_noise(colour, atlas.plain, seen))
