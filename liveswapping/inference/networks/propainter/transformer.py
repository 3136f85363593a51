"""The sparse window transformer over the tokens of a window's local and reference frames."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from liveswapping.inference.networks.propainter.attention import SparseWindowAttention
from liveswapping.inference.networks.propainter.portions import portions
from liveswapping.inference.networks.propainter.soft_split import TOKEN, FusionFeedForward
from liveswapping.inference.networks.propainter.windows import Windows

BLOCKS: Final = 8
_STRIDE: Final = 2
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
        self,
        tokens: Tensor,
        size: tuple[int, int],
        windows: Windows,
        asking: list[int],
        seen: list[int],
        most: int | None,
    ) -> Tensor:
        """(a, rows, columns, 512) of features of `size` -> (len(asking), rows, columns, 512).

        `asking` and `seen` as in SparseWindowAttention. Written into `tokens` where all frames are asked for.
        """
        found = self.attention(self.norm1(tokens), windows, asking, seen, most)
        kept = tokens if len(asking) == len(tokens) else tokens[asking]
        kept += found
        for part in portions(len(kept), _HIDDEN_BYTES * size[0] * size[1], kept.device, most):
            kept[part] += self.mlp(self.norm2(kept[part]), size)
        return kept


class SparseTransformer(nn.Module):
    """Eight blocks. The last two compute only what the local frames' answer depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.ModuleList(Block() for _ in range(BLOCKS))

    def forward(
        self, tokens: Tensor, size: tuple[int, int], windows: Windows, local: int, most: int | None = None
    ) -> Tensor:
        """(t, rows, columns, 512) over features of `size`, local frames first -> (local, rows, columns, 512)."""
        tokens = tokens.float()  # the sum over all blocks keeps its precision whatever they compute in
        there = list(range(len(tokens)))
        for block, (seen, wanted) in zip(self.transformer, needed(len(tokens), local), strict=True):
            place = {frame: index for index, frame in enumerate(there)}
            tokens = block(tokens, size, windows, [place[f] for f in wanted], [place[f] for f in seen], most)
            there = wanted
        return tokens


def needed(frames: int, local: int) -> list[tuple[list[int], list[int]]]:
    """Of each block, the frames that it looks at, and those that something after it depends on."""
    wanted = set(range(local))
    steps: list[tuple[list[int], list[int]]] = []
    for index in reversed(range(BLOCKS)):
        seen = list(range(index % _STRIDE, frames, _STRIDE))
        steps.append((seen, sorted(wanted)))
        wanted.update(seen)
    return steps[::-1]
