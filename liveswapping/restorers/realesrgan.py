"""RealESRGAN (arXiv:2107.10833): enlarges whole pictures, in tiles that fit into memory."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from liveswapping.domain.errors import GPUMemoryError, SettingsError
from liveswapping.domain.frame import Image
from liveswapping.inference.devices import choose_device
from liveswapping.inference.outcome import Placed
from liveswapping.inference.providers import AUTO

TILE: Final = 400
"""Pixels per side of a tile, as published; 0 takes the picture in one piece."""
_MARGIN: Final = 10
"""Pixels around a tile that the network sees too, as published."""
_SMALLEST: Final = 64
_log = logging.getLogger(__name__)


class EnlargingNetwork(Placed, Protocol):
    """A network that enlarges a picture."""

    @property
    def scale(self) -> int:
        """How many times larger its answer is."""
        ...

    def run(self, picture: Image, may_split: bool) -> Image:
        """(h, w, 3) BGR bytes -> (scale·h, scale·w, 3). `may_split`: raise GPUMemoryError before leaving the card."""
        ...


class RealEsrgan:
    """Upscaler by a network that it owns. One thread at a time."""

    def __init__(self, network: EnlargingNetwork, scale: float | None = None, tile: int = TILE) -> None:
        """`scale`: of the answer; None: the network's own. Raises SettingsError."""
        if tile and tile < _SMALLEST:
            raise SettingsError(f"tile {tile} is too small for RealESRGAN; use 0 (no tiles) or at least {_SMALLEST}")
        self.network = network
        """What it runs on, and why not on something faster, is the network's to say."""
        self.scale = scale or network.scale
        self._tile = tile

    def upscale(self, image: Image) -> Image:
        """`image`, `scale` times as large. Raises GPUMemoryError."""
        enlarged = self._enlarged(image)
        if self.scale == self.network.scale:
            return enlarged
        size = round(image.shape[1] * self.scale), round(image.shape[0] * self.scale)
        shrinks = self.scale < self.network.scale
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
        return np.asarray(cv2.resize(enlarged, size, interpolation=method), np.uint8)

    def close(self) -> None:
        """Release the network."""
        self.network.close()

    def _enlarged(self, image: Image) -> Image:
        """Tile after tile; where memory runs out the tiles get smaller, and stay so."""
        while True:
            tile = self._tile or max(image.shape[:2])
            may_shrink = tile > 2 * _SMALLEST
            try:
                return self._tiled(image, tile, may_shrink)
            except GPUMemoryError:
                if not may_shrink:
                    raise
                self._tile = tile // 2
                _log.warning("no memory to enlarge %d pixels at once, now %d", tile, self._tile)

    def _tiled(self, image: Image, tile: int, may_split: bool) -> Image:
        height, width = image.shape[:2]
        scale = self.network.scale
        enlarged = np.empty((height * scale, width * scale, 3), np.uint8)
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                bottom, right = min(top + tile, height), min(left + tile, width)
                above, before = min(top, _MARGIN), min(left, _MARGIN)
                seen = image[top - above : bottom + _MARGIN, left - before : right + _MARGIN]
                answer = self.network.run(seen, may_split)
                y, x = above * scale, before * scale
                rows, columns = (bottom - top) * scale, (right - left) * scale
                place = enlarged[top * scale : bottom * scale, left * scale : right * scale]
                place[:] = answer[y : y + rows, x : x + columns]
        return enlarged


def open_realesrgan(path: Path, provider: str = AUTO, scale: float | None = None, tile: int = TILE) -> RealEsrgan:
    """The upscaler for RealESRGAN_x2plus.pth or x4plus. Raises SettingsError, ModelLoadError, GPUMemoryError."""
    from liveswapping.inference.torch_restore import TorchEnlarger

    network = TorchEnlarger(path, choose_device(provider))
    try:
        return RealEsrgan(network, scale, tile)
    except SettingsError:
        network.close()
        raise
