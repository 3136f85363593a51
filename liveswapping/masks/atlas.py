"""The face unrolled into a fixed grid of texels: where each lies on the mesh, and what a face may look like there.

All that is known before any person was seen is here. Appearance is written as (y, p, q): logarithmic brightness, and
red and blue against green (see `observe`); the light of the scene is fitted away before anything is compared, so a
prior of zero means "plain skin".
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import (
    BROW_LEFT,
    BROW_RIGHT,
    EYE_LEFT,
    EYE_RIGHT,
    LIPS_INNER,
    LIPS_OUTER,
    POINTS,
    face_mesh,
)

SIZE: Final = 112
"""Texels along each side: about one pixel of the reduced picture, see `observe.WORKING_WIDTH`."""

# fmt: off
NOSTRILS: Final = (64, 98, 97, 2, 326, 327, 294, 278, 275, 45, 48)
NOSE: Final = (168, 417, 465, 343, 437, 420, 360, 278, 294, 327, 326, 2, 97, 98, 64, 48, 131, 198, 217, 114,
               245, 193)
BEARD: Final = (48, 64, 2, 294, 278, 427, 411, 376, 433, 435, 367, 364, 394, 395, 369, 396, 175, 171, 140, 170, 169,
                135, 138, 215, 213, 147, 187, 207)
# fmt: on


@dataclass(frozen=True, slots=True)
class _Zone:
    """How a part of the face looks, against plain skin, on people in general."""

    outline: tuple[int, ...]
    grow: int
    """Texels by which the zone is larger than its outline."""
    mean: float
    """Brightness."""
    spread: float
    """How far brightness may differ (1 sigma) …"""
    tint: float
    """… and colour."""
    mobile: float = 0.22
    """Which share of that stays when the person is known, because the part moves."""


_SKIN: Final = _Zone((), 0, 0.0, 0.16, 0.07)
# In this order, later over earlier. Values are what the faces of our dependencies' sample pictures show, rounded up.
_ZONES: Final = (
    _Zone(BEARD, 2, -0.05, 0.24, 0.09),
    _Zone(NOSE, 1, 0.0, 0.22, 0.08),
    _Zone(NOSTRILS, 1, -0.35, 0.55, 0.20),
    _Zone(BROW_LEFT, 3, -0.40, 0.50, 0.16, 0.25),
    _Zone(BROW_RIGHT, 3, -0.40, 0.50, 0.16, 0.25),
    _Zone(EYE_LEFT, 4, -0.30, 0.55, 0.20),
    _Zone(EYE_RIGHT, 4, -0.30, 0.55, 0.20),
    _Zone(LIPS_OUTER, 2, -0.20, 0.32, 0.16, 0.30),
    _Zone(LIPS_INNER, 1, -0.40, 0.80, 0.30),
)
_OPENINGS: Final = (EYE_LEFT, EYE_RIGHT, LIPS_INNER)
"""What opens and closes stays as variable as on a stranger."""
_MOBILE_OPENING: Final = 0.8
_RIM: Final = 4
"""Texels."""


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """Read-only maps over the grid; row is v, column is u."""

    triangle: NDArray[np.int32]
    """(SIZE, SIZE) number of the mesh's triangle, -1 outside the face."""
    corners: NDArray[np.int16]
    """(T, 3) the triangles' points."""
    weights: F32
    """(SIZE, SIZE, 3) how much of each corner of that triangle."""
    areas: F32
    """(T,) area of each triangle in texels."""
    basis: F32
    """(8, SIZE, SIZE) the patterns that light is made of: 1, u, v, u², uv, v², u³, u²v, with u and v in -1..1."""
    basis_mean: F32
    """(8,) their means over bare skin."""
    mean: F32
    """(3, SIZE, SIZE) expected y, p, q of an unknown person."""
    spread: F32
    """(2, SIZE, SIZE) standard deviation of y, and of p and q, of an unknown person."""
    mobile: F32
    """(SIZE, SIZE) which share of `spread` stays when the person is known."""
    plain: F32
    """(SIZE, SIZE) 1 on bare skin on everybody: the light of an unknown person is fitted here."""
    core: NDArray[np.uint8]
    """(SIZE, SIZE) 1 on the face but not near its rim, where background and hair come in."""
    parts: NDArray[np.uint8]
    """(SIZE, SIZE) number of the feature (see `features`), 0 elsewhere."""
    fickle: F32
    """(SIZE, SIZE) 1 where structure tells nothing: eyes and mouth open and close, the rim comes and goes."""


