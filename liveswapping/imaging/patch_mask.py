"""Which part of an aligned crop goes back into the frame, as soft masks in the crop's own space."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, LIPS_OUTER, OVAL

_BORDER: Final = 0.05
"""Share of a crop's side that is left out at each border, where networks see least (the published product's value)."""
_SOFTNESS: Final = 0.05
"""Radius over which a mask fades, as a share of the crop's side (the published product's value)."""
_OVAL_MARGIN: Final = 0.02
"""How far beyond the mesh's outline the face may reach: jaw and temples round outwards of it."""
_MOUTH: Final = (0.75, 0.50)
"""Half width and half height of the mouth's ellipse, in distances between its corners, where no mesh is known."""
_MOUTH_DROP: Final = 0.12
"""How far its centre lies below the corners: mouths open downwards."""
_EYE: Final = (0.34, 0.20)
"""The same of one eye, in distances between the eyes."""
_FEATURE_MARGIN: Final = 0.02
_DRAWN: Final = 256
"""Pixels per side at which the face's outline is drawn at most: it is softer than what more of them could show."""


@lru_cache(maxsize=8)
def box_mask(size: int) -> F32:
    """(size, size) 1 inside, 0 at the border, soft in between. Read-only."""
    inset = round(size * _BORDER)
    mask = np.zeros((size, size), np.float32)
    mask[inset : size - inset, inset : size - inset] = 1.0
    mask = _softened(mask, size * _SOFTNESS)
    mask[[0, -1]] = 0.0
    mask[:, [0, -1]] = 0.0
    mask.setflags(write=False)
    return mask


def face_mask(face: Face, matrix: F32, size: int) -> F32:
    """(size, size) the box, and where a mesh is known no more of it than the face itself."""
    if face.mesh is None:
        return box_mask(size).copy()
    drawn = min(size, _DRAWN)
    outline = _filled([face.mesh[list(OVAL), :2]], _scaled(matrix, drawn / size), drawn, drawn * _OVAL_MARGIN)
    soft = _softened(outline, drawn * _SOFTNESS / 2)
    if drawn < size:
        soft = np.asarray(cv2.resize(soft, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.minimum(box_mask(size), soft)


def mouth_mask(face: Face, matrix: F32, size: int) -> F32:
    """(size, size) 1 on lips and mouth."""
    if face.mesh is not None:
        return _features([face.mesh[list(LIPS_OUTER), :2]], matrix, size)
    left, right = face.keypoints[3], face.keypoints[4]
    axis = right - left
    centre = (left + right) / 2 + _MOUTH_DROP * _across(axis)
    return _features([_ellipse(centre, axis, _MOUTH)], matrix, size)


def eyes_mask(face: Face, matrix: F32, size: int) -> F32:
    """(size, size) 1 on both eyes with their lids."""
    if face.mesh is not None:
        return _features([face.mesh[list(eye), :2] for eye in (EYE_LEFT, EYE_RIGHT)], matrix, size)
    left, right = face.keypoints[0], face.keypoints[1]
    return _features([_ellipse(eye, right - left, _EYE) for eye in (left, right)], matrix, size)


def _scaled(matrix: F32, factor: float) -> F32:
    """`matrix` (2, 3) to a crop that is `factor` times as large; pixel centres lie at integers."""
    if factor == 1.0:
        return matrix
    onto = matrix * np.float32(factor)
    onto[:, 2] += np.float32((factor - 1.0) / 2.0)
    return onto


def _features(outlines: Sequence[F32], matrix: F32, size: int) -> F32:
    return _softened(_filled(outlines, matrix, size, size * _FEATURE_MARGIN), size * _FEATURE_MARGIN)


def _ellipse(centre: F32, axis: F32, radii: tuple[float, float]) -> F32:
    """(32, 2) around `centre`, lying along `axis`; radii are shares of its length."""
    angles = np.linspace(0.0, 2.0 * np.pi, 32, endpoint=False)
    along, aside = np.cos(angles)[:, None], np.sin(angles)[:, None]
    points = centre + radii[0] * along * axis + radii[1] * aside * _across(axis)
    return np.asarray(points, np.float32)


def _across(axis: F32) -> F32:
    """`axis` turned by a quarter: from the left corner of a mouth to the right, this points to the chin."""
    return np.array([-axis[1], axis[0]], np.float32)


def _filled(outlines: Sequence[F32], matrix: F32, size: int, margin: float) -> F32:
    """1 inside the convex hulls of frame points, and within `margin` pixels of the crop around them."""
    canvas = np.zeros((size, size), np.uint8)
    for outline in outlines:
        placed = outline @ matrix[:, :2].T + matrix[:, 2]
        cv2.fillConvexPoly(canvas, cv2.convexHull(np.round(placed).astype(np.int32)), 1)
    radius = round(margin)
    if radius:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        return np.asarray(cv2.dilate(canvas, disc), np.float32)
    return np.asarray(canvas, np.float32)


def _softened(mask: F32, radius: float) -> F32:
    """Blurred; what is nothing stays exactly 0 and what is whole exactly 1."""
    side = 2 * max(1, round(radius)) + 1
    soft = cv2.GaussianBlur(mask, (side, side), 0, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(np.clip(soft * 1.002 - 0.001, 0.0, 1.0), np.float32)
