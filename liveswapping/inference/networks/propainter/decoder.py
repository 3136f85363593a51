"""The generator's decoder: features to pictures of four times their size, or to the part that is wanted of them."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box, convolved, enlarged
from liveswapping.inference.networks.propainter.encoder import FEATURES, SLOPE

_HALO: Final = 1
"""Pixels that a convolution reads on every side."""


class Enlarged(nn.Module):
    """A convolution of twice enlarged features."""

    def __init__(self, given: int, made: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(given, made, 3, padding=1)


class Decoder(nn.Module):
    """Features to pictures. Its layers have the numbers that they have in the published file."""

    def __init__(self) -> None:
        super().__init__()
        layers = {
            "0": Enlarged(FEATURES, 128),
            "2": nn.Conv2d(128, 64, 3, padding=1),
            "4": Enlarged(64, 64),
            "6": nn.Conv2d(64, 3, 3, padding=1),
        }
        for number, layer in layers.items():
            self.add_module(number, layer)

    def forward(self, features: Tensor, inside: Box, size: tuple[int, int], box: Box) -> Tensor:
        """(N, 128, …), of features of `size` (h, w) the part `inside` -> `box` of (N, 3, 4h, 4w).

        `inside` is what `reads` asks for. The answer is pictures before tanh.
        """
        medium, large = (2 * size[0], 2 * size[1]), (4 * size[0], 4 * size[1])
        third = box.grown(_HALO, large)
        second_read = third.grown(_HALO, large)
        second = second_read.halved(medium)
        first = second.grown(_HALO, medium)
        first_read = first.grown(_HALO, medium)
        maps = enlarged(features, inside, first_read, size)
        maps = _rectified(convolved(maps, first_read, self._conv("0.conv"), first))
        maps = _rectified(convolved(maps, first, self._conv("2"), second))
        maps = enlarged(maps, second, second_read, medium)
        maps = _rectified(convolved(maps, second_read, self._conv("4.conv"), third))
        return convolved(maps, third, self._conv("6"), box)

    def _conv(self, name: str) -> nn.Conv2d:
        layer = self.get_submodule(name)
        if not isinstance(layer, nn.Conv2d):
            raise TypeError(f"{type(layer).__name__} stands where a convolution belongs")
        return layer

    @staticmethod
    def reads(box: Box, size: tuple[int, int]) -> Box:
        """What of features of `size` (h, w) the decoder needs for `box` of its answer."""
        medium, large = (2 * size[0], 2 * size[1]), (4 * size[0], 4 * size[1])
        second = box.grown(2 * _HALO, large).halved(medium)
        return second.grown(2 * _HALO, medium).halved(size)


def _rectified(maps: Tensor) -> Tensor:
    return F.leaky_relu(maps, SLOPE, inplace=True)
