"""Where an engine's answer shows the camera's own pixels, at their place or moved a little.

An engine that changes a face's outline takes the surroundings along; one that leaves the mouth alone, or only tints,
shows what the camera saw. There the live frame is the better answer: it is not late. It is found by looking for every
part of the answer in the camera's frame (dense optical flow: Kroeger et al., ECCV 2016, as OpenCV has it) and kept
only where that explains the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image

_REACHES: Final = (0.03, 0.02, 0.012)
"""σ in face widths over which the movement is smoothed, round by round."""
_NOISE: Final = 60.0
"""Mean squared difference (levels²) at which a place hardly counts for the movement around it."""
_EXPLAINED: Final = 25.0
"""Mean squared difference that is as good as none."""
_OF_DETAIL: Final = 0.4
"""The same as a share of the detail's own variance: a warped picture is never quite equal."""
_STILL: Final = 0.2
"""Pixels of movement that are none."""
HALF: Final = 2
"""The result is kept this many times coarser than the frame."""
UNIT: Final = 64
"""Steps per pixel of movement, per level of difference and per 1 of trust."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnPixels:
    """At every HALF-th pixel of a keyframe."""

    values: NDArray[np.int16]
    """(h/HALF, w/HALF, 6) in steps of 1/UNIT: trust 0..1, movement x, y in pixels (the answer shows what the camera saw
    at x + movement), and what the answer is brighter than that (B, G, R), times the trust."""


def own_pixels(answer: Image, camera: Image, face_width: float) -> OwnPixels:
    """Compare an answer with what the camera saw, both (h, w, 3) over the same pixels."""
    answer_, camera_ = answer.astype(np.float32), np.ascontiguousarray(camera).astype(np.float32)
    movement, moved = _movement(answer, camera, answer_, camera_, face_width)
    error = cv2.GaussianBlur(((moved - answer_) ** 2).mean(axis=2), (0, 0), 0.012 * face_width)
    fine = moved - cv2.GaussianBlur(moved, (0, 0), 0.02 * face_width)
    detail = cv2.GaussianBlur((fine * fine).mean(axis=2), (0, 0), 0.02 * face_width)
    trust = np.clip(1.3 - error / (_EXPLAINED + _OF_DETAIL * detail), 0.0, 1.0)
    halves = [_halved(np.dstack([trust, movement])), _halved(trust[..., None] * (answer_ - moved))]
    steps = np.clip(np.round(np.dstack(halves) * UNIT), -32000, 32000)
    return OwnPixels(np.ascontiguousarray(steps.astype(np.int16)))


def _halved(values: F32) -> F32:
    """Means of HALF × HALF pixels of (h, w, 3); an odd last row or column is left out."""
    height, width = (side // HALF for side in values.shape[:2])
    even = np.ascontiguousarray(values[: height * HALF, : width * HALF], np.float32)
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _movement(answer: Image, camera: Image, answer_: F32, camera_: F32, face_width: float) -> tuple[F32, F32]:
    """(h, w, 2) from where in the camera's frame each pixel of the answer came, and that frame so moved."""
    grey, before = cv2.cvtColor(answer, cv2.COLOR_BGR2GRAY), cv2.cvtColor(camera, cv2.COLOR_BGR2GRAY)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow.setFinestScale(1)
    y, x = np.mgrid[: answer.shape[0], : answer.shape[1]].astype(np.float32)

    def moved(movement: F32) -> F32:
        at_x, at_y = x + movement[..., 0], y + movement[..., 1]
        return np.asarray(cv2.remap(camera_, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)

    movement = np.zeros((*answer.shape[:2], 2), np.float32)
    for reach in _REACHES:
        found = np.asarray(flow.calc(grey, before, movement.copy()), np.float32)
        error = cv2.GaussianBlur(((moved(found) - answer_) ** 2).mean(axis=2), (0, 0), 0.008 * face_width + 0.5)
        weight = np.exp(-error / _NOISE) + 1e-4
        sums = cv2.GaussianBlur(found * weight[..., None], (0, 0), reach * face_width)
        movement = sums / cv2.GaussianBlur(weight, (0, 0), reach * face_width)[..., None]
    movement[np.abs(movement).max(axis=2) < _STILL] = 0.0
    return movement, moved(movement)
