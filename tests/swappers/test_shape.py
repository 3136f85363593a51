from __future__ import annotations

import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import LIPS_INNER, POINTS, face_mesh
from liveswapping.swappers.mesh.shape import proportions

WINGS = (48, 278)
"""The outermost points of the nostrils."""


def width_of_nose(points: F32) -> float:
    return float(np.linalg.norm(points[WINGS[0]] - points[WINGS[1]]))


def opening(points: F32) -> float:
    return float(points[LIPS_INNER[5], 1] - points[LIPS_INNER[15], 1])


def test_a_broad_nose_comes_over() -> None:
    target = face_mesh().canonical
    source = target.copy()
    near = np.linalg.norm(target - target[list(WINGS)].mean(axis=0), axis=1) < 0.16
    source[near, 0] *= 1.4
    moved = target[:POINTS] + proportions(source, target)
    gained = width_of_nose(moved) - width_of_nose(target)
    assert gained > 0.6 * (width_of_nose(source) - width_of_nose(target))


def test_an_open_mouth_does_not_come_over() -> None:
    target = face_mesh().canonical
    source = target.copy()
    for number, point in enumerate(LIPS_INNER):  # the lower lip's points come first
        source[point, 1] += 0.05 if 0 < number < 10 else 0.0
    moved = target[:POINTS] + proportions(source, target)
    gained = abs(opening(moved) - opening(target))
    assert gained < 0.35 * abs(opening(source) - opening(target))
