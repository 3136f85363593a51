"""Which pixels of a picture are somebody's face, hair or body, where the face's mesh is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import CHIN, FOREHEAD, OVAL, face_width

AROUND: Final = 0.12
"""Widths of a face by which its mask grows: over chin and ears, and up to the hair."""
_ABOVE: Final = 0.35
"""Heights of the mesh's outline that a forehead may reach above it: a bald one's reaches so far."""
_HAIRLINE: Final = 0.03
"""Widths of a face by which what was found of a forehead grows, over its border with the hair."""
_HEAD: Final = (0.9, 1.1, 0.9)
"""Widths of a face that hair may reach beside it, above it, and below its chin."""
_CROWN: Final = 0.25
"""Share of a face's height, from its top, above which hair begins."""
_SKIN: Final = 12.0
"""Distance of Cr and Cb from the face's own, in levels, up to which a pixel is skin."""
_BRIGHT: Final = 0.6
"""Share of the face's brightness below which nothing is skin: dark hair has the colour of skin."""
_SLOPE: Final = 0.25
"""How much less than a pixel beside a face one above or below it counts as far from it: bodies are upright."""

Mark = NDArray[np.bool_]


def face_area(face: Face, shape: tuple[int, ...], around: float = AROUND) -> Mark:
    """H×W: a face within its mesh's outline, grown by `around` of its width."""
    assert face.mesh is not None
    canvas = np.zeros(shape[:2], np.uint8)
    outline = np.round(face.mesh[list(OVAL), :2]).astype(np.int32)
    cv2.fillConvexPoly(canvas, cv2.convexHull(outline), 1)
    return _grown(canvas, around * face_width(face.mesh))


def whole_face_area(image: Image, face: Face) -> Mark:
    """H×W: a face with its chin, its ears and all of its forehead: the mesh's outline ends well below the hair."""
    return face_area(face, image.shape) | _forehead(image, face)


def hair_area(image: Image, face: Face, people: Mark) -> Mark:
    """H×W: approximately a person's hair: what of `people` is around the face and has not its colour."""
    assert face.mesh is not None
    inside = face_area(face, people.shape, 0.0)
    outline = face.mesh[list(OVAL), :2]
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    beside, above, below = (share * face_width(face.mesh) for share in _HEAD)
    head = np.zeros_like(people)
    rows = slice(max(0, int(top - above)), max(0, int(bottom + below)))
    head[rows, max(0, int(left - beside)) : max(0, int(right + beside))] = True
    if not inside.any():
        return np.zeros_like(people)
    hair = (people & head & ~inside & ~_skin(image, inside)).astype(np.uint8)
    hair = np.asarray(cv2.morphologyEx(hair, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
    _, parts = cv2.connectedComponents(hair)
    crown = parts[max(0, int(top - above)) : max(0, int(top + _CROWN * (bottom - top)))]
    return np.isin(parts, np.unique(crown[crown > 0]))  # what hangs together with it: not a dark collar


def bodies(meant: Sequence[Face], others: Sequence[Face], people: Mark) -> Mark:
    """H×W: the people whose faces are `meant`, and not those whose faces are among `others`.

    A person is what hangs together with a face. Where people touch, each pixel is that of the nearest face, in widths
    of that face.
    """
    found = np.zeros_like(people)
    parts = np.asarray(cv2.connectedComponents(people.astype(np.uint8))[1], np.int32)
    own = {id(face): _parts_of(parts, face) for face in (*meant, *others)}
    wanted = set().union(*(own[id(face)] for face in meant)) if meant else set()
    for part in wanted:
        pixels = parts == part
        within = [face for face in (*meant, *others) if part in own[id(face)]]
        if len(within) > 1:
            rows, columns = np.nonzero(pixels)
            nearest = np.argmin([_distance(face, rows, columns) for face in within], axis=0)
            hit = np.isin(nearest, [n for n, face in enumerate(within) if any(face is one for one in meant)])
            found[rows[hit], columns[hit]] = True
        else:
            found |= pixels
    return found


def _parts_of(parts: NDArray[np.int32], face: Face) -> set[int]:
    """The numbers of the connected parts that a face lies in."""
    return set(np.unique(parts[face_area(face, parts.shape, 0.0)]).tolist()) - {0}


def _distance(face: Face, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> F32:
    """How far pixels are from a face, in its widths."""
    assert face.mesh is not None
    x, y = face.mesh[list(OVAL), :2].mean(axis=0)
    return np.asarray(np.hypot(columns - x, _SLOPE * (rows - y)) / face_width(face.mesh), np.float32)


def _forehead(image: Image, face: Face) -> Mark:
    """H×W: the skin above the mesh's outline that hangs together with it, grown over its border with the hair."""
    assert face.mesh is not None
    height, width = image.shape[:2]
    up = (face.mesh[FOREHEAD] - face.mesh[CHIN])[:2]
    outline = face.mesh[list(OVAL), :2]
    middle = outline.mean(axis=0)
    upper = outline[(outline - middle) @ up > 0]
    rise = np.clip((upper - middle) @ up / max(float(up @ up), 1e-6) * 2, 0, 1)[:, None]
    dome = np.concatenate([upper, upper + _ABOVE * rise * up, middle[None]])
    zone, inside = np.zeros((height, width), np.uint8), face_area(face, image.shape, 0.0)
    if not inside.any() or len(upper) < 3:
        return np.zeros_like(inside)
    cv2.fillConvexPoly(zone, cv2.convexHull(np.round(dome).astype(np.int32)), 1)
    skin = ((zone > 0) & _skin(image, inside) | inside).astype(np.uint8)
    size = 2 * max(1, round(_HAIRLINE * face_width(face.mesh))) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Opened, since strands of the skin's colour lead on into the hair; then closed over wrinkles and loose strands.
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_OPEN, kernel), np.uint8)
    skin = np.asarray(cv2.morphologyEx(skin, cv2.MORPH_CLOSE, kernel), np.uint8)
    parts = np.asarray(cv2.connectedComponents(skin)[1], np.int32)
    own = np.isin(parts, list(_parts_of(parts, face))) & (zone > 0)
    found, rows, columns = np.zeros_like(zone), *np.nonzero(own)
    # All between its parts, too: a forehead may shine, and what shines has not the colour of skin.
    cv2.fillConvexPoly(found, cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.int32)), 1)
    return _grown(found, _HAIRLINE * face_width(face.mesh))


def _skin(image: Image, inside: Mark) -> Mark:
    """H×W: pixels of the colour that a face has `inside`, and not much darker."""
    light = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb).astype(np.float32)
    own = np.median(light[inside], axis=0)
    skin = np.abs(light[..., 1:] - own[1:]).max(axis=2) < _SKIN
    return np.asarray(skin & (light[..., 0] > _BRIGHT * own[0]))


def _grown(area: NDArray[np.uint8], pixels: float) -> Mark:
    size = 2 * round(pixels) + 1
    return np.asarray(cv2.dilate(area, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))) > 0
