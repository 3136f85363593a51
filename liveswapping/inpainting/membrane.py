"""Fills holes as a soap film would: smoothly, from what is around them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

_NEIGHBOURS: Final = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
_SWEEPS: Final = 12
"""Relaxations on each level: they even out what the next coarser one cannot show."""
_LEAST: Final = 4
"""Pixels of the shorter side of the coarsest level."""


def fill_smoothly(values: F32, known: NDArray[np.bool_]) -> F32:
    """`values` (h×w×c) with what is not `known` (h×w) put between its surroundings, nearly harmonic. A copy.

    Nothing is known anywhere: zeros.
    """
    if known.all():
        return values.copy()
    result = np.where(known[..., None], values, 0).astype(np.float32)
    rows, columns = _around(~known)
    part, solid = result[rows, columns], known[rows, columns]
    filled = _filled(part, solid.astype(np.float32))
    result[rows, columns] = np.where(solid[..., None], part, filled)
    return result


def _around(hole: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rectangle of the hole, and its width around it, so that what is far away costs nothing."""
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(hole.any(axis=axis))
        margin = max(8, (int(places[-1]) - int(places[0])) // 4)
        spans.append(slice(max(0, int(places[0]) - margin), int(places[-1]) + 1 + margin))
    return spans[0], spans[1]


def _filled(values: F32, weight: F32) -> F32:
    """One level: what the coarser one says, relaxed. `weight` is 0..1: how much of a pixel is known."""
    height, width = weight.shape
    solid = weight > 0
    coarse = values
    if not solid.all() and min(height, width) > _LEAST:
        size = (width + 1) // 2, (height + 1) // 2
        share = _scaled(weight[..., None], size, cv2.INTER_AREA)[..., 0]
        total = _scaled(values * weight[..., None], size, cv2.INTER_AREA)
        mean = np.asarray(total / np.maximum(share, np.float32(1e-6))[..., None], np.float32)
        below = _filled(mean, share)
        coarse = _scaled(below, (width, height), cv2.INTER_LINEAR)
    elif not solid.all():
        whole = (values * weight[..., None]).sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6)
        coarse = np.broadcast_to(np.float32(whole), values.shape)
    return _relaxed(np.where(solid[..., None], values, coarse), values, solid)


def _relaxed(start: F32, values: F32, solid: NDArray[np.bool_]) -> F32:
    if solid.all():
        return start
    current, fixed = np.ascontiguousarray(start, np.float32), solid.astype(np.uint8)
    for _ in range(_SWEEPS):
        spread = cv2.filter2D(current, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE)
        cv2.copyTo(current, fixed, spread)
        current = np.asarray(spread, np.float32).reshape(values.shape)
    return current


def _scaled(values: F32, size: tuple[int, int], way: int) -> F32:
    """h×w×c at another width and height; OpenCV drops a third axis of one."""
    return np.asarray(cv2.resize(values, size, interpolation=way), np.float32).reshape(size[1], size[0], -1)
