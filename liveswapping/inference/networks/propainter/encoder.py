"""The generator's encoder: frames to features at a quarter of the size."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

SLOPE: Final = 0.2
"""Of the leaky rectifiers after all convolutions here."""
FEATURES: Final = 128
"""Channels of a frame's features."""
_GROUPED: Final = {10: 2, 12: 4, 14: 8, 16: 1}
"""Layers that see the features of layer 6 again, group by group, and their number of groups."""


class Encoder(nn.Module):
    """A frame and its two masks to features. Every frame by itself, so features of a frame can be kept."""

    def __init__(self) -> None:
        super().__init__()
        convolutions = (
            nn.Conv2d(5, 64, 3, stride=2, padding=1),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.Conv2d(64, 128, 3, stride=2, padding=1),
            nn.Conv2d(128, 256, 3, padding=1),
            nn.Conv2d(256, 384, 3, padding=1),
            nn.Conv2d(640, 512, 3, padding=1, groups=2),
            nn.Conv2d(768, 384, 3, padding=1, groups=4),
            nn.Conv2d(640, 256, 3, padding=1, groups=8),
            nn.Conv2d(512, FEATURES, 3, padding=1),
        )
        self.layers = nn.ModuleList(
            layer for conv in convolutions for layer in (conv, nn.LeakyReLU(SLOPE, inplace=True))
        )

    def forward(self, picture: Tensor) -> Tensor:
        """(N, 5, H, W): RGB -1..1, the hole, the hole that is still open -> (N, 128, H/4, W/4)."""
        features, seen = picture, picture
        for index, layer in enumerate(self.layers):
            if index == 8:
                seen = features
            if index in _GROUPED:
                features = _interleaved(seen, features, _GROUPED[index])
            features = layer(features)
        return features


def _interleaved(first: Tensor, second: Tensor, groups: int) -> Tensor:
    """Channels of both, so that each group of a convolution sees its share of each."""
    if groups == 1:
        return torch.cat((first, second), dim=1)
    parts = zip(first.chunk(groups, dim=1), second.chunk(groups, dim=1), strict=True)
    return torch.cat([part for pair in parts for part in pair], dim=1)
