"""Pictures and features moved along a flow, and where two flows agree."""

from __future__ import annotations

from typing import Final, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Interpolation = Literal["bilinear", "nearest"]

_SHARE: Final = 0.01
_FLOOR: Final = 0.5
"""Two flows agree where |f + b|² < 0.01·(|f|² + |b|²) + 0.5, in pixels² (as in UnFlow, arXiv:1711.07837)."""


def flow_warp(features: Tensor, flow: Tensor, mode: Interpolation = "bilinear") -> Tensor:
    """(n, c, h, w) as seen from where `flow`, (n, 2, h, w) pixels right and down, points to; zeros outside.

    Positions are computed in float32, in the very order of the published code: with `nearest` the rounding of the
    normalised position decides which pixel is taken. The answer has the type of `features`.
    """
    grid = _normalised(flow.float())
    moved = F.grid_sample(features.float(), grid, mode=mode, padding_mode="zeros", align_corners=True)
    return moved.to(features.dtype)


def agreement(flow: Tensor, back: Tensor) -> Tensor:
    """(n, 1, h, w): 1.0 where `back`, found at the end of `flow`, leads back to the start, else 0.0.

    Both (n, 2, h, w) in pixels. Computed in float32 and given in the type of `flow`.
    """
    there = flow.float()
    returned = flow_warp(back.float(), there)
    missed = (there + returned).square().sum(1, keepdim=True)
    length = there.square().sum(1, keepdim=True) + returned.square().sum(1, keepdim=True)
    return (missed < _SHARE * length + _FLOOR).to(flow.dtype)


def _normalised(flow: Tensor) -> Tensor:
    """(n, 2, h, w) pixels -> (n, h, w, 2) positions, -1 and 1 at the middles of the outermost pixels."""
    height, width = flow.shape[-2:]
    columns = torch.arange(width, dtype=flow.dtype, device=flow.device)
    rows = torch.arange(height, dtype=flow.dtype, device=flow.device)[:, None]
    across = 2.0 * (columns + flow[:, 0]) / max(width - 1, 1) - 1.0
    down = 2.0 * (rows + flow[:, 1]) / max(height - 1, 1) - 1.0
    return torch.stack((across, down), dim=-1)
