"""The swap network's steps as Triton kernels, in half precision on a CUDA card. Import only where Triton is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from triton import cdiv

from liveswapping.inference.cuda import convolution_kernels as convolutions
from liveswapping.inference.cuda import tile_kernels
from liveswapping.inference.cuda.reswapper_steps import Restyled
from liveswapping.inference.cuda.winograd import SIDE, TILE

DIVISOR: Final = 16
"""Every number of channels must be divisible by this: matrix units take no fewer."""
_TILES: Final = 4
_CHANNELS: Final = 64
"""Tiles and channels that one program turns: one warp reads 64 channels of a pixel in one piece."""
_PARTS: Final = 16
"""Parts of a picture that are summed up on their own, at most: every reader adds all of them."""
_TOGETHER: Final = 8
_PIXELS: Final = 128
_VALUES: Final = 512
_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class _Block:
    """What one program of a direct convolution computes; `memory`: bytes of shared memory it needs for that."""

    pixels: int
    outs: int
    warps: int
    stages: int

    @property
    def memory(self) -> int:
        return self.stages * (self.pixels + self.outs) * _DEPTH * 2


_BLOCKS: Final = (_Block(128, 256, 8, 3), _Block(128, 128, 8, 3), _Block(64, 128, 4, 4))
"""From the one that reads least to the one that spreads widest; measured on an H200 against seven others."""
_BUSY: Final = 0.9
"""Share of the processors that must have a block for it to be taken."""


class TritonSteps:
    """See `reswapper_steps.Steps`. Features are float16."""

    def __init__(self, device: torch.device) -> None:
        """Blocks are chosen for the card; elsewhere kernels can only be interpreted, where it does not matter."""
        card = torch.cuda.get_device_properties(device) if device.type == "cuda" else None
        self._processors: int = card.multi_processor_count if card else 1
        self._memory: int = getattr(card, "shared_memory_per_block_optin", _BLOCKS[-1].memory)

    def first(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """See `Steps`."""
        batch, size, _, _ = crops.shape
        channels = weight.shape[2]
        features = weight.new_empty(batch, size, size, channels)
        pixels, wide = batch * size * size, min(_PIXELS, channels & -channels)
        convolutions.first[(cdiv(pixels, _PIXELS // 2), channels // wide)](
            crops, weight, bias, features, size, pixels, channels, block=_PIXELS // 2, wide=wide
        )
        return features

    def convolved(self, features: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        """See `Steps`."""
        batch, height, width, channels = features.shape
        tall, wide, outs = (height - 1) // stride + 1, (width - 1) // stride + 1, weight.shape[1]
        result = features.new_empty(batch, tall, wide, outs)
        pixels = batch * tall * wide
        block = self._block(pixels, outs)
        columns, depth = min(block.outs, outs & -outs), min(_DEPTH, channels & -channels)
        convolutions.middle[(cdiv(pixels, block.pixels) * (outs // columns),)](
            features, weight, bias, result, height, width, tall, wide, pixels, channels, outs,
            stride=stride, block=block.pixels, wide=columns, depth=depth, together=_TOGETHER,
            num_warps=block.warps, num_stages=block.stages,
        )  # fmt: skip
        return result

    def tiles(self, features: Tensor) -> Tensor:
        """See `Steps`."""
        return _into_tiles(features, None, enlarge=False)[0]

    def restyled_tiles(self, restyled: Restyled) -> tuple[Tensor, Tensor]:
        """See `Steps`."""
        return _into_tiles(restyled.features, restyled, enlarge=False)

    def enlarged_tiles(self, features: Tensor) -> Tensor:
        """See `Steps`."""
        return _into_tiles(features, None, enlarge=True)[0]

    def enlarged_restyled_tiles(self, restyled: Restyled) -> Tensor:
        """See `Steps`."""
        return _into_tiles(restyled.features, restyled, enlarge=True)[0]

    def measured(self, products: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
        """See `Steps`."""
        return _out_of_tiles(products, None, shape)

    def activated(self, products: Tensor, bias: Tensor, shape: tuple[int, int, int]) -> Tensor:
        """See `Steps`."""
        return _out_of_tiles(products, bias, shape)[0]

    def last(self, features: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype) -> Tensor:
        """See `Steps`."""
        batch, size, _, channels = features.shape
        pixels = batch * size * size
        sums = torch.empty(pixels, weight.shape[1], dtype=torch.float32, device=features.device)
        crops = torch.empty(batch, size, size, 3, dtype=kind, device=features.device)
        depth = min(_DEPTH, channels & -channels)
        convolutions.last_vertical[(cdiv(pixels, _PIXELS),)](
            features, weight, sums, size, pixels, channels, block=_PIXELS, depth=depth
        )
        convolutions.last_horizontal[(cdiv(3 * pixels, _VALUES),)](sums, bias, crops, size, 3 * pixels, block=_VALUES)
        return crops

    def _block(self, pixels: int, outs: int) -> _Block:
        """The largest block that leaves no processor idle."""
        for block in _BLOCKS[:-1]:
            fits = block.outs <= outs and block.memory <= self._memory
            if fits and cdiv(pixels, block.pixels) * cdiv(outs, block.outs) >= _BUSY * self._processors:
                return block
        return _BLOCKS[-1]


def _into_tiles(features: Tensor, restyled: Restyled | None, enlarge: bool) -> tuple[Tensor, Tensor]:
    """Tiles; and the sum with what is beside the features, where there is something and it is not enlarged."""
    batch, height, width, channels = features.shape
    step = TILE // 2 if enlarge else TILE
    rows, columns = cdiv(height, step), cdiv(width, step)
    tiles = features.new_empty(SIDE * SIDE, batch * rows * columns, channels)
    beside = None if restyled is None else restyled.beside
    kept = torch.empty_like(features) if beside is not None and not enlarge else features
    sums, style = (None, None) if restyled is None else (restyled.sums, restyled.style)
    parts = 1 if sums is None else sums.shape[1]
    tile_kernels.into_tiles[(cdiv(rows * columns, _TILES), cdiv(channels, _CHANNELS), batch)](
        features, beside, kept, sums, style, tiles,
        height, width, rows, columns, channels, tiles.stride(0), parts, 0 if style is None else style.stride(0),
        styled=restyled is not None, adds=beside is not None, enlarge=enlarge,
        most=_PARTS, block=_TILES, wide=_CHANNELS,
    )  # fmt: skip
    return tiles, kept


def _out_of_tiles(products: Tensor, bias: Tensor | None, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    """Features, and their sums where there is no bias to add."""
    batch, height, width = shape
    channels = products.shape[2]
    rows, columns = cdiv(height, TILE), cdiv(width, TILE)
    blocks = cdiv(rows * columns, _TILES)
    steps = cdiv(blocks, _PARTS) if bias is None else 1
    parts = cdiv(blocks, steps)
    features = products.new_empty(batch, height, width, channels)
    sums = torch.empty(batch, parts, 2, channels, dtype=torch.float32, device=products.device)
    tile_kernels.out_of_tiles[(parts, cdiv(channels, _CHANNELS), batch)](
        products, features, bias, sums, height, width, rows, columns, channels, products.stride(0), steps,
        measure=bias is None, block=_TILES, wide=_CHANNELS,
    )  # fmt: skip
    return features, sums
