"""The first half of flow completion: masked flows to features at an eighth of their size, one frame after another.

Published as convolutions over a whole clip. Those over space see one frame and those over time three, so a clip streams
through: each convolution over time holds five frames, and nothing grows with the clip's length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE: Final = 0.2
_APART: Final = 2
"""Frames between those that a convolution over time sees."""


class FrameConv(nn.Module):
    """A convolution over space whose published weight has a dimension of one for time."""

    def __init__(
        self, channels: int, out_channels: int, kernel: int, stride: int = 1, dilation: int = 1, repeats: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, channels, 1, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.kaiming_uniform_(self.weight)
        self._stride, self._dilation = stride, dilation
        self._padding = kernel // 2 * dilation
        self._repeats = repeats

    def forward(self, features: Tensor) -> Tensor:
        """(n, channels, h, w) -> (n, out_channels, h/stride, w/stride); beyond the edge zeros, or the edge again."""
        padding = self._padding
        if self._repeats:
            features, padding = F.pad(features, (padding,) * 4, mode="replicate"), 0
        return F.conv2d(features, self.weight[:, :, 0], self.bias, self._stride, padding, self._dilation)


class TimeConv(nn.Module):
    """A convolution over a frame and those two before and after it, one pixel wide."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, channels, 3, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels))
        nn.init.kaiming_uniform_(self.weight)

    def forward(self, before: Tensor, now: Tensor, after: Tensor) -> Tensor:
        """(n, channels, h, w) each -> (n, channels, h, w)."""
        weight = self.weight.permute(0, 2, 1, 3, 4).flatten(1, 2)
        return F.conv2d(torch.cat((before, now, after), dim=1), weight, self.bias)

    def over(self, frames: Iterable[Tensor]) -> Iterator[Tensor]:
        """One answer for each frame; before the first one and after the last one there are zeros."""
        held: deque[Tensor | None] = deque([None] * (2 * _APART + 1), maxlen=2 * _APART + 1)
        for frame in chain(frames, repeat(None, _APART)):
            held.append(frame)
            now = held[_APART]
            if now is not None:
                nothing = torch.zeros_like(now) if held[0] is None or held[-1] is None else now
                yield self(_or(held[0], nothing), now, _or(held[-1], nothing))


class SpaceTimeConv(nn.Module):
    """A convolution over space, which may halve, then one over time ("P3D", arXiv:1711.10305, without its residual)."""

    def __init__(self, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(FrameConv(channels, out_channels, 3, stride), nn.LeakyReLU(SLOPE))
        self.conv2 = nn.Sequential(TimeConv(out_channels))

    def over(self, frames: Iterable[Tensor]) -> Iterator[Tensor]:
        """(n, channels, h, w) -> (n, out_channels, h/stride, w/stride), as many as there are, activated."""
        in_time = cast(TimeConv, self.conv2[0])
        return (F.leaky_relu(frame, SLOPE) for frame in in_time.over(map(self.conv1, frames)))


def stage(channels: int, out_channels: int) -> nn.Sequential:
    """Two of them, the second of which halves; numbered as in the published file, where activations count."""
    return nn.Sequential(
        SpaceTimeConv(channels, channels, 1),
        nn.LeakyReLU(SLOPE),
        SpaceTimeConv(channels, out_channels, 2),
        nn.LeakyReLU(SLOPE),
    )


def streamed(layers: nn.Sequential, frames: Iterable[Tensor]) -> Iterator[Tensor]:
    """Frames through a `stage`."""
    streaming: Iterable[Tensor] = frames
    for layer in layers:
        if isinstance(layer, SpaceTimeConv):
            streaming = layer.over(streaming)
    return iter(streaming)


def _or(frame: Tensor | None, nothing: Tensor) -> Tensor:
    return nothing if frame is None else frame
