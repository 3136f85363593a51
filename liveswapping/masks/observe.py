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

WORKING_WIDTH: Final = 136.0
"""Faces wider than this, in pixels, are reduced to it before they are read, so that a texel averages what it covers."""
OFFSET: Final = 12.0
"""Added to the eight-bit levels before the logarithm, so that noise in the dark does not count."""
GRAZING: Final = 0.25
"""Texels seen under less than this share of their frontal area tell nothing."""
SMALLEST: Final = 8
"""Pixels; of a smaller face nothing can be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What the picture shows at every texel."""

    colour: F32
    """(3, SIZE, SIZE) y, p, q: 0.2 b + 0.5 g + 0.3 r, r − g and b − g of the logarithms of the levels."""
    level: F32
    """(SIZE, SIZE) brightness in levels, with OFFSET added."""
    seen: F32
    """(SIZE, SIZE) 1 where the texel faces the camera inside the picture, 0 where not, in between at a slant."""


@cache
def logarithms() -> F32:
    """(256,) the logarithm of each level."""
    table = np.log(np.arange(256, dtype=np.float32) + np.float32(OFFSET))
    table.setflags(write=False)
    return table


@njit(nogil=True, cache=True)
def _seen_share(points: F32, triangles: NDArray[np.int32], areas: F32) -> F32:
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
def _read(
    picture: Image, points: F32, triangles: NDArray[np.int32], triangle: NDArray[np.int32], weights: F32, share: F32,
    table: F32, colour: F32, level: F32, seen: F32,
) -> None:  # fmt: skip
    """Look up every texel of the face in `picture`, between four pixels."""
    height, width = picture.shape[0], picture.shape[1]
    one = np.float32(1)
    value = np.empty(3, np.float32)
    for row in range(triangle.shape[0]):
        for column in range(triangle.shape[1]):
            t = triangle[row, column]
            if t < 0:
                continue
            x, y = np.float32(0), np.float32(0)
            for corner in range(3):
                x += weights[row, column, corner] * points[triangles[t, corner], 0]
                y += weights[row, column, corner] * points[triangles[t, corner], 1]
            if 0 <= x <= width - 1 and 0 <= y <= height - 1:
                seen[row, column] = share[t]
            x, y = min(max(x, np.float32(0)), np.float32(width - 1)), min(max(y, np.float32(0)), np.float32(height - 1))
            left, top = min(int(x), width - 2), min(int(y), height - 2)
            fx, fy = x - np.float32(left), y - np.float32(top)
            a, b, c, d = (one - fx) * (one - fy), fx * (one - fy), (one - fx) * fy, fx * fy
            for n in range(3):
                value[n] = a * table[picture[top, left, n]] + b * table[picture[top, left + 1, n]]
                value[n] += c * table[picture[top + 1, left, n]] + d * table[picture[top + 1, left + 1, n]]
            y_value = np.float32(0.2) * value[0] + np.float32(0.5) * value[1] + np.float32(0.3) * value[2]
            colour[0, row, column] = y_value
            colour[1, row, column] = value[2] - value[1]
            colour[2, row, column] = value[0] - value[1]
            level[row, column] = np.exp(y_value)


def observe(image: Image, mesh: F32, atlas: Atlas) -> Observation | None:
    """Read `mesh`'s face in `image`; None when it lies outside the picture or is only a few pixels wide."""
    points = mesh[:POINTS, :2]
    region = mesh_region(points, 2.0, image.shape[1], image.shape[0])
    if min(region.width, region.height) < SMALLEST:
        return None
    extent = points.max(axis=0) - points.min(axis=0)
    scale = min(1.0, WORKING_WIDTH / max(float(extent[0]), 0.8 * float(extent[1]), 1.0))
    size = max(SMALLEST, round(region.width * scale)), max(SMALLEST, round(region.height * scale))
    cut = image[region.slices]
    picture = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8) if scale < 1 else cut.copy()
    stretch = np.array([picture.shape[1] / region.width, picture.shape[0] / region.height], np.float32)
    corner = np.array([region.left, region.top], np.float32)
    reduced = np.asarray((points - corner + 0.5) * stretch - 0.5, np.float32)
    shape = atlas.triangle.shape
    seen_there = Observation(np.zeros((3, *shape), np.float32), np.ones(shape, np.float32), np.zeros(shape, np.float32))
    triangles = face_mesh().triangles
    share = _seen_share(reduced, triangles, atlas.areas)
    _read(
        picture, reduced, triangles, atlas.triangle, atlas.weights, share, logarithms(),
        seen_there.colour, seen_there.level, seen_there.seen,
    )  # fmt: skip
    return seen_there
