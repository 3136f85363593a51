"""The sparse window transformer over the tokens of a window's local and reference frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

from liveswapping.inference.networks.propainter.attention import SparseWindowAttention
from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.computed import computed_type
from liveswapping.inference.networks.propainter.portions import portions
from liveswapping.inference.networks.propainter.soft_split import OVERLAPPED, TOKEN, FusionFeedForward, under
from liveswapping.inference.networks.propainter.windows import Part, Windows

BLOCKS: Final = 8
STRIDE: Final = 2
"""Every block looks at one frame of so many, the next block at the others."""
_HIDDEN_BYTES: Final = 4 * 40 * 3
"""Of a feature's place, while the feed-forward network is at it."""


class Block(nn.Module):
    """Attention, then the feed-forward network; each is added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = SparseWindowAttention()
        self.norm1 = nn.LayerNorm(TOKEN)
        self.norm2 = nn.LayerNorm(TOKEN)
        self.mlp = FusionFeedForward()

    def forward(
        self, tokens: Tensor, size: tuple[int, int], parts: Sequence[Part], seen: slice, most: int | None
    ) -> None:
        """Write over the `parts` of tokens (t, rows, columns, 512) of features of `size`; the others are stale then.

        `seen`: the frames that windows with a hole look at.
        """
        answers = self.attention(_as_computed(self.norm1(tokens)), parts, seen, most)
        for part, found in zip(parts, answers, strict=True):
            box = part.asked
            asked = tokens[part.frames, box.top : box.bottom, box.left : box.right]
            asked += found
            place = under(box, size)
            for some in portions(len(asked), _HIDDEN_BYTES * place[0] * place[1], asked.device, most):
                added = self.mlp(self.norm2(asked[some]), place)
                part.wanted.of_tokens(asked[some], box).add_(part.wanted.of_tokens(added, box))


class SparseTransformer(nn.Module):
    """Eight blocks. The last two compute only what the wanted part of the local frames depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.ModuleList(Block() for _ in range(BLOCKS))

    def forward(
        self,
        tokens: Tensor,
        size: tuple[int, int],
        steps: Sequence[Sequence[Part]],
        local: int,
        most: int | None = None,
    ) -> Tensor:
        """(t, rows, columns, 512) over features of `size`, local frames first -> (local, rows, columns, 512).

        `steps`: what `needed` says; the answer is right in the part that is wanted by them.
        """
        tokens = tokens.float()  # the sum over all blocks keeps its precision whatever they compute in
        for index, (block, parts) in enumerate(zip(self.transformer, steps, strict=True)):
            block(tokens, size, parts, slice(index % STRIDE, None, STRIDE), most)
        return tokens[:local]


def _as_computed(tokens: Tensor) -> Tensor:
    """Cast once, not by every layer that reads them; and nothing of another type is kept beside."""
    return tokens.to(computed_type(tokens))


def needed(frames: int, local: int, windows: Windows, wanted: Box, device: torch.device) -> list[list[Part]]:
    """Of each block, what the `wanted` tokens of the local frames depend on in the end.

    The last block sees every other frame, wholly; of those local frames that it does not see it asks some tokens. The
    blocks before the last two compute everything. `device`: where they compute.
    """

    def part(frames: slice, tokens: Box) -> Part:
        return Part.of(frames, tokens, windows, OVERLAPPED)

    everything = Box.whole(windows.grid)
    last = part(slice(0, local), wanted)
    unseen = part(slice(0, local, STRIDE), last.touched)
    seen, whole = part(slice(1, frames, STRIDE), everything), part(slice(0, frames), everything)
    whole, seen, unseen, last = (one._replace(windows=one.windows.on(device)) for one in (whole, seen, unseen, last))
    return [[whole]] * (BLOCKS - 2) + [[seen, unseen], [last]]
