"""Which tokens stand in which window of the transformer, and what each window looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.soft_split import PADDING, PATCH, STRIDE

WINDOW: Final = (5, 9)
"""Rows and columns of tokens."""
_SHIFT: Final = (3, 5)
"""Rows and columns that the map is rolled by, in each diagonal direction, to give a window its border."""


def border() -> Tensor:
    """(148,) places in the four rolled windows, one after the other, that lie outside of the window itself."""
    # on the processor also where a network is made without memory (the meta device), as these are no weights
    rows, columns = _own_offsets()
    outside = []
    for down, right in _rolls():
        inside = _within(rows + down, WINDOW[0]) & _within(columns + right, WINDOW[1])
        outside.append(~inside)
    return torch.cat(outside).nonzero().flatten()


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows over one grid of tokens, padded to whole windows, as places in the flattened grid."""

    grid: tuple[int, int]
    """Rows and columns of tokens."""
    padded: tuple[int, int]
    """The same, rounded up to whole windows."""
    own: Tensor
    """(n, 45): the tokens of each window."""
    used: Tensor
    """(u,): the tokens that are seen by any window with a hole; only of these are keys and values needed."""
    place: Tensor
    """(m, 193): of each window with a hole, where its own tokens and those around it stand in `used`.

    The grid is round, as if on a ring."""
    masked: Tensor
    """(m,): the windows in which some local frame has a hole. They look at all frames."""
    free: Tensor
    """(n - m,): the others. They look at themselves, frame by frame."""

    @property
    def places(self) -> int:
        """Tokens of the padded grid."""
        return self.padded[0] * self.padded[1]

    @classmethod
    def over(cls, hole: Tensor) -> Self:
        """The windows over the tokens of features whose `hole` is (l, 1, h, w), above 0 in it, in the local frames.

        On the processor: `on` puts them where they are used.
        """
        tokens = F.max_pool2d(hole.float(), PATCH, STRIDE, PADDING).amax(0)[0].cpu()
        grid = (tokens.shape[0], tokens.shape[1])
        height, width = (-(-side // step) * step for side, step in zip(grid, WINDOW, strict=True))
        whole = F.pad(tokens, (0, width - grid[1], 0, height - grid[0]))
        has_hole = F.max_pool2d(whole[None], WINDOW, WINDOW).flatten() > 0
        masked = has_hole.nonzero().flatten()
        rows = torch.arange(0, height, WINDOW[0]).repeat_interleave(width // WINDOW[1])[:, None]
        columns = torch.arange(0, width, WINDOW[1]).repeat(height // WINDOW[0])[:, None]
        down, right = _own_offsets()
        own = (rows + down) * width + columns + right
        all_down, all_right = _seen_offsets()
        seen = ((rows[masked] + all_down) % height) * width + (columns[masked] + all_right) % width
        free = (~has_hole).nonzero().flatten()
        used, place = torch.unique(seen, return_inverse=True)
        return cls(grid, (height, width), own, used, place, masked, free)

    def touching(self, box: Box) -> Self:
        """Those of them that share a token with `box`."""
        down, right = self._reached(box)
        row, column = self.own[:, 0] // self.padded[1], self.own[:, 0] % self.padded[1]
        inside = (row >= down[0]) & (row < down[1]) & (column >= right[0]) & (column < right[1])
        kept = inside[self.masked]
        return replace(
            self, place=self.place[kept], masked=self.masked[kept], free=self.free[inside[self.free]]
        )  # fmt: skip

    def touched(self, box: Box) -> Box:
        """The tokens of the windows that share a token with `box`."""
        (top, bottom), (left, right) = self._reached(box)
        return Box(top, min(bottom, self.grid[0]), left, min(right, self.grid[1]))

    def on(self, device: torch.device) -> Self:
        """The same, with their tables on `device`."""
        tables = self.own, self.used, self.place, self.masked, self.free
        own, used, place, masked, free = (table.to(device) for table in tables)
        return replace(self, own=own, used=used, place=place, masked=masked, free=free)

    def _reached(self, box: Box) -> tuple[tuple[int, int], tuple[int, int]]:
        down, right = WINDOW
        return (
            (box.top // down * down, -(-box.bottom // down) * down),
            (box.left // right * right, -(-box.right // right) * right),
        )


class Part(NamedTuple):
    """Frames, and what is asked of their tokens."""

    frames: slice
    wanted: Box
    """Tokens that something later depends on."""
    asked: Box
    """They, and the tokens around them that they are computed out of."""
    touched: Box
    """Tokens of the windows that share one with `asked`."""
    windows: Windows

    @classmethod
    def of(cls, frames: slice, wanted: Box, windows: Windows, around: int) -> Self:
        """`wanted` tokens that are computed out of so many to each side."""
        asked = wanted.grown(around, windows.grid)
        return cls(frames, wanted, asked, windows.touched(asked), windows.touching(asked))


def _own_offsets() -> tuple[Tensor, Tensor]:
    """Rows and columns of a window's tokens, each (45,)."""
    rows = torch.arange(WINDOW[0], device="cpu").repeat_interleave(WINDOW[1])
    return rows, torch.arange(WINDOW[1], device="cpu").repeat(WINDOW[0])


def _seen_offsets() -> tuple[Tensor, Tensor]:
    """Rows and columns of a window's tokens and of its border, each (193,)."""
    rows, columns = _own_offsets()
    beside = border()
    down = torch.cat([rows + shift for shift, _ in _rolls()])[beside]
    right = torch.cat([columns + shift for _, shift in _rolls()])[beside]
    return torch.cat((rows, down)), torch.cat((columns, right))


def _rolls() -> tuple[tuple[int, int], ...]:
    """Where a window's tokens are read from, rows down and columns right, in the order of the published weights."""
    down, right = _SHIFT
    return (down, right), (down, -right), (-down, right), (-down, -right)


def _within(place: Tensor, size: int) -> Tensor:
    return (place >= 0) & (place < size)
