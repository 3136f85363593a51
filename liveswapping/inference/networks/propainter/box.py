"""Parts of maps: what a convolution, or an enlargement, has to know to be right in a part alone."""

from __future__ import annotations

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Box(NamedTuple):
    """Rows and columns of a map, from the first to before the last."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, size: tuple[int, int]) -> Self:
        """All of a map of (height, width)."""
        return cls(0, size[0], 0, size[1])

    def grown(self, by: int, size: tuple[int, int]) -> Self:
        """With so many rows and columns around it, within a map of (height, width)."""
        return type(self)(
            max(0, self.top - by), min(size[0], self.bottom + by), max(0, self.left - by), min(size[1], self.right + by)
        )

    def halved(self, size: tuple[int, int]) -> Self:
        """What of a map of (height, width) `enlarged` reads to make this box of one twice as large."""
        top, bottom = _read(self.top, self.bottom, size[0])
        left, right = _read(self.left, self.right, size[1])
        return type(self)(top, bottom, left, right)

    def of_tokens(self, tokens: Tensor, inside: Box) -> Tensor:
        """This box, out of tokens (N, rows, columns, C) of `inside`."""
        rows = slice(self.top - inside.top, self.bottom - inside.top)
        return tokens[:, rows, self.left - inside.left : self.right - inside.left]

    def of(self, maps: Tensor, inside: Box) -> Tensor:
        """This box, out of maps (N, C, h, w) of `inside`."""
        rows = slice(self.top - inside.top, self.bottom - inside.top)
        return maps[:, :, rows, self.left - inside.left : self.right - inside.left]


def convolved(maps: Tensor, inside: Box, conv: nn.Conv2d, box: Box) -> Tensor:
    """`box` of a 3×3 convolution of what has `maps`, (N, C, h, w), in `inside`: `box` grown by one."""
    beyond = (
        box.left == inside.left, box.right == inside.right, box.top == inside.top, box.bottom == inside.bottom
    )  # fmt: skip
    if all(beyond):
        whole: Tensor = conv(maps)
        return whole
    if any(beyond):
        maps = F.pad(maps, [int(side) for side in beyond])
    return F.conv2d(maps, conv.weight, conv.bias)


def enlarged(maps: Tensor, inside: Box, box: Box, size: tuple[int, int]) -> Tensor:
    """`box` of twice enlarged maps, bilinear between the outermost pixels' middles (align_corners).

    `maps`: (N, C, h, w), of maps of `size` (height, width) the part `inside`, which is what `Box.halved` asks for.
    """
    twice = (2 * size[0], 2 * size[1])
    if box == Box.whole(twice):
        return F.interpolate(maps, size=twice, mode="bilinear", align_corners=True)
    columns = _doubled(maps, 3, inside.left, (box.left, box.right), size[1])
    return _doubled(columns, 2, inside.top, (box.top, box.bottom), size[0])


def _doubled(maps: Tensor, axis: int, origin: int, wanted: tuple[int, int], size: int) -> Tensor:
    """An axis of `maps`, of which `size` places from `origin` on are there, enlarged twice; from it what is `wanted`.

    Place p of the larger axis lies at p·(s-1)/(2s-1) of the smaller one: for p = 2k that is k - k/(2s-1), for
    p = 2k+1 it is k + (s-1-k)/(2s-1).
    """
    first, last = wanted[0] // 2, (wanted[1] + 1) // 2
    around = torch.arange(first - 1, last + 1).clamp_(0, size - 1) - origin
    low, high = max(first - 1, 0) - origin, min(last + 1, size) - origin
    near = maps.narrow(axis, low, high - low)
    if len(around) != high - low:
        near = maps.index_select(axis, around.to(maps.device))
    count = last - first
    shape = [-1 if dim == axis else 1 for dim in range(maps.dim())]
    k = torch.arange(first, last, device=maps.device, dtype=torch.float32)
    even = (1 - k / (2 * size - 1)).to(maps.dtype).view(shape)
    odd = ((size - 1 - k) / (2 * size - 1)).to(maps.dtype).view(shape)
    before, here, after = (near.narrow(axis, place, count) for place in range(3))
    pairs = torch.stack((torch.lerp(before, here, even), torch.lerp(here, after, odd)), dim=axis + 1)
    return pairs.flatten(axis, axis + 1).narrow(axis, wanted[0] - 2 * first, wanted[1] - wanted[0])


def _read(start: int, stop: int, size: int) -> tuple[int, int]:
    ratio = (size - 1) / (2 * size - 1)
    return max(0, int(start * ratio) - 1), min(size, int((stop - 1) * ratio) + 3)
