"""The inner loop: every pixel of a face, carried from several keyframes at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.bands import run_bands
from liveswapping.swappers.temporal.keyframe import Sheet
from liveswapping.swappers.temporal.own import GAIN_UNIT, HALF, UNIT
from liveswapping.swappers.temporal.owners import owners

F64 = NDArray[np.float64]
ATTRIBUTES: Final = 6
"""Per point and keyframe: x, y in the keyframe's region; weight; change of light B, G, R."""
SLOTS: Final = 4
"""Keyframes that can be carried at once."""
FAINT: Final = 0.1
"""A keyframe that has so little of the strongest one's weight is left out."""
LIVE: Final = 1e-4
"""Weight of the live frame itself: it decides only what no keyframe has seen."""


@njit(nogil=True, cache=True, inline="always")
def _mix(values: NDArray[Any], at: int, row: int, step: int, wa: int, wb: int, wc: int, wd: int) -> int:
    """Four neighbouring values by 16-bit weights. Unsigned indices spare the test for ones that count from the end."""
    a = np.uint64(at)
    return int(
        wa * np.int64(values[a])
        + wb * np.int64(values[a + np.uint64(step)])
        + wc * np.int64(values[a + np.uint64(row)])
        + wd * np.int64(values[a + np.uint64(row + step)])
    )


@njit(nogil=True, cache=True, fastmath=True, inline="always")
def _enter(points: F32, attributes: F32, i: int, j: int, k: int, x: int, y: int, here: F64, right: F64) -> None:
    """Interpolate the first attributes (N, …) of triangle i, j, k: at pixel x, y (`here`) and per step to its `right`.

    As many as `here` and `right` have room for; the triangle must have an area.
    """
    ax, ay, bx, by, cx, cy = points[i, 0], points[i, 1], points[j, 0], points[j, 1], points[k, 0], points[k, 1]
    scale = 1.0 / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) * scale
    wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) * scale
    for c in range(here.shape[0]):
        base = attributes[i, c]
        vb, vc = attributes[j, c] - base, attributes[k, c] - base
        right[c] = (vb * (cy - ay) - vc * (by - ay)) * scale
        here[c] = base + wb * vb + wc * vc


