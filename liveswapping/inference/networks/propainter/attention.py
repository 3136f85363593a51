"""Attention within windows of tokens: across all frames where there is a hole, within each frame elsewhere."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.portions import portions
from liveswapping.inference.networks.propainter.soft_split import TOKEN
from liveswapping.inference.networks.propainter.windows import Windows, border

HEADS: Final = 4
_POOL: Final = 4


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

    def forward(
        self, tokens: Tensor, windows: Windows, asking: list[int], seen: list[int], most: int | None = None
    ) -> Tensor:
        """(a, rows, columns, 512) -> (len(asking), rows, columns, 512).

        `asking`: the frames, of the a given ones, that an answer is wanted for. `seen`: those that windows with a hole
        look at. `most`: bytes of what is gathered at once.
        """
        (rows, columns), (height, width) = windows.grid, windows.padded
        padded = tokens.to(_computed_type(tokens))  # once, and not by every layer that reads them
        if windows.grid != windows.padded:
            padded = F.pad(padded, (0, 0, 0, width - columns, 0, height - rows))
        asked = _of_frames(padded, asking).flatten(0, 2)
        answer = torch.empty_like(asked)
        if len(windows.masked):
            self._masked(asked, _of_frames(padded, seen), windows, answer, most)
        if len(windows.free):
            self._free(asked, windows, answer, most)
        whole = answer.view(len(asking), height, width, TOKEN)[:, :rows, :columns]
        projected: Tensor = self.proj(whole)
        return projected

    def _masked(self, asked: Tensor, seen: Tensor, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Answer windows with a hole: the tokens of all frames ask all `seen` frames, and pooled tokens everywhere."""
        frames, known_places = len(seen), len(windows.used)
        pooled = self.pool_layer(seen.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
        known = torch.cat((seen.flatten(1, 2)[:, windows.used], pooled), dim=1).flatten(0, 1)
        keys, values = self.key(known), self.value(known)
        everywhere = torch.arange(known_places, known_places + pooled.shape[1], device=seen.device)
        there = torch.cat((windows.place, everywhere.expand(len(windows.place), -1)), dim=1)
        there = _in_frames(there, frames, known_places + pooled.shape[1])
        own = _in_frames(windows.own[windows.masked], len(asked) // windows.places, windows.places)
        each = 2 * (there.shape[1] + own.shape[1]) * TOKEN * answer.element_size()
        for part in portions(len(own), each, asked.device, most):
            question = self.query(_rows(asked, own[part]))
            found = _attended(question, _rows(keys, there[part]), _rows(values, there[part]))
            answer.index_copy_(0, own[part].flatten(), found.flatten(0, 1))

    def _free(self, asked: Tensor, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Answer windows without a hole: each frame's tokens ask one another."""
        own = _in_frames(windows.own[windows.free], len(asked) // windows.places, windows.places)
        own = own.view(-1, windows.own.shape[1])
        each = 5 * own.shape[1] * TOKEN * answer.element_size()
        for part in portions(len(own), each, asked.device, most):
            tokens = _rows(asked, own[part])
            found = _attended(self.query(tokens), self.key(tokens), self.value(tokens))
            answer.index_copy_(0, own[part].flatten(), found.flatten(0, 1))


def _of_frames(padded: Tensor, frames: list[int]) -> Tensor:
    return padded if frames == list(range(len(padded))) else padded[frames]


def _computed_type(tokens: Tensor) -> torch.dtype:
    kind = tokens.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else tokens.dtype


def _in_frames(places: Tensor, frames: int, step: int) -> Tensor:
    """(n, k) places in one frame -> (n, frames·k) places in frames of `step` tokens, one after the other."""
    starts = torch.arange(0, frames * step, step, device=places.device)
    return (places[:, None] + starts[:, None]).flatten(1)


def _rows(tokens: Tensor, places: Tensor) -> Tensor:
    """(L, 512) at (n, k) places -> (n, k, 512)."""
    return tokens.index_select(0, places.flatten()).view(*places.shape, TOKEN)


def _attended(question: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """(n, asked, 512) and twice (n, known, 512) -> (n, asked, 512)."""
    found = F.scaled_dot_product_attention(_heads(question), _heads(keys), _heads(values))
    return found.transpose(1, 2).reshape(question.shape)


def _heads(tokens: Tensor) -> Tensor:
    """(n, length, 512) -> (n, heads, length, 128)."""
    return tokens.view(*tokens.shape[:2], HEADS, -1).transpose(1, 2)
