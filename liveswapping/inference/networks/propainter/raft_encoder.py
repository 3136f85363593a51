"""RAFT's two encoders: a frame's features at an eighth of its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import Tensor, nn
from torch.nn import functional as F

FEATURES: Final = 256
STRIDE: Final = 8

Normalisation = Callable[[int], nn.Module]


class ResidualBlock(nn.Module):
    """Two convolutions beside the input; with a stride of 2 the input is halved by a convolution of its own."""

    def __init__(self, channels: int, out_channels: int, stride: int, normalisation: Normalisation) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out_channels, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.norm1 = normalisation(out_channels)
        self.norm2 = normalisation(out_channels)
        self.downsample: nn.Sequential | None = None
        if stride > 1:
            self.norm3 = normalisation(out_channels)  # the published file has it under both names
            self.downsample = nn.Sequential(nn.Conv2d(channels, out_channels, 1, stride), self.norm3)

    def forward(self, features: Tensor) -> Tensor:
        """(n, channels, h, w) -> (n, out_channels, h/stride, w/stride)."""
        inner = F.relu(self.norm1(self.conv1(features)))
        inner = F.relu(self.norm2(self.conv2(inner)))
        beside = features if self.downsample is None else self.downsample(features)
        return F.relu(beside + inner)


class Encoder(nn.Module):
    """A convolution and six residual blocks."""

    def __init__(self, normalisation: Normalisation) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3)
        self.norm1 = normalisation(64)
        self.layer1 = _layer(64, 64, 1, normalisation)
        self.layer2 = _layer(64, 96, 2, normalisation)
        self.layer3 = _layer(96, 128, 2, normalisation)
        self.conv2 = nn.Conv2d(128, FEATURES, 1)

    def forward(self, frame: Tensor) -> Tensor:
        """(n, 3, h, w) RGB -1..1 -> (n, 256, h/8, w/8)."""
        features = F.relu(self.norm1(self.conv1(frame)))
        result: Tensor = self.conv2(self.layer3(self.layer2(self.layer1(features))))
        return result


def _layer(channels: int, out_channels: int, stride: int, normalisation: Normalisation) -> nn.Sequential:
    return nn.Sequential(
        ResidualBlock(channels, out_channels, stride, normalisation),
        ResidualBlock(out_channels, out_channels, 1, normalisation),
    )
