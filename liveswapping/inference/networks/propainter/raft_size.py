"""The size in which RAFT sees frames: their own, or a smaller one where that is too much for the device."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, Self

from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.raft_encoder import STRIDE

SMALLEST: Final = 128
"""Pixels per side; below, the coarsest level of the correlation is one pixel wide and the flow is no number."""
LEAST_SCALE: Final = 0.125
_TABLE: Final = ((3840 * 2160, 0.125), (1920 * 1080, 0.25), (1024 * 1024, 0.5))
"""Frames of more pixels than this, and the scale that halves memory often enough for them; the largest first."""


class RaftScale(enum.Enum):
    """When RAFT sees frames smaller than they are."""

    EXACT = "exact"
    """Never."""
    AUTO = "auto"
    """When their own size does not fit, and then by the table."""
    TABLE = "table"
    """By their size alone."""


def table_scale(height: int, width: int) -> float:
    """The scale that the table has for frames of this size: 1, 0.5, 0.25 or 0.125."""
    return next((scale for pixels, scale in _TABLE if height * width > pixels), 1.0)


def scales(choice: RaftScale, height: int, width: int, least: float = LEAST_SCALE) -> tuple[float, ...]:
    """The scales to try for frames of this size, one after another where memory does not suffice. At least one.

    None is below `least` (nor above 1), and none gives a size that one before it gave.
    """
    if choice is RaftScale.EXACT:
        return (1.0,)
    least = min(max(least, 1e-3), 1.0)
    tabled = max(table_scale(height, width), least)
    wanted = [1.0] if choice is RaftScale.AUTO else []
    while tabled >= least:
        wanted.append(tabled)
        tabled /= 2
    sizes = {Fit.of(height, width, scale).inner: scale for scale in reversed(wanted)}
    return tuple(sorted(sizes.values(), reverse=True))


@dataclass(frozen=True, slots=True)
class Fit:
    """How frames of one size become what RAFT takes, and its flows become theirs. Sizes are (height, width)."""

    size: tuple[int, int]
    """Of the frames."""
    padded: tuple[int, int]
    """With their right and lower edges repeated until the sides are divisible by 8 and large enough."""
    inner: tuple[int, int]
    """As RAFT sees them."""

    @classmethod
    def of(cls, height: int, width: int, scale: float = 1.0) -> Self:
        """For frames of this size; sides are multiples of 8 and at least 128 at any scale."""
        padded = (_taken(height), _taken(width))
        inner = (_scaled(padded[0], scale), _scaled(padded[1], scale))
        return cls((height, width), padded, inner)

    def inward(self, frame: Tensor) -> Tensor:
        """(n, 3, height, width) -> what RAFT sees."""
        below, beside = self.padded[0] - self.size[0], self.padded[1] - self.size[1]
        if below or beside:
            frame = F.pad(frame, (0, beside, 0, below), mode="replicate")
        return frame if self.inner == self.padded else F.interpolate(frame, self.inner, mode="area")

    def outward(self, flow: Tensor) -> Tensor:
        """RAFT's flow -> (n, 2, height, width) in pixels of the frames."""
        if self.inner != self.padded:
            flow = F.interpolate(flow, self.padded, mode="bilinear", align_corners=False)
            longer = flow.new_tensor((self.padded[1] / self.inner[1], self.padded[0] / self.inner[0]))
            flow = flow * longer[:, None, None]
        return flow[..., : self.size[0], : self.size[1]]


def _taken(side: int) -> int:
    return max(SMALLEST, -(-side // STRIDE) * STRIDE)


def _scaled(side: int, scale: float) -> int:
    return min(side, max(SMALLEST, round(side * scale / STRIDE) * STRIDE))
