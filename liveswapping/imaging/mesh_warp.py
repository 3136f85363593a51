"""Draws triangle meshes: values at the corners become values at every pixel between them.

Pixel centres lie at integer coordinates. Triangles are drawn in order, later ones over earlier ones; neighbours
overlap by a thousandth of a pixel so that no gap opens between them.
"""

from __future__ import annotations

from functools import partial
from math import ceil, floor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Region
from liveswapping.imaging.bands import run_bands

OVERLAP = 1e-3


@njit(nogil=True, cache=True, inline="always")
def edge(ax: float, ay: float, bx: float, by: float) -> tuple[float, float, float]:
    """The line through a and b as (p, q, r): p·x + q·y + r > 0 on its right, scaled to pixels."""
    p, q = ay - by, bx - ax
    length = max((p * p + q * q) ** 0.5, 1e-12)
    return p / length, q / length, (ax * by - bx * ay) / length


@njit(nogil=True, cache=True, inline="always")
def clip_span(first: float, last: float, p: float, rest: float) -> tuple[float, float]:
    """Narrow the span first..last of one row to where p·x + rest ≥ −OVERLAP."""
    if p > 1e-9:
        first = max(first, (-OVERLAP - rest) / p)
    elif p < -1e-9:
        last = min(last, (-OVERLAP - rest) / p)
    elif rest < -OVERLAP:
        last = first - 1.0
    return first, last


@njit(nogil=True, cache=True)
def _draw(
    points: F32,
    values: F32,
    triangles: NDArray[np.int32],
    left: int,
    top: int,
    out: F32,
    covered: NDArray[np.uint8],
    first_row: int,
    end_row: int,
) -> None:
    width, channels = out.shape[1], out.shape[2]
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area <= 1e-6:
            continue
        p0, q0, r0 = edge(ax, ay, bx, by)
        p1, q1, r1 = edge(bx, by, cx, cy)
        p2, q2, r2 = edge(cx, cy, ax, ay)
        start = max(first_row, ceil(min(ay, by, cy) - OVERLAP))
        end = min(end_row, floor(max(ay, by, cy) + OVERLAP) + 1)
        for y in range(start, end):
            lo, hi = clip_span(0.0, width - 1.0, p0, q0 * y + r0)
            lo, hi = clip_span(lo, hi, p1, q1 * y + r1)
            lo, hi = clip_span(lo, hi, p2, q2 * y + r2)
            for x in range(ceil(lo), floor(hi) + 1):
                wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
                wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
                for c in range(channels):
                    base = values[i, c]
                    out[y, x, c] = base + wb * (values[j, c] - base) + wc * (values[k, c] - base)
                covered[y, x] = 1


def draw_mesh(points: F32, values: F32, triangles: NDArray[np.int32], region: Region) -> tuple[F32, NDArray[np.uint8]]:
    """Interpolate `values` (N, C) given at `points` (N, 2) over `region`.

    Triangles that run counter-clockwise in the picture are seen from behind and left out. Answers the values
    (height, width, C), 0 outside the mesh, and where the mesh is (uint8, 1).
    """
    out = np.zeros((region.height, region.width, values.shape[1]), np.float32)
    covered = np.zeros((region.height, region.width), np.uint8)
    points, values = np.ascontiguousarray(points, np.float32), np.ascontiguousarray(values, np.float32)

    band = partial(_draw, points, values, triangles, region.left, region.top, out, covered)
    run_bands(band, region.height)
    return out, covered


def mesh_region(points: F32, margin: float, width: int, height: int) -> Region:
    """The pixels of a width×height frame that hold `points` (N, 2), grown by `margin` pixels; may be empty."""
    left = max(0, floor(float(points[:, 0].min()) - margin))
    top = max(0, floor(float(points[:, 1].min()) - margin))
    right = min(width, ceil(float(points[:, 0].max()) + margin) + 1)
    bottom = min(height, ceil(float(points[:, 1].max()) + margin) + 1)
    return Region(left, top, max(0, right - left), max(0, bottom - top))


def back_to_front(points: F32, triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """The triangles, farthest first (`points` (N, 3), smaller z is nearer), so that nearer ones cover them."""
    depth = points[:, 2][triangles].sum(axis=1)
    return triangles[np.argsort(-depth, kind="stable")]
