"""The inner loop of the built-in engine: every pixel of a face, once."""

from __future__ import annotations

from functools import partial
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.bands import run_bands
from liveswapping.imaging.mesh_warp import OVERLAP, clip_span, edge

ATTRIBUTES: Final = 9
"""Per mesh point: texture u, v in texels; light B, G, R; skin 0..1; moved dx, dy; cover 0..1."""

DARK: Final = 0.5
"""What is darker than its surroundings by this is hair or a nostril, no shaded skin; half of it still is all skin."""


@njit(nogil=True, cache=True, inline="always")
def _mix(texels: NDArray[Any], at: int, row: int, step: int, wa: int, wb: int, wc: int, wd: int) -> int:
    """Four neighbouring texels of one channel by 16-bit weights.

    Unsigned indices spare numba the test for indices that count from the end; flat arrays spare it row views.
    """
    a = np.uint64(at)
    return int(
        wa * np.int64(texels[a])
        + wb * np.int64(texels[a + np.uint64(step)])
        + wc * np.int64(texels[a + np.uint64(row)])
        + wd * np.int64(texels[a + np.uint64(row + step)])
    )


@njit(nogil=True, cache=True, inline="always", fastmath=True)
def _over(
    out: NDArray[np.uint8], mask: NDArray[np.float32], place: int, b: float, g: float, r: float, cover: float
) -> None:
    """Lay one pixel over what was drawn before."""
    at, one, two = np.uint64(3 * place), np.uint64(1), np.uint64(2)
    below = mask[np.uint64(place)]
    if below > 0.0:
        total = cover + (1.0 - cover) * below
        own = cover / total
        b = out[at] + own * (b - out[at])
        g = out[at + one] + own * (g - out[at + one])
        r = out[at + two] + own * (r - out[at + two])
        cover = total
    out[at] = np.uint8(b + 0.5)
    out[at + one] = np.uint8(g + 0.5)
    out[at + two] = np.uint8(r + 0.5)
    mask[np.uint64(place)] = cover


