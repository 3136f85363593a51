"""Noise and blur over the finished picture: what is too smooth beside the rest of a film looks less so."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Improver


class Grain:
    """Improver that comes after another one, which it owns: first noise, then blur. One thread at a time."""

    def __init__(self, before: Improver | None, std: float, blur: int) -> None:
        """`std`: of the noise, in levels of 255, for each channel. `blur`: size of the kernel in pixels, made odd."""
        self._before = before
        self._std = std
        self._blur = blur | 1 if blur > 1 else 0

    def improve(self, image: Image, faces: Sequence[Face]) -> Image:
        """The picture with both. The same picture always gets the same noise."""
        better = image if self._before is None else self._before.improve(image, faces)
        if self._std > 0:
            grainy = better.astype(np.float32) + _noise(better, self._std)
            better = np.clip(grainy + 0.5, 0, 255).astype(np.uint8)
        if self._blur:
            better = np.asarray(cv2.GaussianBlur(better, (self._blur, self._blur), 0), np.uint8)
        return better

    def close(self) -> None:
        """Release what came before."""
        if self._before is not None:
            self._before.close()


def _noise(image: Image, std: float) -> F32:
    """Seeded by the picture itself: a clip that is made in pieces comes out as one that is made in one go."""
    generator = np.random.default_rng(zlib.crc32(np.ascontiguousarray(image).data))
    noise: F32 = generator.standard_normal(image.shape, dtype=np.float32)
    return noise * np.float32(std)
