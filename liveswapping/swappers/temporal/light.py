"""The light on a face as the camera sees it, at the points of its mesh: what is smaller than features is left out."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, LIPS_INNER, OVAL, face_width
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.swappers.temporal.geometry import points_of

CELLS: Final = 36
"""Cells of the coarse picture across a face."""
REACH: Final = 0.09
"""σ of the light's field in face widths."""
FLOOR: Final = 8.0
"""Added to both sides of a ratio, so that black does not explode."""
BRIGHTEST: Final = 2.5
"""Light may grow by this factor, or fall by it, from a keyframe to now."""


def light_at_points(image: Image, mesh: F32, visible: Mask | None) -> F32:
    """(VERTICES, 3) BGR 0..255, smoothed over the visible skin of the face; `mesh` (478, 3)."""
    cell = max(1.0, face_width(mesh) / CELLS)
    region = mesh_region(mesh[:, :2], 2 * cell, image.shape[1], image.shape[0])
    points = points_of(mesh)
    if region.width < 2 or region.height < 2:
        return np.full((len(points), 3), 128.0, np.float32)
    size = max(2, round(region.width / cell)), max(2, round(region.height / cell))
    scale = np.array([size[0] / region.width, size[1] / region.height], np.float32)
    small = np.asarray(cv2.resize(image[region.slices], size, interpolation=cv2.INTER_AREA), np.float32)

    def placed(corners: F32) -> F32:
        return np.asarray((corners - (region.left, region.top) + 0.5) * scale - 0.5, np.float32)

    weight = _skin(placed(mesh[:, :2]), size)
    if visible is not None:
        weight *= _seen(visible, region, size)
    smooth = _smoothed(small, weight, REACH * CELLS)
    at = placed(points)
    found = cv2.remap(smooth, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float32)


def change_of_light(now: F32, then: F32) -> F32:
    """(N, 3) the factors that lead from `then` to `now`, both as `light_at_points` answers."""
    return np.clip((now + FLOOR) / (then + FLOOR), 1.0 / BRIGHTEST, BRIGHTEST).astype(np.float32)


def _skin(mesh: F32, size: tuple[int, int]) -> F32:
    """(height, width) 1 on the face, 0 in its mouth and eyes; `mesh` (N, 2) in cells."""
    canvas = np.zeros((size[1], size[0]), np.uint8)
    for numbers, value in _AREAS:
        corners = np.round(mesh[list(numbers)] * 16).astype(np.int32)
        cv2.fillPoly(canvas, [corners], value, cv2.LINE_8, 4)
    return np.asarray(canvas, np.float32)


_AREAS: Final = ((OVAL, 1), (LIPS_INNER, 0), (EYE_LEFT, 0), (EYE_RIGHT, 0))


def _seen(visible: Mask, region: Region, size: tuple[int, int]) -> F32:
    """(height, width) how much of each cell of `region` is not hidden."""
    whole = np.ones((region.height, region.width), np.float32)
    other = visible.region
    left, top = max(region.left, other.left), max(region.top, other.top)
    right = min(region.left + region.width, other.left + other.width)
    bottom = min(region.top + region.height, other.top + other.height)
    if right > left and bottom > top:
        part = visible.values[top - other.top : bottom - other.top, left - other.left : right - other.left]
        whole[top - region.top : bottom - region.top, left - region.left : right - region.left] = part
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _smoothed(small: F32, weight: F32, sigma: float) -> F32:
    """Normalised convolution; far from all skin the mean over it."""
    near = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = (small * weight[..., None]).sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
    sums = cv2.GaussianBlur(small * weight[..., None], (0, 0), sigma)
    return np.asarray((sums + 1e-3 * mean) / (near + 1e-3)[..., None], np.float32)
