"""The inner loop: every pixel of a face, carried from several keyframes at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.bands import run_bands
from liveswapping.imaging.mesh_warp import OVERLAP, clip_span, edge
from liveswapping.swappers.temporal.keyframe import Keyframe
from liveswapping.swappers.temporal.own import HALF, UNIT

ATTRIBUTES: Final = 6
"""Per point and keyframe: x, y in the keyframe's region; weight; change of light B, G, R."""
SLOTS: Final = 4
"""Keyframes that can be carried at once."""
LIVE: Final = 1e-4
"""Weight of the live frame itself: it decides only what no keyframe has seen."""


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


@njit(nogil=True, cache=True, inline="always")
def _between(values: NDArray[Any], x: float, y: float, c: int) -> float:
    """Channel `c` of `values` (h, w, C) between four pixels; x, y must lie inside."""
    x0, y0 = int(x), int(y)
    x1, y1 = min(x0 + 1, values.shape[1] - 1), min(y0 + 1, values.shape[0] - 1)
    u, v = x - x0, y - y0
    above = values[y0, x0, c] + u * (float(values[y0, x1, c]) - values[y0, x0, c])
    below = values[y1, x0, c] + u * (float(values[y1, x1, c]) - values[y1, x0, c])
    return float(above + v * (below - above))


@njit(nogil=True, cache=True, fastmath=True)
def _carry(  # noqa: C901, PLR0915 (one loop: numba compiles it faster in one piece)
    frame: Image,
    points: F32,
    triangles: NDArray[np.int32],
    first_eye: int,
    owner: NDArray[np.int16],
    attributes: F32,
    skins: tuple[NDArray[np.uint8], ...],
    eyes: tuple[NDArray[np.uint8], ...],
    owns: tuple[NDArray[np.int16], ...],
    scales: NDArray[np.int64],
    left: int,
    top: int,
    out: Image,
    mask: F32,
    first_row: int,
    end_row: int,
) -> None:
    keys = attributes.shape[0]  # only the first of the tuples' entries count: one number of entries, one compilation
    here = np.zeros((keys, 6))
    right = np.zeros((keys, 6))
    for y in range(first_row, end_row):
        last = -1
        for x in range(owner.shape[1]):
            t = owner[y, x]
            if t < 0:
                mask[y, x] = 0.0
                continue
            if t != last:
                last = t
                i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                ax, ay = points[i, 0] - left, points[i, 1] - top
                bx, by = points[j, 0] - left, points[j, 1] - top
                cx, cy = points[k, 0] - left, points[k, 1] - top
                scale = 1.0 / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
                wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) * scale
                wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) * scale
                for n in range(keys):
                    for c in range(6):
                        base = attributes[n, i, c]
                        vb, vc = attributes[n, j, c] - base, attributes[n, k, c] - base
                        right[n, c] = (vb * (cy - ay) - vc * (by - ay)) * scale
                        here[n, c] = base + wb * vb + wc * vc
            else:
                for n in range(keys):
                    for c in range(6):
                        here[n, c] += right[n, c]
            live_b, live_g, live_r = (
                frame[y + top, x + left, 0],
                frame[y + top, x + left, 1],
                frame[y + top, x + left, 2],
            )
            total, shown = LIVE, 0.0
            b, g, r = LIVE * live_b, LIVE * live_g, LIVE * live_r
            for n in range(keys):
                weight = max(here[n, 2], 1e-9)
                layer = skins[n] if t < first_eye else eyes[n]
                fine = scales[n]
                u = min(max(here[n, 0] * fine + 0.5 * (fine - 1), 0.0), layer.shape[1] - 1.001)
                v = min(max(here[n, 1] * fine + 0.5 * (fine - 1), 0.0), layer.shape[0] - 1.001)
                m = _between(layer, u, v, 3)
                total += weight
                if m < 1.0:
                    b += weight * live_b
                    g += weight * live_g
                    r += weight * live_r
                    continue
                shown += weight * m
                kb, kg, kr = _between(layer, u, v, 0), _between(layer, u, v, 1), _between(layer, u, v, 2)
                kb, kg, kr = kb * here[n, 3], kg * here[n, 4], kr * here[n, 5]
                own = owns[n]
                hu = min(max((here[n, 0] - 0.5 * (HALF - 1)) / HALF, 0.0), own.shape[1] - 1.001)
                hv = min(max((here[n, 1] - 0.5 * (HALF - 1)) / HALF, 0.0), own.shape[0] - 1.001)
                trust = _between(own, hu, hv, 0) / UNIT
                if trust > 0.01:
                    fx = min(max(x + left + _between(own, hu, hv, 1) / UNIT, 0.0), frame.shape[1] - 1.001)
                    fy = min(max(y + top + _between(own, hu, hv, 2) / UNIT, 0.0), frame.shape[0] - 1.001)
                    kb += trust * (_between(frame, fx, fy, 0) - kb) + _between(own, hu, hv, 3) / UNIT
                    kg += trust * (_between(frame, fx, fy, 1) - kg) + _between(own, hu, hv, 4) / UNIT
                    kr += trust * (_between(frame, fx, fy, 2) - kr) + _between(own, hu, hv, 5) / UNIT
                b += weight * min(max(kb, 0.0), 255.0)
                g += weight * min(max(kg, 0.0), 255.0)
                r += weight * min(max(kr, 0.0), 255.0)
            out[y, x, 0] = np.uint8(b / total + 0.5)
            out[y, x, 1] = np.uint8(g / total + 0.5)
            out[y, x, 2] = np.uint8(r / total + 0.5)
            mask[y, x] = shown / (total * 255.0)


def carry(
    frame: Image,
    points: F32,
    triangles: NDArray[np.int32],
    first_eye: int,
    keys: Sequence[Keyframe],
    attributes: F32,
    region: Region,
) -> tuple[Image, F32]:
    """Draw `keys` (1 to SLOTS) over `region` of `frame`: picture (h, w, 3) and how much of it counts (h, w).

    `points` (VERTICES, 2) are the face's now, `attributes` (keys, VERTICES, ATTRIBUTES) what each keyframe says of
    them; triangles from number `first_eye` on show eyes.
    """
    owner = np.full((region.height, region.width), -1, np.int16)
    run_bands(partial(_own, points, triangles, region.left, region.top, owner), region.height)
    image = np.empty((region.height, region.width, 3), np.uint8)
    mask = np.zeros((region.height, region.width), np.float32)
    slots = [*keys, *[keys[0]] * (SLOTS - len(keys))]
    band = partial(
        _carry, frame, points, triangles, first_eye, owner, np.ascontiguousarray(attributes, np.float32),
        tuple(key.skin for key in slots), tuple(key.eyes for key in slots), tuple(key.own.values for key in slots),
        np.array([key.scale for key in slots], np.int64), region.left, region.top, image, mask,
    )  # fmt: skip
    run_bands(band, region.height)
    return image, mask
