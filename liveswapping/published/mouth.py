"""The published names for keeping the target's mouth, over InsightFace's 106 points.

Nothing of ours uses them: `--mouth_mask` works with every analyser and engine. Polygons, shares and radii are the
published ones.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.published.colours import match_statistics

_MOUTH: Final = (65, 66, 62, 70, 69, 18, 19, 20, 21, 22, 23, 24, 0, 8, 7, 6, 5, 4, 3, 2, 65)
"""The lower mouth and the chin below it, in the published order."""
_GROWN: Final = 1.5
"""How much larger the polygon is than its points, about their mean."""
_OUTWARDS: Final = ((20, 0, 1, 2, 3, 4, 5), 0.25)
_DOWNWARDS: Final = (tuple(range(11, 17)), 0.4)
"""Entries of the polygon that are moved: outwards by so many pixels, downwards by that share of their height."""
_BOX_MARGIN: Final = 0.1
_OUTLINE: Final = (*range(16), *range(17, 32))
_BROWS: Final = (*range(43, 51), *range(97, 105))
_FOREHEAD: Final = 5.0
"""How far the outline reaches above the brows' ends, in their distance to it."""
_PADDING: Final = 1.05

Box = tuple[int, int, int, int]


def create_face_mask(face: object, frame: Image) -> Image:
    """(h, w) uint8, 255 on the face with its forehead. `face`: has `landmark_2d_106`; without it the mask is empty."""
    mask = np.zeros(frame.shape[:2], np.uint8)
    points = _points(face)
    if points is None:
        return mask
    outline = points[list(_OUTLINE)]
    top = outline[:, 1].min()
    raised = _FOREHEAD * abs(float(top - points[list(_BROWS), 1].min()))
    forehead = outline[[0, -1]] - (0.0, raised)
    hull = cv2.convexHull(np.concatenate((outline, forehead)).astype(np.float32)).reshape(-1, 2)
    centre = hull.mean(axis=0)
    padded = centre + (hull - centre) * _PADDING
    cv2.fillConvexPoly(mask, np.round(padded).astype(np.int32), 255)
    return np.asarray(cv2.GaussianBlur(mask, (5, 5), 3), np.uint8)


def create_lower_mouth_mask(face: object, frame: Image) -> tuple[Image, Image | None, Box, F32 | None]:
    """The mask (h, w) uint8 of the lower mouth, its pixels, its box (left, top, right, bottom) and its polygon (21, 2).

    Without 106 points, or outside the frame: an empty mask, None, four zeros, None.
    """
    mask = np.zeros(frame.shape[:2], np.uint8)
    points = _points(face)
    if points is None:
        return mask, None, (0, 0, 0, 0), None
    polygon = _polygon(points[list(_MOUTH)])
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    margin = _BOX_MARGIN * float(right - left)
    x1, y1 = max(0, int(left - margin)), max(0, int(top - margin))
    x2, y2 = min(frame.shape[1], int(right + margin)), min(frame.shape[0], int(bottom + margin))
    if x2 <= x1 or y2 <= y1:
        return mask, None, (0, 0, 0, 0), None
    cv2.fillPoly(mask, [np.round(polygon).astype(np.int32)], 255)
    return mask, frame[y1:y2, x1:x2].copy(), (x1, y1, x2, y2), polygon


def apply_mouth_area(
    frame: Image, mouth_cutout: Image | None, mouth_box: Box, face_mask: Image, mouth_polygon: F32 | None
) -> Image:
    """`frame` (swapped) with the target's own mouth in it, in the light of the swapped face; the same object."""
    left, top, right, bottom = mouth_box
    if mouth_cutout is None or mouth_polygon is None or right <= left or bottom <= top:
        return frame
    region = frame[top:bottom, left:right]
    height, width = region.shape[:2]
    cutout = np.asarray(cv2.resize(mouth_cutout, (width, height)), np.uint8)
    lit = match_statistics(cutout, region).astype(np.float32)
    feather = np.zeros((height, width), np.float32)
    cv2.fillPoly(feather, [np.round(mouth_polygon - (left, top)).astype(np.int32)], 1.0)
    sigma = max(1, min(30, width // 8, height // 8))
    feather = np.asarray(cv2.GaussianBlur(feather, (0, 0), sigma), np.float32)
    feather /= max(float(feather.max()), 1e-6)
    share = (feather * (face_mask[top:bottom, left:right].astype(np.float32) / 255.0))[..., None]
    region[:] = np.rint(region + share * (lit - region)).astype(np.uint8)
    return frame


def _points(face: object) -> F32 | None:
    points = getattr(face, "landmark_2d_106", None)
    return None if points is None else np.asarray(points, np.float32)


def _polygon(points: F32) -> F32:
    centre = points.mean(axis=0)
    grown = np.asarray(centre + (points - centre) * _GROWN, np.float32)
    entries, pixels = list(_OUTWARDS[0]), _OUTWARDS[1]
    away = grown[entries] - centre
    grown[entries] += pixels * away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    entries, share = list(_DOWNWARDS[0]), _DOWNWARDS[1]
    grown[entries, 1] += share * (grown[entries, 1] - centre[1])
    return grown