@njit(nogil=True, cache=True, fastmath=True)
def _carry(  # noqa: C901, PLR0915 (one loop: numba compiles it faster in one piece)
    frame: NDArray[np.uint8],
    frame_width: int,
    frame_height: int,
    points: F32,
    triangles: NDArray[np.int32],
    first_eye: int,
    owner: NDArray[np.int16],
    attributes: F32,
    shows: NDArray[np.uint8],
    strongest: F32,
    leading: NDArray[np.intp],
    skins: tuple[NDArray[np.uint8], ...],
    eyes: tuple[NDArray[np.uint8], ...],
    owns: tuple[NDArray[np.int16], ...],
    sizes: NDArray[np.int64],
    left: int,
    top: int,
    out: Image,
    mask: F32,
    first_row: int,
    end_row: int,
) -> None:
    keys = attributes.shape[0]  # only the first of the tuples' entries count: one number of entries, one compilation
    here, right = np.zeros(6), np.zeros(6)
    columns = owner.shape[1]
    sums = np.zeros((columns, 6))  # B, G, R, mask, weight of keyframes, weight of the live frame; each weighted
    unit, own_unit = 1.0 / 65536.0, 1.0 / (65536.0 * UNIT)
    gain_unit = unit / (65536.0 * GAIN_UNIT)
    x_end, y_end = (frame_width - 1) * 256 - 1, (frame_height - 1) * 256 - 1
    frame_row = 3 * frame_width
    for y in range(first_row, end_row):
        sums[:] = 0.0
        for n in range(keys):
            skin, eye = skins[n], eyes[n]
            fine, width, height = sizes[n, 0], sizes[n, 1], sizes[n, 2]
            offset, u_end, v_end = 0.5 * (fine - 1), (width - 1) * 256 - 1, (height - 1) * 256 - 1
            row, last, skipped, blank = 4 * width, -1, False, False
            for x in range(columns):
                t = owner[y, x]
                if t < 0:
                    continue
                if t != last:
                    last = t
                    i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                    skipped = max(attributes[n, i, 2], attributes[n, j, 2], attributes[n, k, 2]) < FAINT * strongest[t]
                    blank = shows[n, t] == 0
                    if not skipped:
                        _enter(points, attributes[n], i, j, k, x + left, y + top, here, right)
                elif not skipped:
                    for c in range(6):
                        here[c] += right[c]
                if skipped:
                    continue
                weight = max(here[2], 1e-9)
                if blank:
                    sums[x, 5] += weight
                    continue
                u = min(max(int((here[0] * fine + offset) * 256.0), 0), u_end)
                v = min(max(int((here[1] * fine + offset) * 256.0), 0), v_end)
                fu, fv = u & 255, v & 255
                wd = fu * fv
                wb, wc = (fu << 8) - wd, (fv << 8) - wd
                wa = 65536 - wb - wc - wd
                at = 4 * ((v >> 8) * width + (u >> 8))
                layer = skin if t < first_eye else eye
                m = _mix(layer, at + 3, row, 4, wa, wb, wc, wd)
                if m < 65536:
                    sums[x, 5] += weight
                    continue
                part = weight * unit
                sums[x, 0] += part * _mix(layer, at, row, 4, wa, wb, wc, wd) * here[3]
                sums[x, 1] += part * _mix(layer, at + 1, row, 4, wa, wb, wc, wd) * here[4]
                sums[x, 2] += part * _mix(layer, at + 2, row, 4, wa, wb, wc, wd) * here[5]
                sums[x, 3] += part * m
                sums[x, 4] += weight
        last = -1
        for x in range(columns):
            t = owner[y, x]
            if t < 0 or sums[x, 3] <= 0.0:
                last = -1
                continue
            place = 3 * ((y + top) * frame_width + x + left)
            live = sums[x, 5] + LIVE
            share = 1.0 / (sums[x, 4] + live)
            b = share * (sums[x, 0] + live * frame[place])
            g = share * (sums[x, 1] + live * frame[place + 1])
            r = share * (sums[x, 2] + live * frame[place + 2])
            best = leading[t]
            if shows[best, t] > 1:
                if t != last:
                    last = t
                    i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                    _enter(points, attributes[best], i, j, k, x + left, y + top, here[:2], right[:2])
                    own, width, height = owns[best], sizes[best, 3], sizes[best, 4]
                else:
                    here[0] += right[0]
                    here[1] += right[1]
                u = min(max(int((here[0] / HALF - 0.5 * (HALF - 1) / HALF) * 256.0), 0), (width - 1) * 256 - 1)
                v = min(max(int((here[1] / HALF - 0.5 * (HALF - 1) / HALF) * 256.0), 0), (height - 1) * 256 - 1)
                fu, fv = u & 255, v & 255
                wd = fu * fv
                wb, wc = (fu << 8) - wd, (fv << 8) - wd
                wa = 65536 - wb - wc - wd
                at, row = 6 * ((v >> 8) * width + (u >> 8)), 6 * width
                trust = own_unit * _mix(own, at, row, 6, wa, wb, wc, wd)
                if trust > 0.01:
                    fx = (x + left) * 256 + int(own_unit * 256.0 * _mix(own, at + 1, row, 6, wa, wb, wc, wd))
                    fy = (y + top) * 256 + int(own_unit * 256.0 * _mix(own, at + 2, row, 6, wa, wb, wc, wd))
                    fx, fy = min(max(fx, 0), x_end), min(max(fy, 0), y_end)
                    gu, gv = fx & 255, fy & 255
                    xd = gu * gv
                    xb, xc = (gu << 8) - xd, (gv << 8) - xd
                    xa = 65536 - xb - xc - xd
                    to = 3 * ((fy >> 8) * frame_width + (fx >> 8))
                    gain = gain_unit * _mix(own, at + 3, row, 6, wa, wb, wc, wd)
                    b += gain * _mix(frame, to, frame_row, 3, xa, xb, xc, xd) - trust * b
                    gain = gain_unit * _mix(own, at + 4, row, 6, wa, wb, wc, wd)
                    g += gain * _mix(frame, to + 1, frame_row, 3, xa, xb, xc, xd) - trust * g
                    gain = gain_unit * _mix(own, at + 5, row, 6, wa, wb, wc, wd)
                    r += gain * _mix(frame, to + 2, frame_row, 3, xa, xb, xc, xd) - trust * r
            out[y, x, 0] = np.uint8(min(max(b, 0.0), 255.0) + 0.5)
            out[y, x, 1] = np.uint8(min(max(g, 0.0), 255.0) + 0.5)
            out[y, x, 2] = np.uint8(min(max(r, 0.0), 255.0) + 0.5)
            mask[y, x] = share * sums[x, 3] / 255.0


def carry(
    frame: Image,
    points: F32,
    triangles: NDArray[np.int32],
    first_eye: int,
    sheets: Sequence[Sheet],
    attributes: F32,
    shows: NDArray[np.uint8],
    region: Region,
) -> tuple[Image, F32]:
    """Draw `sheets` (1 to SLOTS) over `region` of `frame`: picture (h, w, 3) and how much of it counts (h, w).

    `points` (VERTICES, 2) are the face's now, `attributes` (keys, VERTICES, ATTRIBUTES) what each keyframe says of
    them; triangles from number `first_eye` on show eyes. `shows` (keys, triangles): see `Sheet.shows`.
    """
    owner = owners(points, triangles, region)
    image = np.zeros((region.height, region.width, 3), np.uint8)
    mask = np.zeros((region.height, region.width), np.float32)
    slots = [*sheets, *[sheets[0]] * (SLOTS - len(sheets))]
    sizes = np.array([[one.scale, *one.skin.shape[1::-1], *one.own.values.shape[1::-1]] for one in slots], np.int64)
    weights = attributes[:, :, 2][:, triangles].max(axis=2)
    band = partial(
        _carry, frame.reshape(-1), frame.shape[1], frame.shape[0], points, triangles, first_eye, owner,
        np.ascontiguousarray(attributes, np.float32), shows, weights.max(axis=0), weights.argmax(axis=0),
        tuple(one.skin.reshape(-1) for one in slots), tuple(one.eyes.reshape(-1) for one in slots),
        tuple(one.own.values.reshape(-1) for one in slots), sizes, region.left, region.top, image, mask,
    )  # fmt: skip
    run_bands(band, region.height)
    return image, mask
