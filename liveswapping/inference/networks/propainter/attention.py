"""Attention within windows of tokens: across all frames where there is a hole, within each frame elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.portions import portions
from liveswapping.inference.networks.propainter.soft_split import TOKEN
from liveswapping.inference.networks.propainter.windows import Part, Windows, border

HEADS: Final = 4
_POOL: Final = 4
_FEW: Final = 64
"""Keys of which a processor's fused attention is slower than its steps, by half."""


class SparseWindowAttention(nn.Module):
    """Keys and values are made once for every token and gathered by windows, a few windows at a time."""

    valid_ind_rolled: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.key = nn.Linear(TOKEN, TOKEN)
        self.query = nn.Linear(TOKEN, TOKEN)
        self.value = nn.Linear(TOKEN, TOKEN)
        self.proj = nn.Linear(TOKEN, TOKEN)
        self.pool_layer = nn.Conv2d(TOKEN, TOKEN, _POOL, _POOL, groups=TOKEN)
        with torch.device("cpu"):  # while weights are loaded the network is made without memory
            self.register_buffer(
                "valid_ind_rolled", border()
            )  # the published file holds it; `Windows` knows it as well

    def forward(self, tokens: Tensor, parts: Sequence[Part], seen: slice, most: int | None = None) -> list[Tensor]:
        """(t, rows, columns, 512), in the type that is computed in -> what each part asks for, (…, 512).

        `seen`: the frames that windows with a hole look at. `most`: bytes of what is gathered at once.
        """
        windows = parts[0].windows
        padded = _padded(tokens, windows.padded)
        known = self._known(padded[seen], windows) if any(len(part.windows.masked) for part in parts) else None
        answers: list[Tensor] = []
        for part in parts:
            asked = padded[part.frames].flatten(0, 2)
            answer = torch.empty_like(asked)
            if known is not None and len(part.windows.masked):
                self._masked(asked, known, part.windows, answer, most)
            if len(part.windows.free):
                self._free(asked, part.windows, answer, most)
            whole = answer.view(-1, *windows.padded, TOKEN)
            answers.append(part.asked.of_tokens(whole, Box.whole(windows.padded)))
        return answers

    def _known(self, seen: Tensor, windows: Windows) -> _Known:
        """What windows with a hole look at: tokens where any of them does, and pooled tokens everywhere."""
        pooled = self._pooled(seen)
        known = torch.cat((seen.flatten(1, 2)[:, windows.used], pooled), dim=1)
        each = known.shape[1]
        known = known.flatten(0, 1)
        everywhere = torch.arange(each - pooled.shape[1], each, device=seen.device)
        return _Known(self.key(known), self.value(known), everywhere, len(seen), each)

    def _pooled(self, seen: Tensor) -> Tensor:
        """(f, h, w, 512) -> (f, h/4·w/4, 512)."""
        if seen.device.type == "cuda":
            return self._pooled_by_sums(seen)
        everywhere: Tensor = self.pool_layer(seen.permute(0, 3, 1, 2))
        return everywhere.flatten(2).transpose(1, 2)

    def _pooled_by_sums(self, seen: Tensor) -> Tensor:
        """The same; cuDNN's convolution of 512 groups takes over a millisecond on an H200, however small the map."""
        rows, columns = seen.shape[1] // _POOL, seen.shape[2] // _POOL
        whole = seen[:, : rows * _POOL, : columns * _POOL]
        squares = whole.view(len(seen), rows, _POOL, columns, _POOL, TOKEN)
        kernel = self.pool_layer.weight.view(TOKEN, _POOL, _POOL).permute(1, 2, 0)
        pooled: Tensor = (squares * kernel[:, None]).sum(dim=(2, 4))
        if self.pool_layer.bias is not None:
            pooled += self.pool_layer.bias
        return pooled.flatten(1, 2).to(seen.dtype)

    def _masked(self, asked: Tensor, known: _Known, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Answer windows with a hole: the tokens of all frames that ask, ask all that is known."""
        there = torch.cat((windows.place, known.everywhere.expand(len(windows.place), -1)), dim=1)
        there = _in_frames(there, known.frames, known.each)
        own = _in_frames(windows.own[windows.masked], len(asked) // windows.places, windows.places)
        each = 2 * (there.shape[1] + own.shape[1]) * TOKEN * answer.element_size()
        for part in portions(len(own), each, asked.device, most):
            question = self.query(_rows(asked, own[part]))
            found = _attended(question, _rows(known.keys, there[part]), _rows(known.values, there[part]))
            answer.index_copy_(0, own[part].flatten(), self.proj(found.flatten(0, 1)))

    def _free(self, asked: Tensor, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Answer windows without a hole: each frame's tokens ask one another."""
        own = _in_frames(windows.own[windows.free], len(asked) // windows.places, windows.places)
        own = own.view(-1, windows.own.shape[1])
        each = 5 * own.shape[1] * TOKEN * answer.element_size()
        for part in portions(len(own), each, asked.device, most):
            tokens = _rows(asked, own[part])
            found = _attended(self.query(tokens), self.key(tokens), self.value(tokens))
            answer.index_copy_(0, own[part].flatten(), self.proj(found.flatten(0, 1)))


class _Known(NamedTuple):
    """Keys and values of frames, (frames·each, 512)."""

    keys: Tensor
    values: Tensor
    everywhere: Tensor
    """Where pooled tokens stand among those of one frame."""
    frames: int
    each: int


def _padded(tokens: Tensor, size: tuple[int, int]) -> Tensor:
    """(t, rows, columns, 512) with zeros below and to the right."""
    rows, columns = tokens.shape[1:3]
    if (rows, columns) == size:
        return tokens
    padded = tokens.new_empty(len(tokens), *size, TOKEN)
    padded[:, :rows, :columns] = tokens
    padded[:, rows:] = 0
    padded[:, :rows, columns:] = 0
    return padded


def _in_frames(places: Tensor, frames: int, step: int) -> Tensor:
    """(n, k) places in one frame -> (n, frames·k) places in frames of `step` tokens, one after the other."""
    starts = torch.arange(0, frames * step, step, device=places.device)
    return (places[:, None] + starts[:, None]).flatten(1)


def _rows(tokens: Tensor, places: Tensor) -> Tensor:
    """(L, 512) at (n, k) places -> (n, k, 512)."""
    return tokens.index_select(0, places.flatten()).view(*places.shape, TOKEN)


def _attended(question: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """(n, asked, 512) and twice (n, known, 512) -> (n, asked, 512)."""
    if keys.shape[1] <= _FEW and keys.device.type == "cpu":
        alike = torch.matmul(_heads(question), _heads(keys).transpose(2, 3)) * (TOKEN // HEADS) ** -0.5
        found = torch.matmul(alike.softmax(dim=3), _heads(values))
    else:
        found = F.scaled_dot_product_attention(_heads(question), _heads(keys), _heads(values))
    return found.transpose(1, 2).reshape(question.shape)


def _heads(tokens: Tensor) -> Tensor:
    """(n, length, 512) -> (n, heads, length, 128)."""
    return tokens.view(*tokens.shape[:2], HEADS, -1).transpose(1, 2)
