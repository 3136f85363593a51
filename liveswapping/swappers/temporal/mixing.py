"""What of an engine's answer is the camera's picture, mixed anew: tinted, inverted, blurred, or laid under something.

answer = M · (colours, their squares and products, colours blurred a little and more) + rest. M is the same everywhere
and always; it is found from how answers differ from one another where the camera's pictures do, so that whatever is
laid over the face and stays the same plays no part in it. The rest is what is carried on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image

BLURS: Final = (0.012, 0.04)
"""σ of the blurred pictures in face widths."""
FEATURES: Final = 3 * (3 + len(BLURS))
_WIDE: Final = 0.15
"""σ in face widths of what is taken off where there is but one answer: colours alone tell little."""
_RIDGE: Final = 2.0
"""Squared levels per pixel that a coefficient must explain to count."""
_NEUTRAL, _COARSER = 128.0, 2.0
"""A rest is kept in bytes: half of it, around the middle."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixing:
    """M (3, FEATURES)."""

    matrix: F32

    def of(self, camera: Image, face_width: float) -> F32:
        """(h, w, 3) what M makes of a picture."""
        result = np.zeros((*camera.shape[:2], 3), np.float32)
        for number, part in enumerate(_features(camera, face_width)):
            share = self.matrix[:, 3 * number : 3 * number + 3]
            if np.abs(share).max() > 1e-3:
                result += cv2.transform(part, share)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What least squares needs of pixels seen so far."""

    squares: NDArray[np.float64]
    products: NDArray[np.float64]
    pixels: float

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.squares + other.squares, self.products + other.products, self.pixels + other.pixels)

    def solved(self) -> Mixing:
        """The mixing that explains them best."""
        damped = self.squares + _RIDGE * self.pixels * np.eye(FEATURES)
        return Mixing(np.linalg.solve(damped, self.products).T.astype(np.float32))


def alone(answer: Image, camera: Image, mask: F32, face_width: float) -> Sums:
    """From one answer: how its detail goes with the camera's."""
    wide = _WIDE * face_width

    def detail(picture: F32) -> F32:
        return picture - blurred(picture, wide)

    parts = np.dstack([detail(part) for part in _features(camera, face_width)])
    return _sums(parts, detail(answer.astype(np.float32)), mask)


def between(answers: tuple[Image, Image], cameras: tuple[Image, Image], mask: F32, face_width: float) -> Sums:
    """From two answers of the same place: how their difference goes with the cameras'."""
    one, other = (np.dstack(_features(camera, face_width)) for camera in cameras)
    return _sums(one - other, answers[0].astype(np.float32) - answers[1], mask)


def _sums(parts: F32, wanted: F32, mask: F32) -> Sums:
    inside = mask > 0.9
    x, y = parts[inside].astype(np.float64), wanted[inside].astype(np.float64)
    return Sums(x.T @ x, x.T @ y, float(len(x)))


def _features(camera: Image, face_width: float) -> list[F32]:
    plain = camera.astype(np.float32)
    squares = plain * plain * (1.0 / 255.0)
    products = plain * plain[..., [1, 2, 0]] * (1.0 / 255.0)
    return [plain, squares, products, *(blurred(plain, share * face_width) for share in BLURS)]


def blurred(picture: F32, sigma: float) -> F32:
    """A Gaussian of `sigma` pixels, computed on a picture that is smaller where that is enough."""
    shrink = max(1, int(sigma / 2.0))
    height, width = picture.shape[:2]
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if shrink > 1 else picture
    soft = cv2.GaussianBlur(small, (0, 0), max(sigma / shrink, 0.3), borderType=cv2.BORDER_REPLICATE)
    if shrink > 1:
        soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft, np.float32)


def packed(rest: F32) -> Image:
    """A rest as bytes."""
    return np.asarray(np.clip(rest * (1.0 / _COARSER) + (_NEUTRAL + 0.5), 0.0, 255.0), np.uint8)


def unpacked(rest: Image, mixed: F32) -> Image:
    """The picture of which `rest` (bytes) and `mixed` are the two parts."""
    return np.asarray(np.clip(mixed + _COARSER * rest + (0.5 - _COARSER * _NEUTRAL), 0.0, 255.0), np.uint8)
