"""StyleGAN2's generator (arXiv:1912.04958) in plain convolutions, steered by a condition at every scale.

This is the decoder of GFPGAN's clean architecture (arXiv:2101.04061): convolutions keep their weights unscaled,
enlarging is bilinear, and half of the channels take a spatial scale and shift (SFT) from the picture to restore.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.resize import doubled

STYLE: Final = 512
"""Numbers in one style vector."""
_EPSILON: Final = 1e-8
_SLOPE: Final = 0.2
_GAIN: Final = 2**0.5
"""What the original scaled activations by; the clean architecture keeps it before noise and bias."""


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by a style, and whose output is brought back to unit variance.

    Scaling the input and the output, instead of the weights, is the same function and lets a batch share its weights.
    """

    def __init__(self, channels: int, out_channels: int, kernel: int, demodulate: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, out_channels, channels, kernel, kernel))
        self.modulation = nn.Linear(STYLE, channels)
        self._demodulate = demodulate

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """(B, channels, h, w), (B, 512) -> (B, out_channels, h, w)."""
        scale = self.modulation(style)
        weight = self.weight[0]
        if not self._demodulate:
            return F.conv2d(features * scale[:, :, None, None], weight, padding=weight.shape[-1] // 2)
        largest = scale.abs().amax(dim=1, keepdim=True) + _EPSILON  # half precision would overflow without
        result = F.conv2d(features * (scale / largest)[:, :, None, None], weight, padding=weight.shape[-1] // 2)
        energy = weight.float().square().sum(dim=(2, 3))
        normal = torch.rsqrt(F.linear(scale.float().square(), energy) + _EPSILON) * largest.float()
        normalised: Tensor = result * normal.to(result.dtype)[:, :, None, None]
        return normalised


class StyleConv(nn.Module):
    """A modulated convolution with noise, bias and activation; `enlarge` doubles the picture first."""

    def __init__(self, channels: int, out_channels: int, enlarge: bool = False) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels, out_channels, 3, demodulate=True)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, out_channels, 1, 1))
        self._enlarge = enlarge

    def forward(self, features: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """`noise` is (1, 1, h, w) of the result's size; `weight` is its strength."""
        if self._enlarge:
            features = doubled(features)
        result = self.modulated_conv(features, style) * _GAIN
        return F.leaky_relu(result + self.weight * noise + self.bias, _SLOPE)


class ToRgb(nn.Module):
    """Features to colours, added to the enlarged picture of the scale before."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels, 3, 1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, features: Tensor, style: Tensor, before: Tensor | None = None) -> Tensor:
        """(B, channels, h, w) -> (B, 3, h, w); `before` is (B, 3, h/2, w/2)."""
        colours: Tensor = self.modulated_conv(features, style) + self.bias
        return colours if before is None else colours + doubled(before)


class Constant(nn.Module):
    """What the generator starts from, the same for every face."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, channels, size, size))


class Noises(nn.Module):
    """One stored picture of noise per layer, named noise0, noise1 and so on."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        for number, size in enumerate(sizes):
            self.register_buffer(f"noise{number}", torch.zeros(1, 1, size, size))


class Generator(nn.Module):
    """Draws a face from one style per layer. The stored noise is used, so that the same input gives the same face."""

    def __init__(self, channels: Mapping[int, int]) -> None:
        """`channels`: picture size -> feature channels, from 4 doubling to the final size."""
        super().__init__()
        sizes = sorted(channels)
        first = channels[sizes[0]]
        self.style_mlp = _mapping_network()
        self.constant_input = Constant(first, sizes[0])
        self.style_conv1 = StyleConv(first, first)
        self.to_rgb1 = ToRgb(first)
        self.style_convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        for before, size in pairwise(sizes):
            self.style_convs.append(StyleConv(channels[before], channels[size], enlarge=True))
            self.style_convs.append(StyleConv(channels[size], channels[size]))
            self.to_rgbs.append(ToRgb(channels[size]))
        self.noises = Noises([sizes[0]] + [size for size in sizes[1:] for _ in range(2)])

    def forward(self, styles: Tensor, conditions: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """(B, 2·scales, 512) styles and a (scale, shift) per size from 8 up -> (B, 3, size, size) RGB -1..1.

        A condition is (B, C/2, size, size) and steers the second half of the C channels.
        """
        noises = list(self.noises.buffers())
        features = self.constant_input.weight.expand(styles.shape[0], -1, -1, -1)
        features = self.style_conv1(features, styles[:, 0], noises[0])
        picture: Tensor = self.to_rgb1(features, styles[:, 1])
        for scale, (condition, to_rgb) in enumerate(zip(conditions, self.to_rgbs, strict=True)):
            enlarging, drawing = self.style_convs[2 * scale], self.style_convs[2 * scale + 1]
            layer = 2 * scale + 1  # the style of a scale's colours is also that of the next scale's first layer
            features = enlarging(features, styles[:, layer], noises[layer])
            features = _steered(features, *condition)
            features = drawing(features, styles[:, layer + 1], noises[layer + 1])
            picture = to_rgb(features, styles[:, layer + 2], picture)
        return picture


def _mapping_network() -> nn.Sequential:
    """Turns random codes into styles. Published files carry it; restoring gives styles directly and does not run it."""
    layers: list[nn.Module] = [nn.Identity()]
    for _ in range(8):
        layers += [nn.Linear(STYLE, STYLE), nn.LeakyReLU(_SLOPE)]
    return nn.Sequential(*layers)


def _steered(features: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    kept, steered = features.chunk(2, dim=1)
    return torch.cat((kept, steered * scale + shift), dim=1)
