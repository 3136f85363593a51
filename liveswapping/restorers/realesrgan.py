"""RealESRGAN (arXiv:2107.10833): enlarges whole pictures, in tiles that fit into memory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from liveswapping.domain.errors import GPUMemoryError, SettingsError
from liveswapping.domain.frame import Image
from liveswapping.inference.devices import choose_device
from liveswapping.inference.outcome import Placed
from liveswapping.inference.providers import AUTO, Rung

TILE: Final = 400
"""Pixels per side of a tile at most, as published; 0 takes the picture in one piece."""
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
        """All tiles are seen through windows of one size, which a card is prepared for once."""
        scale = self.network.scale
        enlarged = np.empty((image.shape[0] * scale, image.shape[1] * scale, 3), np.uint8)
        for row in _spans(image.shape[0], tile):
            for column in _spans(image.shape[1], tile):
                answer = self.network.run(image[row.seen, column.seen], may_split)
                enlarged[row.taken(scale), column.taken(scale)] = answer[row.inside(scale), column.inside(scale)]
        return enlarged


@dataclass(frozen=True, slots=True)
class _Span:
    """One tile along one side: pixels start..stop are taken from what is made of pixels first..last."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def seen(self) -> slice:
        return slice(self.first, self.last)

    def taken(self, scale: int) -> slice:
        return slice(self.start * scale, self.stop * scale)

    def inside(self, scale: int) -> slice:
        return slice((self.start - self.first) * scale, (self.stop - self.first) * scale)


def _spans(length: int, tile: int) -> list[_Span]:
    """Tiles of at most `tile` pixels along a side, as even as can be; what is seen is equally long for all of them.

    What is seen begins at an even pixel, as networks that pack pixels in pairs must pack the same ones in all tiles;
    where `length` is odd, the last window is one pixel short, which the network fills up.
    """
    side = -(-length // -(-length // tile))
    side = min(length, side + side % 2)
    seen = min(length, side + 2 * _MARGIN)
    hindmost = length - seen + (length - seen) % 2
    spans = []
    for start in range(0, length, side):
        first = min(max(0, start - _MARGIN), hindmost)
        spans.append(_Span(start, min(start + side, length), first, min(first + seen, length)))
    return spans


def open_realesrgan(
    path: Path,
    provider: str = AUTO,
    scale: float | None = None,
    tile: int = TILE,
    rungs: Sequence[Rung] | None = None,
    compiles: bool = False,
) -> RealEsrgan:
    """The upscaler for RealESRGAN_x2plus.pth or x4plus. `rungs`: what other settings leave of `provider`'s ladder.

    `compiles`: torch.compile may be tried. Raises SettingsError, ModelLoadError, GPUMemoryError.
    """
    from liveswapping.inference.torch_restore import TorchEnlarger

    network = TorchEnlarger(path, choose_device(provider, rungs, compiles))
    try:
        return RealEsrgan(network, scale, tile)
    except SettingsError:
        network.close()
        raise
