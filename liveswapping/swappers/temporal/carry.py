"""The inner loop: every pixel of a face, carried from several keyframes at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple

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
FEW: Final = 0.01
"""Trust in the camera's own pixels that is none."""


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


class _Now(NamedTuple):
    """The face that is drawn; as a tuple, which compiled code takes."""

    frame: NDArray[np.uint8]
    """All bytes of the frame, one after the other."""
    width: int
    height: int
    """Of the frame."""
    points: F32
    triangles: NDArray[np.int32]
    first_eye: int
    owner: NDArray[np.int16]
    """(h, w) the triangle that each pixel of the region shows, -1 for none."""
    left: int
    top: int
    """Where in the frame the region begins."""


class _Keys(NamedTuple):
    """What it is drawn from. Only the first of the tuples' entries count: one number of entries, one compilation."""

    attributes: F32
    """(keys, VERTICES, ATTRIBUTES)."""
    shows: NDArray[np.uint8]
    """(keys, triangles): see `Sheet.shows`."""
    strongest: F32
    leading: NDArray[np.intp]
    """Per triangle the greatest weight among the keyframes, and whose it is."""
    skins: tuple[NDArray[np.uint8], ...]
    eyes: tuple[NDArray[np.uint8], ...]
    owns: tuple[NDArray[np.int16], ...]
    """Flat, as the frame is."""
    sizes: NDArray[np.int64]
    """(SLOTS, 5) scale, width and height of skin and eyes; width and height of own pixels."""


@njit(nogil=True, cache=True, inline="always")
def _between(x: int, y: int, width: int) -> tuple[int, int, int, int, int]:
    """A place in 256ths of a pixel: the number of the pixel before it, and the weights of that and its neighbours."""
    right, below = x & 255, y & 255
    wd = right * below
    wb, wc = (right << 8) - wd, (below << 8) - wd
    return (y >> 8) * width + (x >> 8), 65536 - wb - wc - wd, wb, wc, wd


@njit(nogil=True, cache=True, inline="always")
def _inside(value: int, end: int) -> int:
    return min(max(value, 0), end)


@njit(nogil=True, cache=True, fastmath=True, inline="always")
def _add(layer: NDArray[np.uint8], u: int, v: int, width: int, blank: bool, here: F64, sums: F64, x: int) -> None:
    """Add to the sums of pixel `x` what a keyframe has at u, v (256ths); a `blank` one leaves it to the camera."""
    weight = max(here[2], 1e-9)
    pixel, wa, wb, wc, wd = _between(u, v, width)
    at, row = 4 * pixel, 4 * width
    m = 0 if blank else _mix(layer, at + 3, row, 4, wa, wb, wc, wd)
    if m < 65536:
        sums[x, 5] += weight
        return
    part = weight / 65536.0
    for c in range(3):
        sums[x, c] += part * _mix(layer, at + c, row, 4, wa, wb, wc, wd) * here[3 + c]
    sums[x, 3] += part * m
    sums[x, 4] += weight


@njit(nogil=True, cache=True, fastmath=True)
def _gather(now: _Now, keys: _Keys, n: int, y: int, here: F64, right: F64, sums: F64) -> None:
    """Add to `sums` what keyframe `n` has of row `y`, by its weight."""
    attributes, skin, eye = keys.attributes[n], keys.skins[n], keys.eyes[n]
    fine, width, height = keys.sizes[n, 0], keys.sizes[n, 1], keys.sizes[n, 2]
    offset, u_end, v_end = 0.5 * (fine - 1), (width - 1) * 256 - 1, (height - 1) * 256 - 1
    last, skipped, blank = -1, False, False
    for x in range(now.owner.shape[1]):
        t = now.owner[y, x]
        if t < 0:
            continue
        if t != last:
            last = t
            i, j, k = now.triangles[t, 0], now.triangles[t, 1], now.triangles[t, 2]
            skipped = max(attributes[i, 2], attributes[j, 2], attributes[k, 2]) < FAINT * keys.strongest[t]
            blank = keys.shows[n, t] == 0
            if not skipped:
                _enter(now.points, attributes, i, j, k, x + now.left, y + now.top, here, right)
        elif not skipped:
            for c in range(ATTRIBUTES):
                here[c] += right[c]
        if skipped:
            continue
        u = _inside(int((here[0] * fine + offset) * 256.0), u_end)
        v = _inside(int((here[1] * fine + offset) * 256.0), v_end)
        _add(skin if t < now.first_eye else eye, u, v, width, blank, here, sums, x)


