"""Eyes that look where the target looks.

An eyeball is not stretched with its lids: the photograph's iris keeps its shape and lies where the target's iris
lies, and the lids cut it off. Each prepared eye is a small upright tile around the iris, in units of its radius.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, IRIS_LEFT, IRIS_RIGHT

TILE: Final = 128
"""Texels per side."""
REACH: Final = 4.4
"""Iris radii from a tile's centre to its border: half an eye's width and the farthest glance."""
CLOSED: Final = 0.45
OPEN: Final = 0.65
"""Opening over iris diameter: up to the first a photograph's eye cannot be used, from the second on it fully can."""
WHITEST: Final = 1.25
"""The white of an eye by the light on the skin around it; more comes of a photograph's shadow, and would glow."""
EYES: Final = ((EYE_LEFT, IRIS_LEFT), (EYE_RIGHT, IRIS_RIGHT))
OPENINGS: Final = np.array([*EYE_LEFT, *EYE_RIGHT])
"""The points around both openings."""
LOWER_LIDS: Final = np.array([*EYE_LEFT[1:8], *EYE_RIGHT[1:8]])
UPPER_LIDS: Final = np.array([*EYE_LEFT[:8:-1], *EYE_RIGHT[:8:-1]])
"""Of each eye, seven points of the upper lid and the seven of the lower lid below them."""
CORNERS: Final = 46
"""Points of both eyes' openings, then seven between the lids of each."""
_LEFT_CORNERS: Final = np.array([*range(16), *range(32, 39)])
_RIGHT_CORNERS: Final = np.array([*range(16, 32), *range(39, 46)])


@cache
def eye_triangles(first: int) -> NDArray[np.int32]:
    """Both openings as two strips each, lid to middle and middle to lid; points are numbered from `first`."""
    rows: list[tuple[int, int, int]] = []
    for start, middle, clockwise in ((first, first + 32, False), (first + 16, first + 39, True)):
        line = [start, *range(middle, middle + 7), start + 8]
        lower = list(range(start, start + 9))
        upper = [start, *range(start + 15, start + 7, -1)]
        for i in range(8):
            for one, other in ((lower, line), (line, upper)):
                quad = ((one[i], one[i + 1], other[i]), (one[i + 1], other[i + 1], other[i]))
                rows += [(a, b, c) if clockwise else (a, c, b) for a, b, c in quad if len({a, b, c}) == 3]
    return np.array(rows, np.int32)


def between_lids(values: F32) -> F32:
    """Of values (N, C) given per mesh point the means between the lids: (14, C), seven for each eye."""
    return np.asarray((values[LOWER_LIDS] + values[UPPER_LIDS]) * np.float32(0.5), np.float32)


def eye_points(values: F32) -> F32:
    """Of values (N, C) given per mesh point those of the CORNERS: the openings' and the means between the lids."""
    return np.concatenate([values[OPENINGS], between_lids(values)])


def _frame_of(mesh: F32, iris: tuple[int, ...]) -> tuple[F32, F32]:
    """Iris centre (2,) and the matrix (2, 2) from pixels beside it to iris radii along the line of the eyes."""
    x, y = (mesh[EYE_RIGHT[0], :2] - mesh[EYE_LEFT[0], :2]).tolist()
    centre = mesh[iris[0], :2]
    rim = mesh[iris[1] : iris[-1] + 1, :2] - centre
    radius = max(float(np.hypot(rim[:, 0], rim[:, 1]).mean()), 0.5)
    scale = 1.0 / (radius * max(math.hypot(x, y), 1e-6))
    return centre, np.array([[x, y], [-y, x]], np.float32) * np.float32(scale)


def eye_coordinates(mesh: F32) -> F32:
    """(CORNERS, 2) where the corners of both eyes lie on the strip of two tiles, in texels."""
    points = eye_points(mesh[:, :2])
    places = np.empty((CORNERS, 2), np.float32)
    for mine, (_, iris), shift in ((_LEFT_CORNERS, EYES[0], 0), (_RIGHT_CORNERS, EYES[1], TILE)):
        centre, turn = _frame_of(mesh, iris)
        places[mine] = (points[mine] - centre) @ turn.T * (TILE / 2 / REACH) + (TILE - 1) / 2
        places[mine, 0] += shift
    return places


def eye_tiles(image: NDArray[np.uint8], mesh: F32, lights: tuple[F32, F32]) -> tuple[F32, F32]:
    """Both eyes of a photograph: relative detail (2, TILE, TILE, 3) and how far to use it (2,), 0..1.

    `lights` are the light's BGR at either eye.
    """
    tiles, usable = [], []
    for (corners, iris), light in zip(EYES, lights, strict=True):
        centre, turn = _frame_of(mesh, iris)
        step = np.linalg.inv(turn) * (2 * REACH / TILE)
        matrix = np.concatenate([step, (centre - step @ np.full(2, (TILE - 1) / 2, np.float32))[:, None]], axis=1)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        tile = cv2.warpAffine(image, matrix, (TILE, TILE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        local = ((mesh[list(corners), :2] - centre) @ turn.T) * (TILE / 2 / REACH) + (TILE - 1) / 2
        opening = np.zeros((TILE, TILE), np.uint8)
        cv2.fillPoly(opening, [np.round(local).astype(np.int32)], 1)
        height = float(np.ptp(local[:, 1])) / (TILE / REACH)
        usable.append(float(np.clip((height - CLOSED) / (OPEN - CLOSED), 0.0, 1.0)))
        ratio = _completed(np.asarray(tile, np.uint8), opening).astype(np.float32) / np.maximum(light, 16.0)
        white = float(np.percentile(ratio.mean(axis=2)[opening > 0], 95)) if opening.any() else 1.0
        tiles.append(ratio * min(1.0, WHITEST / max(white, 1e-3)) - 1.0)
    return np.stack(tiles), np.array(usable, np.float32)


def _completed(tile: NDArray[np.uint8], opening: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fill what the lids hide: the iris from its other half, the white from what is seen of it."""
    y, x = np.mgrid[:TILE, :TILE] - (TILE - 1) / 2
    radii = np.hypot(x, y) / (TILE / 2 / REACH)
    known = cv2.erode(opening, np.ones((5, 5), np.uint8)).astype(bool)
    core = cv2.erode(opening, np.ones((11, 11), np.uint8)).astype(bool)  # clear of lids and lashes
    picture = tile.copy()
    for mirrored in (np.s_[::-1, :], np.s_[::-1, ::-1], np.s_[:, ::-1]):
        use = (radii < 1.1) & ~known & known[mirrored]
        picture[use] = picture[mirrored][use]
        known = known | use
    filled = _spread(picture, core & (radii > 1.25))
    iris = _spread(picture, core & (radii < 1.05))
    share = np.clip((1.2 - radii) / 0.2, 0.0, 1.0)[..., None]
    filled = filled + share * (iris - filled)
    certain = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 1.5)[..., None]
    return np.asarray(filled + certain * (picture - filled), np.float32).astype(np.uint8)


def _spread(picture: NDArray[np.uint8], known: NDArray[np.bool_]) -> F32:
    """The known pixels' colours, averaged over a wide neighbourhood, everywhere."""
    weight = known.astype(np.float32)
    sums = cv2.GaussianBlur(picture * weight[..., None], (0, 0), TILE / 12)
    weights = cv2.GaussianBlur(weight, (0, 0), TILE / 12)[..., None]
    mean = (picture * weight[..., None]).sum(axis=(0, 1)) / max(float(weight.sum()), 1.0)
    filled: F32 = (sums + 1e-3 * mean) / (weights + 1e-3)
    return filled
