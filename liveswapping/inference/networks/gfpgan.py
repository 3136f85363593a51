"""GFPGAN's clean architecture (arXiv:2101.04061), versions 1.3 and 1.4: restores an aligned face of 512 pixels.

A U-Net reads the damaged face; its deepest features become styles, and its features at every scale become conditions
of a StyleGAN2 generator, which draws the restored face.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Self

from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.published import PublishedNetwork
from liveswapping.inference.networks.resize import doubled, halved
from liveswapping.inference.networks.stylegan2 import STYLE, Generator

CHANNELS: Final[Mapping[int, int]] = MappingProxyType(
    {4: 512, 8: 512, 16: 512, 32: 512, 64: 512, 128: 256, 256: 128, 512: 64}
)
"""Of the published generator, by picture size (channel multiplier 2). The U-Net has half of them."""
_SLOPE: Final = 0.2


class ResBlock(nn.Module):
    """Two convolutions beside a plain one; halves or doubles the picture in between."""

    def __init__(self, channels: int, out_channels: int, enlarge: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.skip = nn.Conv2d(channels, out_channels, 1, bias=False)
        self._resized = doubled if enlarge else halved

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, h, w) -> (B, out_channels, h/2 or 2h, w/2 or 2w)."""
        inner = self._resized(F.leaky_relu(self.conv1(features), _SLOPE))
        inner = F.leaky_relu(self.conv2(inner), _SLOPE)
        result: Tensor = inner + self.skip(self._resized(features))
        return result


class GfpganClean(PublishedNetwork):
    """The whole network, for the largest picture size of `channels`: 512 in every published file."""

    def __init__(self, channels: Mapping[int, int] = CHANNELS) -> None:
        super().__init__()
        half = {size: number // 2 for size, number in channels.items()}
        sizes = sorted(channels)
        smallest, self.size = sizes[0], sizes[-1]
        upward = list(pairwise(sizes))
        self._styles = 2 * len(sizes)
        self.conv_body_first = nn.Conv2d(3, half[self.size], 1)
        self.conv_body_down = nn.ModuleList(
            ResBlock(half[large], half[small], enlarge=False) for small, large in reversed(upward)
        )
        self.final_conv = nn.Conv2d(half[smallest], half[smallest], 3, padding=1)
        self.conv_body_up = nn.ModuleList(ResBlock(half[small], half[large], enlarge=True) for small, large in upward)
        self.toRGB = nn.ModuleList(nn.Conv2d(half[large], 3, 1) for _, large in upward)
        self.final_linear = nn.Linear(half[smallest] * smallest**2, self._styles * STYLE)
        self.stylegan_decoder = Generator(channels)
        self.condition_scale = nn.ModuleList(_condition(half[large]) for _, large in upward)
        self.condition_shift = nn.ModuleList(_condition(half[large]) for _, large in upward)

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the size that `state` was saved from. Raises KeyError where it is of another architecture."""
        constant = state["stylegan_decoder.constant_input.weight"]
        channels = {constant.shape[-1]: constant.shape[1]}
        for layer in range(sum(name.endswith("skip.weight") for name in state) // 2):
            bias = state[f"stylegan_decoder.style_convs.{2 * layer}.bias"]
            channels[2 * max(channels)] = bias.shape[1]
        return cls(channels)

    def restore(self, face: Tensor) -> Tensor:
        """(B, 3, size, size) RGB -1..1 -> the same, not clamped."""
        return self._restored(face)[0]

    def forward(self, face: Tensor) -> tuple[Tensor, list[Tensor]]:
        """As published: the restored face, and the U-Net's own pictures at 8, 16 … size."""
        restored, features = self._restored(face)
        return restored, [to_rgb(level) for to_rgb, level in zip(self.toRGB, features, strict=True)]

    def _restored(self, face: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The restored face, and the U-Net's features at 8, 16 … size."""
        features = F.leaky_relu(self.conv_body_first(face), _SLOPE)
        downward = []
        for block in self.conv_body_down:
            features = block(features)
            downward.append(features)
        features = F.leaky_relu(self.final_conv(features), _SLOPE)
        styles = self.final_linear(features.flatten(1)).unflatten(1, (self._styles, STYLE))
        upward = []
        for block, beside in zip(self.conv_body_up, reversed(downward), strict=True):
            features = block(features + beside)
            upward.append(features)
        conditions = [
            (scale(level), shift(level))
            for scale, shift, level in zip(self.condition_scale, self.condition_shift, upward, strict=True)
        ]
        return self.stylegan_decoder(styles, conditions), upward


def _condition(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1),
        nn.LeakyReLU(_SLOPE),
        nn.Conv2d(channels, channels, 3, padding=1),
    )
