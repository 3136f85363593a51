"""RRDBNet, the network of RealESRGAN (ESRGAN, arXiv:1809.00219; RealESRGAN, arXiv:2107.10833)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.published import PublishedNetwork
from liveswapping.inference.networks.resize import repeated

_SLOPE: Final = 0.2
_RESIDUAL: Final = 0.2
"""Share of what a block adds to its input."""
_ENLARGED: Final = 4
"""The graph itself enlarges four times; a smaller scale comes from packing pixels into channels before it."""


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees the input and all results before it."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(features, growth, 3, padding=1)
        self.conv2 = nn.Conv2d(features + growth, growth, 3, padding=1)
        self.conv3 = nn.Conv2d(features + 2 * growth, growth, 3, padding=1)
        self.conv4 = nn.Conv2d(features + 3 * growth, growth, 3, padding=1)
        self.conv5 = nn.Conv2d(features + 4 * growth, features, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, features, h, w) -> the same."""
        seen = features
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen = torch.cat((seen, F.leaky_relu(conv(seen), _SLOPE)), dim=1)
        result: Tensor = features + _RESIDUAL * self.conv5(seen)
        return result


class ResidualDenseBlocks(nn.Module):
    """Three dense blocks in a row, added to the input."""

    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = DenseBlock(features, growth)
        self.rdb2 = DenseBlock(features, growth)
        self.rdb3 = DenseBlock(features, growth)

    def forward(self, features: Tensor) -> Tensor:
        """(B, features, h, w) -> the same."""
        result: Tensor = features + _RESIDUAL * self.rdb3(self.rdb2(self.rdb1(features)))
        return result


class RRDBNet(PublishedNetwork):
    """Enlarges a picture `scale` times (1, 2 or 4)."""

    def __init__(self, scale: int = 4, blocks: int = 23, features: int = 64, growth: int = 32) -> None:
        super().__init__()
        self.scale = scale
        """How many times larger the result is."""
        self.packing = _ENLARGED // scale
        """Width and height of the input must be divisible by this."""
        self.conv_first = nn.Conv2d(3 * self.packing**2, features, 3, padding=1)
        self.body = nn.Sequential(*(ResidualDenseBlocks(features, growth) for _ in range(blocks)))
        self.conv_body = nn.Conv2d(features, features, 3, padding=1)
        self.conv_up1 = nn.Conv2d(features, features, 3, padding=1)
        self.conv_up2 = nn.Conv2d(features, features, 3, padding=1)
        self.conv_hr = nn.Conv2d(features, features, 3, padding=1)
        self.conv_last = nn.Conv2d(features, 3, 3, padding=1)

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the size that `state` was saved from. Raises KeyError where it is of another architecture."""
        features, channels = state["conv_first.weight"].shape[:2]
        scale = {3: 4, 12: 2, 48: 1}[channels]
        blocks = sum(name.endswith("rdb1.conv1.weight") for name in state)
        return cls(scale, blocks, features, state["body.0.rdb1.conv1.weight"].shape[0])

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, h, w) RGB 0..1, both divisible by `packing` -> (B, 3, scale·h, scale·w) RGB, not clamped."""
        packed = F.pixel_unshuffle(picture, self.packing) if self.packing > 1 else picture
        first = self.conv_first(packed)
        features = first + self.conv_body(self.body(first))
        features = F.leaky_relu(self.conv_up1(repeated(features)), _SLOPE)
        features = F.leaky_relu(self.conv_up2(repeated(features)), _SLOPE)
        enlarged: Tensor = self.conv_last(F.leaky_relu(self.conv_hr(features), _SLOPE))
        return enlarged