@njit(nogil=True, cache=True, fastmath=True)
def _render(  # noqa: C901, PLR0915 (one loop: numba compiles it faster in one piece)
    frame: NDArray[np.uint8],
    frame_width: int,
    frame_height: int,
    texture: NDArray[np.int16],
    texture_width: int,
    texture_height: int,
    points: F32,
    attributes: F32,
    triangles: NDArray[np.int32],
    chroma: float,
    contrast: F32,
    left: int,
    top: int,
    out: NDArray[np.uint8],
    mask: NDArray[np.float32],
    width: int,
    first_row: int,
    end_row: int,
) -> None:
    right, down, value = np.empty(9, np.float64), np.empty(9, np.float64), np.empty(9, np.float64)
    unit = 1.0 / (4096.0 * 65536.0)
    plain, bent_b, bent_g, bent_r = 1.0 - chroma, contrast[0] - 1.0, contrast[1] - 1.0, contrast[2] - 1.0
    u_end, v_end = (texture_width - 1) * 65536 - 1, (texture_height - 1) * 65536 - 1
    x_end, y_end = (frame_width - 1) * 65536 - 1, (frame_height - 1) * 65536 - 1
    row, frame_row = 4 * texture_width, 3 * frame_width
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = points[i, 0] - left, points[i, 1] - top
        bx, by = points[j, 0] - left, points[j, 1] - top
        cx, cy = points[k, 0] - left, points[k, 1] - top
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area <= 1e-4:
            continue
        is_skin = attributes[i, 1] < texture_width  # eyes lie below
        bare = attributes[i, 5] <= 0.0 and attributes[j, 5] <= 0.0 and attributes[k, 5] <= 0.0
        if bare and attributes[i, 8] + attributes[j, 8] + attributes[k, 8] <= 0.0:
            continue
        start = max(first_row, ceil(min(ay, by, cy) - OVERLAP))
        end = min(end_row, floor(max(ay, by, cy) + OVERLAP) + 1)
        p0, q0, r0 = edge(ax, ay, bx, by)
        p1, q1, r1 = edge(bx, by, cx, cy)
        p2, q2, r2 = edge(cx, cy, ax, ay)
        for c in range(9):
            vb, vc = attributes[j, c] - attributes[i, c], attributes[k, c] - attributes[i, c]
            right[c] = (vb * (cy - ay) - vc * (by - ay)) / area
            down[c] = (vc * (bx - ax) - vb * (cx - ax)) / area
            value[c] = attributes[i, c] - right[c] * ax + down[c] * (start - ay)
        u_step, v_step = int(right[0] * 65536.0), int(right[1] * 65536.0)
        x_step, y_step = int((right[6] + 1.0) * 65536.0), int(right[7] * 65536.0)
        for y in range(start, end):
            lo, hi = clip_span(0.0, width - 1.0, p0, q0 * y + r0)
            lo, hi = clip_span(lo, hi, p1, q1 * y + r1)
            lo, hi = clip_span(lo, hi, p2, q2 * y + r2)
            x0, x1 = ceil(lo), floor(hi) + 1
            u, v = int((value[0] + x0 * right[0]) * 65536.0), int((value[1] + x0 * right[1]) * 65536.0)
            fx = int((value[6] + x0 * right[6] + x0 + left) * 65536.0)
            fy = int((value[7] + x0 * right[7] + y + top) * 65536.0)
            for x in range(x0, x1):
                skin, b, g, r = 0.0, 0.0, 0.0, 0.0
                if not bare:
                    uc, vc_ = min(max(u, 0), u_end), min(max(v, 0), v_end)
                    fu, fv = (uc >> 8) & 255, (vc_ >> 8) & 255
                    wd = fu * fv
                    wb, wc = (fu << 8) - wd, (fv << 8) - wd
                    wa = 65536 - wb - wc - wd
                    at = 4 * ((vc_ >> 16) * texture_width + (uc >> 16))
                    skin = unit * _mix(texture, at + 3, row, 4, wa, wb, wc, wd)
                    skin *= min(max(value[5] + x * right[5], 0.0), 1.0)
                    db = unit * _mix(texture, at, row, 4, wa, wb, wc, wd)
                    dg = unit * _mix(texture, at + 1, row, 4, wa, wb, wc, wd)
                    dr = unit * _mix(texture, at + 2, row, 4, wa, wb, wc, wd)
                    luma = 0.114 * db + 0.587 * dg + 0.299 * dr
                    grey, shade = 1.0 + plain * luma, max(luma, min(0.0, -DARK - luma)) if is_skin else 0.0
                    b = min(max((value[2] + x * right[2]) * (grey + bent_b * shade + chroma * db), 0.0), 255.0)
                    g = min(max((value[3] + x * right[3]) * (grey + bent_g * shade + chroma * dg), 0.0), 255.0)
                    r = min(max((value[4] + x * right[4]) * (grey + bent_r * shade + chroma * dr), 0.0), 255.0)
                cover = skin + (1.0 - skin) * min(max(value[8] + x * right[8], 0.0), 1.0)
                if cover > skin + 0.001:
                    xc, yc = min(max(fx, 0), x_end), min(max(fy, 0), y_end)
                    fu, fv = (xc >> 8) & 255, (yc >> 8) & 255
                    wd = fu * fv
                    wb, wc = (fu << 8) - wd, (fv << 8) - wd
                    wa = 65536 - wb - wc - wd
                    at = 3 * ((yc >> 16) * frame_width + (xc >> 16))
                    own, scale = skin / cover, (1.0 - skin / cover) / 65536.0
                    b = own * b + scale * _mix(frame, at, frame_row, 3, wa, wb, wc, wd)
                    g = own * g + scale * _mix(frame, at + 1, frame_row, 3, wa, wb, wc, wd)
                    r = own * r + scale * _mix(frame, at + 2, frame_row, 3, wa, wb, wc, wd)
                if cover >= 0.004:
                    _over(out, mask, y * width + x, b, g, r, cover)
                u += u_step
                v += v_step
                fx += x_step
                fy += y_step
            for c in range(9):
                value[c] += down[c]


def render(
    frame: Image,
    texture: NDArray[np.int16],
    points: F32,
    attributes: F32,
    triangles: NDArray[np.int32],
    chroma: float,
    contrast: F32,
    region: Region,
) -> tuple[Image, F32]:
    """Draw a face over `region` of `frame`: picture (h, w, 3) and how much of it counts (h, w).

    Of the texture's detail `chroma` says how much of its colour is kept, and `contrast` (3,) how strongly B, G and R
    follow its luma beside that: 1 is plain.
    Where `cover` exceeds the swapped skin the picture shows the frame itself, fetched from `dx, dy` pixels away:
    that is how a changed outline takes its surroundings along.
    """
    image = np.empty((region.height, region.width, 3), np.uint8)
    mask = np.zeros((region.height, region.width), np.float32)

    band = partial(
        _render, frame.reshape(-1), frame.shape[1], frame.shape[0],
        texture.reshape(-1), texture.shape[1], texture.shape[0], points, attributes, triangles, chroma, contrast,
        region.left, region.top, image.reshape(-1), mask.reshape(-1), region.width,
    )  # fmt: skip
    run_bands(band, region.height)
    return image, mask