@cache
def atlas() -> Atlas:
    """The one atlas there is, made on first use."""
    triangle, weights = _texels()
    turn = np.linspace(-1, 1, SIZE, dtype=np.float32)
    u, v = np.meshgrid(turn, turn)
    inside = (triangle >= 0).astype(np.float32)
    opening = np.maximum.reduce([_filled(outline, 1) for outline in _OPENINGS])
    rim = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    special = np.maximum.reduce([_filled(zone.outline, zone.grow) for zone in _ZONES[2:]])
    mobile = _painted(_SKIN.mobile, "mobile")
    basis = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v, u * u * u, u * u * v])
    plain = inside * (1 - special)
    made = Atlas(
        triangle=triangle,
        corners=face_mesh().triangles.astype(np.int16),
        weights=weights,
        areas=_areas(),
        basis=basis,
        basis_mean=(basis * plain).sum(axis=(1, 2)) / plain.sum(),
        mean=np.stack([_painted(_SKIN.mean, "mean"), np.zeros_like(u), np.zeros_like(u)]),
        spread=np.stack([_painted(_SKIN.spread, "spread"), _painted(_SKIN.tint, "tint")]),
        mobile=np.where(opening > 0, np.float32(_MOBILE_OPENING), mobile),
        plain=plain,
        core=cv2.erode((triangle >= 0).astype(np.uint8), rim, iterations=2).astype(np.uint8),
        parts=_parts(),
        fickle=np.maximum(opening, 1 - cv2.erode(inside, rim)),
    )
    for field in fields(made):
        getattr(made, field.name).setflags(write=False)
    return made


def _corners() -> F32:
    return np.asarray(face_mesh().uv[:POINTS] * (SIZE - 1), np.float32)


def _areas() -> F32:
    a, b, c = (_corners()[face_mesh().triangles[:, corner]] for corner in range(3))
    return np.asarray(np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]) / 2, np.float32)


def _texels() -> tuple[NDArray[np.int32], F32]:
    triangle = np.full((SIZE, SIZE), -1, np.int32)
    weights = np.zeros((SIZE, SIZE, 3), np.float32)
    for number, (a, b, c) in enumerate(_corners()[face_mesh().triangles]):
        first, last = np.floor(np.minimum(np.minimum(a, b), c)), np.ceil(np.maximum(np.maximum(a, b), c))
        columns, rows = (np.arange(int(first[axis]), int(last[axis]) + 1) for axis in range(2))
        x, y = (grid.ravel() for grid in np.meshgrid(columns, rows))
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        of_b = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
        of_c = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
        inside = (of_b >= -1e-3) & (of_c >= -1e-3) & (of_b + of_c <= 1.001)
        triangle[y[inside], x[inside]] = number
        weights[y[inside], x[inside]] = np.stack([1 - of_b - of_c, of_b, of_c], axis=-1)[inside]
    return triangle, weights


def _filled(outline: tuple[int, ...], grow: int) -> F32:
    """(SIZE, SIZE) 1 inside the outline grown by so many texels."""
    inside = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(inside, [np.round(_corners()[list(outline)]).astype(np.int32)], 1)
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
    return np.asarray(cv2.dilate(inside, pen), np.float32)


def _parts() -> NDArray[np.uint8]:
    """(SIZE, SIZE) 1, 2 the eyes, 3, 4 the halves of the nose's underside, 5, 6 those of the mouth; left, right."""
    parts = np.zeros((SIZE, SIZE), np.uint8)
    right = np.arange(SIZE) >= SIZE // 2
    features = (np.maximum(_filled(EYE_LEFT, 2), _filled(EYE_RIGHT, 2)), _filled(NOSTRILS, 2), _filled(LIPS_OUTER, 2))
    for number, feature in enumerate(features):
        inside = feature > 0
        parts[inside] = np.broadcast_to(2 * number + 1 + right, parts.shape)[inside]
    return parts


def _painted(skin: float, quality: str) -> F32:
    """(SIZE, SIZE) one quality of all zones over the skin's, softened at their borders."""
    canvas = np.full((SIZE, SIZE), skin, np.float32)
    for zone in _ZONES:
        canvas[_filled(zone.outline, zone.grow) > 0] = getattr(zone, quality)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.0), np.float32)
