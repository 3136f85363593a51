"""Rotated squares of a picture: what the face networks see, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image


@dataclass(frozen=True, slots=True)
class RotatedSquare:
    """A square of a picture in pixels (pixel centres at integers), turned by `angle` radians (x towards y)."""

    x: float
    y: float
    size: float
    angle: float = 0.0

    def matrix(self, pixels: int, flip: bool = False) -> F32:
        """(2, 3): maps positions in the crop of `pixels`×`pixels` to the picture.

        Positions count from the crop's corner, as the networks answer them: the first pixel's centre is at 0.5.
        `flip` mirrors the crop left to right.
        """
        scale = self.size / pixels
        cos, sin = scale * math.cos(self.angle), scale * math.sin(self.angle)
        half = pixels / 2
        across = -1.0 if flip else 1.0
        return np.array(
            [
                [across * cos, -sin, self.x - across * half * cos + half * sin],
                [across * sin, cos, self.y - across * half * sin - half * cos],
            ],
            np.float32,
        )


def crop(image: Image, square: RotatedSquare, pixels: int, flip: bool = False, replicate: bool = True) -> Image:
    """The square as `pixels`×`pixels` BGR; outside the picture its border is repeated, or black."""
    matrix = square.matrix(pixels, flip).astype(np.float64)
    matrix[:, 2] += matrix[:, :2].sum(axis=1) * 0.5
    border = cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, matrix, (pixels, pixels), flags=flags, borderMode=border), np.uint8)


def tensor(crop_bgr: Image, low: float = 0.0) -> F32:
    """A crop as the networks take it: float32 1×H×W×3 RGB, 0..255 mapped to `low`..1."""
    rgb = crop_bgr[None, :, :, ::-1]
    return np.ascontiguousarray(rgb, np.float32) * np.float32((1.0 - low) / 255.0) + np.float32(low)


def apply(matrix: F32, points: F32) -> F32:
    """(N, 2 or 3) points under a (2, 3) similarity; a third coordinate is scaled with it."""
    moved = points.copy()
    moved[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    if points.shape[1] > 2:
        moved[:, 2] *= np.hypot(matrix[0, 0], matrix[1, 0])
    return moved
