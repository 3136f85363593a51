"""Which triangle of a mesh every pixel shows."""

from __future__ import annotations

from functools import partial
from math import ceil, floor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Region
from liveswapping.imaging.bands import run_bands
from liveswapping.imaging.mesh_warp import OVERLAP, clip_span, edge


@njit(nogil=True, cache=True)
def _own(
    points: F32, triangles: NDArray[np.int32], left: int, top: int, owner: NDArray[np.int16], first_row: int, end: int
) -> None:
    """Which triangle each pixel shows; later ones lie over earlier ones."""
    width = owner.shape[1]
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) <= 1e-4:
            continue
        p0, q0, r0 = edge(ax, ay, bx, by)
        p1, q1, r1 = edge(bx, by, cx, cy)
        p2, q2, r2 = edge(cx, cy, ax, ay)
        start = max(first_row, ceil(min(ay, by, cy) - OVERLAP))
        for y in range(start, min(end, floor(max(ay, by, cy) + OVERLAP) + 1)):
            lo, hi = clip_span(0.0, width - 1.0, p0, q0 * y + r0)
            lo, hi = clip_span(lo, hi, p1, q1 * y + r1)
            lo, hi = clip_span(lo, hi, p2, q2 * y + r2)
            for x in range(ceil(lo), floor(hi) + 1):
                owner[y, x] = t


def owners(points: F32, triangles: NDArray[np.int32], region: Region) -> NDArray[np.int16]:
    """(height, width) the number of the triangle that each pixel of `region` shows, -1 for none.

    `points` (N, 2) in the frame; triangles that are seen from behind are left out, later ones lie over earlier ones.
    """
    found = np.full((region.height, region.width), -1, np.int16)
    run_bands(partial(_own, points, triangles, region.left, region.top, found), region.height)
    return found
