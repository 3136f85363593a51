"""Puts patches back into the frame. All blending in the product happens here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from math import ceil, floor
from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.face import Patch
from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.imaging.bands import run_bands


@njit(nogil=True, cache=True, fastmath=True)
def _blend(
    frame: NDArray[np.uint8],
    frame_width: int,
    patch: NDArray[np.uint8],
    patch_stride: int,
    mask: F32,
    left: int,
    top: int,
    visible: F32,
    shift_x: int,
    shift_y: int,
    first_row: int,
    end_row: int,
) -> None:
    """Lay rows of `patch` over `frame` (both flat, BGR); `visible` begins `shift_x, shift_y` pixels from the patch.

    Unsigned indices spare numba the test for indices that count from the end.
    """
    one, two = np.uint64(1), np.uint64(2)
    first, end = max(0, shift_x), min(mask.shape[1], shift_x + visible.shape[1])
    for y in range(first_row, end_row):
        above = y - shift_y
        covered = 0 <= above < visible.shape[0]
        for x in range(mask.shape[1]):
            m = mask[np.uint64(y), np.uint64(x)]
            if covered and first <= x < end:
                m *= visible[np.uint64(above), np.uint64(x - shift_x)]
            if m <= 0.0:
                continue
            at, of = np.uint64(3 * ((top + y) * frame_width + left + x)), np.uint64(y * patch_stride + 3 * x)
            weight = int(m * 65536.0 + 0.5)
            for c in (np.uint64(0), one, two):
                below = np.int64(frame[at + c])
                frame[at + c] = np.uint8(below + ((weight * (np.int64(patch[of + c]) - below) + 32768) >> 16))


@njit(nogil=True, cache=True, fastmath=True)
def _blend_turned(
    frame: NDArray[np.uint8],
    frame_width: int,
    patch: Image,
    mask: F32,
    matrix: F32,
    left: int,
    top: int,
    width: int,
    visible: F32,
    shift_x: int,
    shift_y: int,
    first_row: int,
    end_row: int,
) -> None:
    """Lay `patch` (h, w, 3) over rows of a region of `frame` (flat, BGR) under `matrix` (frame -> patch), bilinear.

    The region begins at `left`, `top`, `width` pixels wide; `visible` begins `shift_x, shift_y` pixels from there.
    Beyond its border the patch goes on, and its mask is 0.
    """
    height, wide = mask.shape
    zero, one, half, whole = np.float32(0), np.float32(1), np.float32(0.5), np.float32(255)
    across, down, last_x, last_y = matrix[0, 0], matrix[1, 0], np.float32(wide), np.float32(height)
    first, end = max(0, shift_x), min(width, shift_x + visible.shape[1])
    for y in range(first_row, end_row):
        row = np.float32(top + y)
        u0, v0 = matrix[0, 1] * row + matrix[0, 2], matrix[1, 1] * row + matrix[1, 2]
        above = y - shift_y
        covered = 0 <= above < visible.shape[0]
        for x in range(width):
            u, v = across * np.float32(left + x) + u0, down * np.float32(left + x) + v0
            if u <= -one or v <= -one or u >= last_x or v >= last_y:
                continue
            column, line = int(u + one) - 1, int(v + one) - 1  # of what is not negative, truncation rounds down
            c0, c1 = np.uint64(max(column, 0)), np.uint64(min(column + 1, wide - 1))
            r0, r1 = np.uint64(max(line, 0)), np.uint64(min(line + 1, height - 1))
            right, low = u - np.float32(column), v - np.float32(line)
            w01, w10, w11 = right * (one - low), (one - right) * low, right * low
            w00 = one - right - low + w11
            if 0 <= column < wide - 1 and 0 <= line < height - 1:
                m = w00 * mask[r0, c0] + w01 * mask[r0, c1] + w10 * mask[r1, c0] + w11 * mask[r1, c1]
            else:
                m = w00 * mask[r0, c0] if column >= 0 and line >= 0 else zero
                m += w01 * mask[r0, c1] if column < wide - 1 and line >= 0 else zero
                m += w10 * mask[r1, c0] if column >= 0 and line < height - 1 else zero
                m += w11 * mask[r1, c1] if column < wide - 1 and line < height - 1 else zero
            if covered and first <= x < end:
                m *= visible[np.uint64(above), np.uint64(x - shift_x)]
            if m <= zero:
                continue
            at = np.uint64(3 * ((top + y) * frame_width + left + x))
            for c in (np.uint64(0), np.uint64(1), np.uint64(2)):
                upper = w00 * np.float32(patch[r0, c0, c]) + w01 * np.float32(patch[r0, c1, c])
                lower = w10 * np.float32(patch[r1, c0, c]) + w11 * np.float32(patch[r1, c1, c])
                below = np.float32(frame[at + c])
                frame[at + c] = np.uint8(min(whole, below + m * (upper + lower - below) + half))


def _is_translation(matrix: F32) -> bool:
    return bool(np.all(matrix[:, :2] == np.eye(2)) and np.all(matrix[:, 2] == np.round(matrix[:, 2])))


def _bounds(patch: Patch, frame: Image) -> Region:
    """The frame's pixels under a patch, out to the edges of its outermost pixels."""
    height, width = patch.mask.shape
    back = cv2.invertAffineTransform(patch.matrix)
    right_edge, bottom_edge = width - 0.5, height - 0.5
    corners = np.array([[-0.5, -0.5], [right_edge, -0.5], [-0.5, bottom_edge], [right_edge, bottom_edge]], np.float32)
    points = corners @ back[:, :2].T + back[:, 2]
    left, top = max(0, ceil(points[:, 0].min())), max(0, ceil(points[:, 1].min()))
    right = min(frame.shape[1], floor(points[:, 0].max()) + 1)
    bottom = min(frame.shape[0], floor(points[:, 1].max()) + 1)
    return Region(left, top, max(0, right - left), max(0, bottom - top))


_ALL_VISIBLE: Final = np.empty((0, 0), np.float32)


def paste(frame: Image, patches: Sequence[Patch], visible: Sequence[Mask | None] = ()) -> None:
    """Blend `patches` into `frame`, in order and in place.

    Of each patch only what its entry of `visible` leaves is pasted (none: all of it). Only each patch's rectangle is
    touched, and no pixel where its mask is 0.
    """
    for patch, seen in zip_longest(patches, visible):
        region = _bounds(patch, frame)
        if not region.width or not region.height:
            continue
        values, dx, dy = _ALL_VISIBLE, 0, 0
        if seen is not None:
            values, dx, dy = seen.values, seen.region.left - region.left, seen.region.top - region.top
        run_bands(_band(frame, patch, region, values, dx, dy), region.height)


def _band(
    frame: Image, patch: Patch, region: Region, visible: F32, shift_x: int, shift_y: int
) -> Callable[[int, int], None]:
    """What blends rows of `region`."""
    flat = frame.reshape(-1)
    if not _is_translation(patch.matrix):
        picture, matrix = np.ascontiguousarray(patch.image), np.asarray(patch.matrix, np.float32)
        turned = partial(_blend_turned, flat, frame.shape[1], picture, patch.mask, matrix)
        return partial(turned, region.left, region.top, region.width, visible, shift_x, shift_y)
    x, y = int(region.left + patch.matrix[0, 2]), int(region.top + patch.matrix[1, 2])
    inside = slice(y, y + region.height), slice(x, x + region.width)
    picture = np.ascontiguousarray(patch.image[inside]).reshape(-1)
    band = partial(_blend, flat, frame.shape[1], picture, 3 * region.width, patch.mask[inside])
    return partial(band, region.left, region.top, visible, shift_x, shift_y)
