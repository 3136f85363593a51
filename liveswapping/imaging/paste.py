"""Puts patches back into the frame. All blending in the product happens here."""

from __future__ import annotations

from collections.abc import Sequence
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


def _in_frame(patch: Patch, frame: Image) -> tuple[Image, F32, Region]:
    """A patch's picture and mask over the frame's own pixels."""
    region = _bounds(patch, frame)
    if _is_translation(patch.matrix):
        x, y = int(region.left + patch.matrix[0, 2]), int(region.top + patch.matrix[1, 2])
        inside = slice(y, y + region.height), slice(x, x + region.width)
        return patch.image[inside], patch.mask[inside], region
    shifted = patch.matrix.astype(np.float64).copy()
    shifted[:, 2] += shifted[:, :2] @ (region.left, region.top)
    size, flags = (region.width, region.height), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # Where the mask ends in zeros nothing beyond the patch is seen, and repeating its border costs a third more.
    border = cv2.BORDER_REPLICATE if _reaches_border(patch.mask) else cv2.BORDER_CONSTANT
    image = cv2.warpAffine(patch.image, shifted, size, flags=flags, borderMode=border)
    mask = cv2.warpAffine(patch.mask, shifted, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(image, np.uint8), np.asarray(mask, np.float32), region


def _reaches_border(mask: F32) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())


_ALL_VISIBLE: Final = np.empty((0, 0), np.float32)


def paste(frame: Image, patches: Sequence[Patch], visible: Sequence[Mask | None] = ()) -> None:
    """Blend `patches` into `frame`, in order and in place.

    Of each patch only what its entry of `visible` leaves is pasted (none: all of it). Only each patch's rectangle is
    touched, and no pixel where its mask is 0.
    """
    for patch, seen in zip_longest(patches, visible):
        image, mask, region = _in_frame(patch, frame)
        if not region.width or not region.height:
            continue
        values, dx, dy = _ALL_VISIBLE, 0, 0
        if seen is not None:
            values, dx, dy = seen.values, seen.region.left - region.left, seen.region.top - region.top
        flat, patch_flat = frame.reshape(-1), np.ascontiguousarray(image).reshape(-1)
        band = partial(_blend, flat, frame.shape[1], patch_flat, 3 * region.width, mask)
        run_bands(partial(band, region.left, region.top, values, dx, dy), region.height)
