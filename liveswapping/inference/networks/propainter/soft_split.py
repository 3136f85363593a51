"""Features to overlapping patches (tokens) and back, as convolutions.

A linear layer on unfolded 7×7 patches is a convolution with the same weights; folding what a linear layer made is a
transposed one. Nothing of the patches' size, 49 times the features', is ever in memory.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box, convolved
from liveswapping.inference.networks.propainter.encoder import FEATURES

PATCH: Final = 7
STRIDE: Final = 3
PADDING: Final = 3
TOKEN: Final = 512
"""Channels of a token."""
OVERLAPPED: Final = (PATCH - 1) // STRIDE
"""Tokens to each side whose patches reach into a token's own."""
_HIDDEN: Final = 40
"""Channels of the feed-forward network between tokens and tokens."""


class SoftSplit(nn.Module):
    """Features to tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Linear(FEATURES * PATCH**2, TOKEN)

    def forward(self, features: Tensor) -> Tensor:
        """(N, 128, h, w) -> (N, rows, columns, 512)."""
        kernel = self.embedding.weight.view(TOKEN, FEATURES, PATCH, PATCH)
        laid_out = features.contiguous(memory_format=torch.channels_last)  # as tokens are, which is a quarter faster
        tokens = F.conv2d(laid_out, kernel, self.embedding.bias, STRIDE, PADDING)
        return tokens.permute(0, 2, 3, 1)


class SoftComposition(nn.Module):
    """Tokens to features."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Linear(TOKEN, FEATURES * PATCH**2)
        self.bias_conv = nn.Conv2d(FEATURES, FEATURES, 3, padding=1)

    def forward(self, tokens: Tensor, size: tuple[int, int], box: Box | None = None) -> Tensor:
        """(N, rows, columns, 512) -> (N, 128, *size), or `box` of it."""
        if box is None:
            whole: Tensor = self.bias_conv(_folded(tokens, self.embedding, FEATURES, size))
            return whole
        around = box.grown(1, size)
        read = self.reads(box, size)
        part = under(read, size)
        top, left = read.top * STRIDE, read.left * STRIDE
        of_read = read.of_tokens(tokens, Box.whole((tokens.shape[1], tokens.shape[2])))
        folded = _folded(of_read, self.embedding, FEATURES, part)
        return convolved(around.of(folded, Box(top, top + part[0], left, left + part[1])), around, self.bias_conv, box)

    @staticmethod
    def reads(box: Box, size: tuple[int, int]) -> Box:
        """The tokens that `box` of features of `size` is made of."""
        around, (rows, columns) = box.grown(1, size), token_grid(size)
        top, bottom = _over(around.top, around.bottom, rows)
        left, right = _over(around.left, around.right, columns)
        return Box(top, bottom, left, right)


class FusionFeedForward(nn.Module):
    """The feed-forward network of a block: tokens meet their neighbours where their patches overlap."""

    def __init__(self) -> None:
        super().__init__()
        patch = _HIDDEN * PATCH**2
        self.fc1 = nn.Sequential(nn.Linear(TOKEN, patch))
        self.fc2 = nn.Sequential(nn.GELU(), nn.Linear(patch, TOKEN))

    def forward(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, rows, columns, 512) over features of `size` -> the same.

        Of tokens that are a part of more (`under`), OVERLAPPED to each side come out wrong.
        """
        first, second = _linear(self.fc1[0]), _linear(self.fc2[1])
        overlaps = _fold_of(torch.ones(PATCH**2, device=tokens.device), tokens.shape[1:3], size)
        # GELU is elementwise and leaves 0 at 0, so it may come before the patches are taken apart
        hidden = F.gelu(_folded(tokens, first, _HIDDEN, size).div_(overlaps))
        if hidden.device.type == "cuda" and hidden.dtype is not torch.float32:
            # cuDNN convolves these 40 channels without tensor cores: 2.7 ms on an H200 instead of 0.5 ms (480×720)
            return _split_by_patches(hidden, second).view(*tokens.shape[:3], TOKEN)
        kernel = second.weight.view(TOKEN, _HIDDEN, PATCH, PATCH)
        return F.conv2d(hidden, kernel, second.bias, STRIDE, PADDING).permute(0, 2, 3, 1)


def token_grid(size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of the tokens of features of `size`."""
    return (size[0] - 1) // STRIDE + 1, (size[1] - 1) // STRIDE + 1


def under(box: Box, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of features, of all the `size`, that a `box` of tokens stands for when it is taken by itself."""
    return (
        min(size[0], box.bottom * STRIDE) - box.top * STRIDE,
        min(size[1], box.right * STRIDE) - box.left * STRIDE,
    )


def _linear(layer: nn.Module) -> nn.Linear:
    if not isinstance(layer, nn.Linear):
        raise TypeError(f"{type(layer).__name__} stands where a linear layer belongs")
    return layer


def _folded(tokens: Tensor, linear: nn.Linear, channels: int, size: tuple[int, int]) -> Tensor:
    """What `linear` makes of every token, added up where patches overlap: (N, channels, *size)."""
    rows, columns = tokens.shape[1:3]
    kernel = linear.weight.view(channels, PATCH, PATCH, TOKEN).permute(3, 0, 1, 2)
    folded = F.conv_transpose2d(tokens.permute(0, 3, 1, 2), kernel, None, STRIDE, PADDING, _rest((rows, columns), size))
    return folded.add_(_fold_of(linear.bias, (rows, columns), size).to(folded.dtype))


def _split_by_patches(features: Tensor, linear: nn.Linear) -> Tensor:
    """What `linear` makes of every patch of (N, C, h, w): (N, rows·columns, 512)."""
    tokens: Tensor = linear(F.unfold(features, PATCH, padding=PADDING, stride=STRIDE).transpose(1, 2))
    return tokens


def _fold_of(patch: Tensor, grid: tuple[int, ...], size: tuple[int, int]) -> Tensor:
    """The same patch of (C·49) at every place of the grid, added up: (1, C, *size)."""
    ones = torch.ones(1, 1, *grid, dtype=patch.dtype, device=patch.device)
    kernel = patch.view(1, -1, PATCH, PATCH)
    return F.conv_transpose2d(ones, kernel, None, STRIDE, PADDING, _rest(grid, size))


def _over(start: int, stop: int, tokens: int) -> tuple[int, int]:
    """The tokens, of an axis with so many, whose patches reach into the places from `start` to before `stop`.

    One more on either side, so that what is cut off at the ends of a fold of these alone is none of those places.
    """
    return max(0, start // STRIDE - 2), min(tokens, (stop - 1) // STRIDE + 3)


def _rest(grid: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns that a transposed convolution has to be made larger by."""
    rows, columns = (side - ((tokens - 1) * STRIDE + 1) for side, tokens in zip(size, grid, strict=True))
    return rows, columns
