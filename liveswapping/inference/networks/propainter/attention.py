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
        self.register_buffer("valid_ind_rolled", border())  # the published file holds it; `Windows` knows it as well

    def forward(
        self, tokens: Tensor, windows: Windows, asking: list[int], seen: list[int], most: int | None = None
    ) -> Tensor:
        """(a, rows, columns, 512) -> (len(asking), rows, columns, 512).

        `asking`: the frames, of the a given ones, that an answer is wanted for. `seen`: those that windows with a hole
        look at. `most`: bytes of what is gathered at once.
        """
        (rows, columns), (height, width) = windows.grid, windows.padded
        padded = F.pad(tokens, (0, 0, 0, width - columns, 0, height - rows))
        asked = _of_frames(padded, asking).flatten(1, 2)
        answer = asked.new_empty(asked.shape, dtype=_computed_type(tokens))
        if len(windows.masked):
            self._masked(asked, _of_frames(padded, seen), windows, answer, most)
        if len(windows.free):
            self._free(asked, windows, answer, most)
        whole = answer.view(-1, height, width, TOKEN)[:, :rows, :columns]
        projected: Tensor = self.proj(whole)
        return projected

    def _masked(self, asked: Tensor, seen: Tensor, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Fill in windows with a hole: all frames' tokens ask all `seen` frames, and pooled tokens of all places."""
        pooled = self.pool_layer(seen.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
        known = seen.flatten(1, 2)
        keys, values = self.key(known), self.value(known)
        pooled_keys, pooled_values = self.key(pooled), self.value(pooled)
        own = windows.own[windows.masked]
        gathered = len(seen) * (windows.seen.shape[1] + pooled.shape[1])
        each = (2 * gathered + 2 * len(asked) * own.shape[1]) * TOKEN * answer.element_size()
        for part in portions(len(own), each, asked.device, most):
            places = own[part]
            question = _by_window(self.query(asked[:, places]))
            there = windows.seen[part]
            found = F.scaled_dot_product_attention(
                _heads(question),
                _heads(_gathered(keys, there, pooled_keys)),
                _heads(_gathered(values, there, pooled_values)),
            )
            by_frame = found.transpose(1, 2).reshape(len(places), len(asked), -1, TOKEN)
            answer[:, places] = by_frame.transpose(0, 1)

    def _free(self, asked: Tensor, windows: Windows, answer: Tensor, most: int | None) -> None:
        """Fill in windows without a hole: each frame's tokens ask one another."""
        places = windows.own[windows.free]
        each = 5 * places.numel() * TOKEN * answer.element_size()
        for part in portions(len(asked), each, asked.device, most):
            own = asked[part][:, places].flatten(0, 1)
            found = F.scaled_dot_product_attention(
                _heads(self.query(own)), _heads(self.key(own)), _heads(self.value(own))
            )
            answer[part, places] = found.transpose(1, 2).reshape(-1, *places.shape, TOKEN)


def _of_frames(padded: Tensor, frames: list[int]) -> Tensor:
    return padded if frames == list(range(len(padded))) else padded[frames]


def _computed_type(tokens: Tensor) -> torch.dtype:
    kind = tokens.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else tokens.dtype


def _by_window(tokens: Tensor) -> Tensor:
    """(frames, windows, 45, 512) -> (windows, frames·45, 512)."""
    return tokens.transpose(0, 1).flatten(1, 2)


def _gathered(tokens: Tensor, places: Tensor, pooled: Tensor) -> Tensor:
    """(frames, L, 512) at (windows, 193) places, and (frames, P, 512) -> (windows, frames·(193 + P), 512)."""
    own = tokens[:, places].transpose(0, 1)
    everywhere = pooled.expand(len(places), -1, -1, -1)
    return torch.cat((own, everywhere), dim=2).flatten(1, 2)


def _heads(tokens: Tensor) -> Tensor:
    """(n, length, 512) -> (n, heads, length, 128)."""
    return tokens.view(*tokens.shape[:2], HEADS, -1).transpose(1, 2)
