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
_EXPLAINED: Final = (3.0, 0.15)
"""Mean squared difference that is nearly none: in levels², and as a share of the detail's own variance, as a moved
picture is never quite equal."""
_TINTED: Final = (1.0, 0.005)
"""The same for pixels that were made brighter or tinted at their place, which has to fit exactly: a colour that varies
from place to place can explain much that is something else."""
_WITHIN, _MOSTLY = 0.5, 0.5
"""An engine tints where its mask is above the first, if that explains more than the second of it."""
_BRIGHTEST: Final = 8.0
_STILL: Final = 0.2
"""Pixels of movement that are none."""
_LARGE: Final = 200.0
"""Width in pixels from which on a face is compared at half its size: it still shows all that matters."""
_LEAST: Final = 0.05
"""Less trust than this is none."""
HALF: Final = 2
"""The result is kept this many times coarser than the frame."""
UNIT: Final = 64
"""Steps per pixel of movement and per 1 of trust."""
GAIN_UNIT: Final = 2048
"""Steps per 1 of gain."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnPixels:
    """At every HALF-th pixel of a keyframe."""

    values: NDArray[np.int16]
    """(h/HALF, w/HALF, 6): in steps of 1/UNIT trust 0..1 and movement x, y in pixels; in steps of 1/GAIN_UNIT the trust
    times a gain (B, G, R). The answer shows what the camera saw at x + movement, multiplied by the gain."""


def own_pixels(answer: Image, camera: Image, mask: F32, face_width: float) -> OwnPixels:
    """Compare an answer with what the camera saw, both (h, w, 3) of the same pixels; `mask` (h, w) is the answer's."""
    if face_width > _LARGE:
        small = [np.clip(_halved(picture) + 0.5, 0, 255).astype(np.uint8) for picture in (answer, camera)]
        values = _compared(small[0], small[1], _halved(mask), face_width / HALF)
        values[..., 1:3] *= HALF
    else:
        values = np.dstack(
            [_halved(part) for part in np.split(_compared(answer, camera, mask, face_width), [3], axis=2)]
        )
    steps = values * np.array([UNIT] * 3 + [GAIN_UNIT] * 3, np.float32)
    return OwnPixels(np.ascontiguousarray(np.clip(np.round(steps), -32000, 32000).astype(np.int16)))


def no_own_pixels(shape: tuple[int, ...]) -> OwnPixels:
    """Of an answer (h, w, …) that shows none."""
    return OwnPixels(np.zeros((max(1, shape[0] // HALF), max(1, shape[1] // HALF), 6), np.int16))


def _compared(answer: Image, camera: Image, mask: F32, face_width: float) -> F32:
    """(h, w, 6) trust, movement x and y, and trust times gain, at every pixel."""
    answer_, camera_ = answer.astype(np.float32), np.ascontiguousarray(camera).astype(np.float32)
    movement, moved = _movement(answer, camera, answer_, camera_, face_width)
    reach = 0.02 * face_width
    gain = (cv2.GaussianBlur(answer_, (0, 0), reach) + 1.0) / (cv2.GaussianBlur(camera_, (0, 0), reach) + 1.0)
    tinted = _trust(answer_, camera_ * gain, face_width, _TINTED)
    if float(tinted[mask > _WITHIN].mean() if (mask > _WITHIN).any() else 0.0) < _MOSTLY:
        tinted[:] = 0.0  # here and there any two smooth places fit
    trust = _trust(answer_, moved, face_width, _EXPLAINED)
    better = tinted > trust
    movement[better], trust[better] = 0.0, tinted[better]
    gain[~better] = 1.0
    trust[trust < _LEAST] = 0.0
    return np.dstack([trust, movement, trust[..., None] * np.minimum(gain, _BRIGHTEST)])


def _trust(answer: F32, explained: F32, face_width: float, allowed: tuple[float, float]) -> F32:
    """(h, w) 0..1 how well `explained` is the `answer`, both (h, w, 3)."""
    error = cv2.GaussianBlur(((explained - answer) ** 2).mean(axis=2), (0, 0), 0.012 * face_width)
    fine = explained - cv2.GaussianBlur(explained, (0, 0), 0.02 * face_width)
    detail = cv2.GaussianBlur((fine * fine).mean(axis=2), (0, 0), 0.02 * face_width)
    return np.asarray(np.clip(1.3 - error / (allowed[0] + allowed[1] * detail), 0.0, 1.0), np.float32)


def _halved(values: F32 | Image) -> F32:
    """Means of HALF × HALF pixels of (h, w) or (h, w, 3); an odd last row or column is left out."""
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
