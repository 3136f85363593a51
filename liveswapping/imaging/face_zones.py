"""Where brows, eyes, lips and nostrils lie on the unrolled face, as soft masks over UV space."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import (
    BROW_LEFT,
    BROW_RIGHT,
    EYE_LEFT,
    EYE_RIGHT,
    LIPS_INNER,
    LIPS_OUTER,
    OVAL,
    face_mesh,
)

SIZE: Final = 256
"""Pixels per side of a zone's map over the UV square."""
NOSTRILS: Final = (98, 97, 2, 326, 327, 294, 278, 275, 4, 45, 48, 64)
"""The underside of the nose with both nostrils."""


def _polygon(points: Sequence[int]) -> F32:
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    corners = np.round(face_mesh().uv[list(points)] * (SIZE - 1)).astype(np.int32)
    cv2.fillPoly(canvas, [cv2.convexHull(corners)], 1)
    return canvas.astype(np.float32)


def _grown(zone: F32, margin: float, softness: float) -> F32:
    """1 inside and within `margin` of it, falling to 0 over `softness`; both in UV units."""
    distance = cv2.distanceTransform((zone < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / SIZE
    return np.clip(1.0 - (distance - margin) / max(softness, 1e-6), 0.0, 1.0).astype(np.float32)


@cache
def brows() -> F32:
    """(256, 256) 1 on the brows."""
    return _grown(np.maximum(_polygon(BROW_LEFT), _polygon(BROW_RIGHT)), 0.012, 0.02)


@cache
def around_brows() -> F32:
    """(256, 256) 1 on the brows, also on thicker and more raised ones, falling to 0 high on the forehead."""
    return _grown(np.maximum(_polygon(BROW_LEFT), _polygon(BROW_RIGHT)), 0.035, 0.05)


@cache
def eyes() -> F32:
    """(256, 256) 1 on the eyes with lids and lashes."""
    return _grown(np.maximum(_polygon(EYE_LEFT), _polygon(EYE_RIGHT)), 0.022, 0.025)


@cache
def lips() -> F32:
    """(256, 256) 1 on lips and mouth."""
    return _grown(_polygon(LIPS_OUTER), 0.01, 0.025)


@cache
def mouth_opening() -> F32:
    """(256, 256) 1 between the lips."""
    return _grown(_polygon(LIPS_INNER), 0.0, 0.004)


@cache
def nostrils() -> F32:
    """(256, 256) 1 on the underside of the nose."""
    return _grown(_polygon(NOSTRILS), 0.004, 0.02)


@cache
def features() -> F32:
    """(256, 256) 1 wherever colour is not plain skin."""
    return np.asarray(np.maximum.reduce([brows(), eyes(), lips(), nostrils()]), np.float32)


@cache
def inside_outline() -> F32:
    """(256, 256) distance to the face's outline in UV units, 0 on it and outside."""
    outline = np.round(face_mesh().uv[list(OVAL)] * (SIZE - 1)).astype(np.int32)
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(canvas, [outline], 1)
    return (cv2.distanceTransform(canvas, cv2.DIST_L2, 5) / SIZE).astype(np.float32)


def at_points(zone: F32, uv: F32) -> F32:
    """A zone's value at `uv` (N, 2): (N,)."""
    x, y = (uv * (SIZE - 1)).astype(np.float32).T[:, None]
    return np.asarray(cv2.remap(zone, x, y, cv2.INTER_LINEAR), np.float32).reshape(-1)
