"""Turned squares of a picture: what the face networks see, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image

_MOST_DETAIL = 6
"""From this reduction on, pixels are skipped before the rest is averaged."""


@dataclass(frozen=True, slots=True)
class TurnedSquare:
    """A square of a picture in pixels (pixel centres at integers), turned by `angle` radians (x towards y)."""

    x: float
    y: float
    size: float
    angle: float = 0.0

    def matrix(self, pixels: int, flip: bool = False) -> F32:
        """(2, 3): maps positions in the crop of `pixels`×`pixels` to the picture.

        Positions count from the crop's corner: its first pixel's centre is at 0.5. `flip` mirrors it left to right.
        """
        scale = self.size / pixels
        cos, sin = scale * math.cos(self.angle), scale * math.sin(self.angle)
        across = -1.0 if flip else 1.0
        a, d = across * cos, across * sin
        half = pixels / 2
        return np.array([[a, -sin, self.x - half * (a - sin)], [d, cos, self.y - half * (d + cos)]], np.float32)

    def moved(self, x: float, y: float) -> TurnedSquare:
        """The same square `x`, `y` pixels on."""
        return TurnedSquare(self.x + x, self.y + y, self.size, self.angle)

    def distance(self, other: TurnedSquare) -> float:
        """Between the centres, in pixels."""
        return math.hypot(other.x - self.x, other.y - self.y)


def turn(start: float, end: float) -> float:
    """The smallest angle from `start` to `end`, in radians: −π..π."""
    return math.remainder(end - start, math.tau)


def crop(image: Image, square: TurnedSquare, pixels: int, *, flip: bool = False, replicate: bool = True) -> Image:
    """The square as uint8 `pixels`×`pixels` RGB; outside the picture its border is repeated, or black.

    Where that makes it smaller the picture is averaged first, so that sensor noise does not come through as jitter.
    The cost is nearly the same for every size of picture.
    """
    part, left, top, step = _reduced(image, square, square.size / pixels)
    matrix = square.matrix(pixels, flip).astype(np.float64)
    matrix[:, 2] += matrix[:, :2].sum(axis=1) * 0.5
    matrix[:, 2] -= left, top
    border = cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    four = cv2.cvtColor(part, cv2.COLOR_BGR2BGRA)  # OpenCV warps four channels twice as fast as three
    seen = cv2.warpAffine(four, matrix / step, (pixels, pixels), flags=flags, borderMode=border)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_BGRA2RGB), np.uint8)


def _reduced(image: Image, square: TurnedSquare, scale: float) -> tuple[Image, float, float, int]:
    """The part of the picture that `square` covers, made smaller where `scale` allows it.

    Returns it, the position of its first pixel's centre in the picture, and the picture's pixels per step.
    """
    skip = int(scale // 3) if scale >= _MOST_DETAIL else 1
    halvings = int(math.log2(scale / skip)) if scale >= 2 else 0
    step = skip << halvings
    reach = square.size / 2 * (abs(math.cos(square.angle)) + abs(math.sin(square.angle))) + 2 * step
    left, width = _span(square.x, reach, image.shape[1])
    top, height = _span(square.y, reach, image.shape[0])
    columns, rows = width // step, height // step
    if step == 1 or columns < 1 or rows < 1:
        return image[top : top + height, left : left + width], left, top, 1
    part = image[top : top + rows * step, left : left + columns * step]
    if skip > 1:
        part = _resized(part, columns << halvings, rows << halvings, cv2.INTER_NEAREST)
    for level in range(halvings - 1, -1, -1):
        part = _resized(part, columns << level, rows << level, cv2.INTER_AREA)
    shift = skip * ((1 << halvings) - 1) / 2
    return part, left + shift, top + shift, step


def _span(middle: float, reach: float, length: int) -> tuple[int, int]:
    """First pixel and number of pixels of a stretch of a row or column; at least one pixel."""
    first = min(max(int(middle - reach), 0), length - 1)
    return first, max(min(int(middle + reach) + 1, length) - first, 1)


def _resized(image: Image, width: int, height: int, interpolation: int) -> Image:
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)


def tensor(view: Image, low: float = 0.0) -> F32:
    """A crop as the networks take it: float32 1×H×W×3, 0..255 mapped to `low`..1."""
    values: F32 = np.multiply(view, np.float32((1.0 - low) / 255.0), dtype=np.float32)[None]
    if low:
        values += np.float32(low)
    return values


def project(matrix: F32, points: F32) -> F32:
    """(N, 2 or 3) points under a (2, 3) similarity; a third coordinate is scaled with it."""
    moved = np.empty_like(points)
    moved[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    if points.shape[1] > 2:
        moved[:, 2] = points[:, 2] * np.hypot(matrix[0, 0], matrix[1, 0])
    return moved