@njit(nogil=True, cache=True, fastmath=True, inline="always")
def _follow(now: _Now, own: NDArray[np.int16], width: int, height: int, x: int, y: int, here: F64, colour: F64) -> None:
    """Change a pixel's `colour` towards the camera's own, as far as an answer showed those there.

    `here` is where the pixel lay in that answer, `width` and `height` are those of its own pixels.
    """
    u = _inside(int((here[0] / HALF - 0.5 * (HALF - 1) / HALF) * 256.0), (width - 1) * 256 - 1)
    v = _inside(int((here[1] / HALF - 0.5 * (HALF - 1) / HALF) * 256.0), (height - 1) * 256 - 1)
    pixel, wa, wb, wc, wd = _between(u, v, width)
    at, row, unit = 6 * pixel, 6 * width, 1.0 / (65536.0 * UNIT)
    trust = unit * _mix(own, at, row, 6, wa, wb, wc, wd)
    if trust <= FEW:
        return
    fx = (x + now.left) * 256 + int(unit * 256.0 * _mix(own, at + 1, row, 6, wa, wb, wc, wd))
    fy = (y + now.top) * 256 + int(unit * 256.0 * _mix(own, at + 2, row, 6, wa, wb, wc, wd))
    fx, fy = _inside(fx, (now.width - 1) * 256 - 1), _inside(fy, (now.height - 1) * 256 - 1)
    pixel, xa, xb, xc, xd = _between(fx, fy, now.width)
    gain_unit = 1.0 / (65536.0 * 65536.0 * GAIN_UNIT)
    for c in range(3):
        gain = gain_unit * _mix(own, at + 3 + c, row, 6, wa, wb, wc, wd)
        colour[c] += gain * _mix(now.frame, 3 * pixel + c, 3 * now.width, 3, xa, xb, xc, xd) - trust * colour[c]


@njit(nogil=True, cache=True, fastmath=True)
def _compose(now: _Now, keys: _Keys, y: int, here: F64, right: F64, sums: F64, out: Image, mask: F32) -> None:
    """Row `y` of the picture, and of how much of it counts, from what all keyframes have of it."""
    last, best, colour = -1, 0, np.zeros(3)
    own, width, height = keys.owns[0], 0, 0
    for x in range(now.owner.shape[1]):
        t = now.owner[y, x]
        if t < 0 or sums[x, 3] <= 0.0:
            last = -1
            continue
        live = sums[x, 5] + LIVE
        share, place = 1.0 / (sums[x, 4] + live), 3 * ((y + now.top) * now.width + x + now.left)
        for c in range(3):
            colour[c] = share * (sums[x, c] + live * now.frame[place + c])
        best = keys.leading[t]
        if keys.shows[best, t] > 1:
            if t != last:
                last = t
                i, j, k = now.triangles[t, 0], now.triangles[t, 1], now.triangles[t, 2]
                _enter(now.points, keys.attributes[best], i, j, k, x + now.left, y + now.top, here[:2], right[:2])
                own, width, height = keys.owns[best], keys.sizes[best, 3], keys.sizes[best, 4]
            else:
                here[0] += right[0]
                here[1] += right[1]
            _follow(now, own, width, height, x, y, here, colour)
        else:
            last = -1
        for c in range(3):
            out[y, x, c] = np.uint8(min(max(colour[c], 0.0), 255.0) + 0.5)
        mask[y, x] = share * sums[x, 3] / 255.0


@njit(nogil=True, cache=True, fastmath=True)
def _carry(now: _Now, keys: _Keys, out: Image, mask: F32, first_row: int, end_row: int) -> None:
    """Rows of the picture `out` (h, w, 3) and of how much of it counts, `mask` (h, w)."""
    here, right = np.zeros(ATTRIBUTES), np.zeros(ATTRIBUTES)
    sums = np.zeros((now.owner.shape[1], 6))  # B, G, R, mask, weight of keyframes, weight of the live frame; weighted
    for y in range(first_row, end_row):
        sums[:] = 0.0
        for n in range(keys.attributes.shape[0]):
            _gather(now, keys, n, y, here, right, sums)
        _compose(now, keys, y, here, right, sums, out, mask)


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
    now = _Now(
        frame.reshape(-1), frame.shape[1], frame.shape[0], points, triangles, first_eye, owner, region.left, region.top
    )
    keys = _Keys(
        np.ascontiguousarray(attributes, np.float32),
        shows,
        weights.max(axis=0),
        weights.argmax(axis=0),
        tuple(one.skin.reshape(-1) for one in slots),
        tuple(one.eyes.reshape(-1) for one in slots),
        tuple(one.own.values.reshape(-1) for one in slots),
        sizes,
    )
    band = partial(_carry, now, keys, image, mask)
    run_bands(band, region.height)
    return image, mask
