"""Cutting a face out of a frame the way a network wants it: a similarity that brings five points to fixed places.

Pixel centres lie at integers, so a framing for one size serves every other: x becomes (x + ½)·size/base − ½.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, hypot
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import FaceDetectionError
from liveswapping.domain.frame import F32, Image

_COINCIDE: Final = 1e-6
"""Square pixels of spread below which five points are one."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the five keypoints of a face lie in a square crop of `base` pixels."""

    points: tuple[tuple[float, float], ...]
    base: float

    def matrix(self, keypoints: F32, size: int) -> F32:
        """(2, 3) from frame coordinates to those of a crop of `size` pixels; keypoints (5, 2) as in `Face`.

        Raises FaceDetectionError where the keypoints coincide.
        """
        places = (np.asarray(self.points) + 0.5) * (size / self.base) - 0.5
        return similarity(keypoints, places)


ARCFACE: Final = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
"""The five points in ArcFace's crop of 112 pixels (arXiv:1801.07698)."""
RECOGNITION: Final = Framing(ARCFACE, 112.0)
SWAP: Final = Framing(tuple((x + 8.0, y) for x, y in ARCFACE), 128.0)
"""The crop of swap networks: ArcFace's points, not enlarged, in the middle of 128 pixels. It is one framing for every
size; the published product fell back to ArcFace's tighter one at 224 and 448, which no swap network was trained on."""
FFHQ: Final = Framing(
    (
        (192.98138, 239.94708),
        (318.90277, 240.1936),
        (256.63416, 314.01935),
        (201.26117, 371.41043),
        (313.08905, 371.15118),
    ),
    512.0,
)
"""The crop of FFHQ's aligned pictures, from which restorers learnt: the five points as facexlib publishes them."""


def similarity(points: F32, places: Sequence[Sequence[float]] | np.ndarray) -> F32:
    """(2, 3): rotation, one scale and shift that bring `points` (N, 2) nearest to `places` (N, 2), least squares.

    The closed form in the plane (Umeyama 1991): with both centred and read as complex numbers, Σ p̄·q / Σ |p|².
    Raises FaceDetectionError where the points coincide.
    """
    here, there = np.asarray(points, np.float64), np.asarray(places, np.float64)
    here_mean, there_mean = here.mean(axis=0), there.mean(axis=0)
    p = (here - here_mean) @ (1.0, 1j)
    q = (there - there_mean) @ (1.0, 1j)
    spread = float(np.sum(np.abs(p) ** 2))
    if not spread > _COINCIDE:
        raise FaceDetectionError("the points of a face coincide; this face cannot be aligned")
    turn = np.sum(np.conj(p) * q) / spread
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.hstack((linear, (there_mean - linear @ here_mean)[:, None])).astype(np.float32)


def crop(image: Image, matrix: F32, size: int) -> Image:
    """(size, size, 3) of `image` under `matrix` (frame -> crop), bilinear, black outside.

    A face much larger than the crop is averaged down first: picking single pixels of it would flicker.
    """
    shrink = floor(1.0 / max(hypot(matrix[0, 0], matrix[1, 0]), 1e-3))
    if shrink >= 2:
        image, matrix = _reduced(image, matrix, size, shrink)
    cut: Image = np.asarray(cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR), np.uint8)
    return cut


def _reduced(image: Image, matrix: F32, size: int, shrink: int) -> tuple[Image, F32]:
    """The part of `image` under the crop, `shrink` times smaller, and the matrix that goes with it."""
    back = cv2.invertAffineTransform(matrix.astype(np.float64))
    corners = np.array([[0, 0, 1], [size, 0, 1], [0, size, 1], [size, size, 1]]) @ back.T
    left, top = (max(0, floor(corner) - shrink) for corner in corners.min(axis=0))
    right = min(image.shape[1], ceil(corners[:, 0].max()) + shrink)
    bottom = min(image.shape[0], ceil(corners[:, 1].max()) + shrink)
    columns, rows = (right - left) // shrink, (bottom - top) // shrink
    if columns < 1 or rows < 1:
        return image, matrix
    part = image[top : top + rows * shrink, left : left + columns * shrink]
    small = np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    centre = (shrink - 1) / 2.0
    onto_part = np.array([[shrink, 0, left + centre], [0, shrink, top + centre], [0, 0, 1]])
    return small, (np.vstack((matrix, [0, 0, 1])) @ onto_part)[:2].astype(np.float32)
