"""What frames know of one another: pixels and features carried along the flows, back through the clip and forth."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from liveswapping.inference.networks.propainter.deform import DeformableAlignment
from liveswapping.inference.networks.propainter.encoder import FEATURES, SLOPE
from liveswapping.inference.networks.propainter.warp import Interpolation, agreement, flow_warp

BACKWARD: Final = "backward_1"
FORWARD: Final = "forward_1"
_MASKS: Final = 2
_REACH: Final = 3.0
"""Pixels that a feature may be fetched from beside where the flow points."""
_HOLE: Final = 0.1
"""What is above it in a warped mask counts as hole."""


class Flows(NamedTuple):
    """Flows between neighbours, each (T-1, 2, h, w) pixels right and down."""

    ahead: Tensor
    """From each frame but the last to the next one."""
    back: Tensor
    """From each frame but the first to the one before."""


class FeaturePropagation(nn.Module):
    """Fills features of neighbouring frames from one another (`feat_prop_module`)."""

    def __init__(self) -> None:
        super().__init__()
        seen = 2 * FEATURES + 2 + 1 + _MASKS
        self.deform_align = nn.ModuleDict(
            {name: DeformableAlignment(FEATURES, FEATURES, seen, _REACH) for name in (BACKWARD, FORWARD)}
        )
        self.backbone = nn.ModuleDict({name: _pair() for name in (BACKWARD, FORWARD)})
        self.fuse = _pair()

    def forward(self, features: Tensor, flows: Flows, masks: Tensor) -> Tensor:
        """(l, 128, h, w), flows of the same size and (l, 2, h, w) masks -> (l, 128, h, w)."""
        there = agreement(flows.ahead, flows.back)
        returned = agreement(flows.back, flows.ahead)
        last = len(features) - 1
        from_behind: list[Tensor] = []
        for t in range(last, -1, -1):
            along = None if t == last else (flows.ahead[t : t + 1], there[t : t + 1])
            carried = from_behind[-1] if from_behind else None
            from_behind.append(self._step(BACKWARD, features[t : t + 1], masks[t : t + 1], carried, along))
        from_behind.reverse()
        from_before: list[Tensor] = []
        for t, current in enumerate(from_behind):
            along = None if t == 0 else (flows.back[t - 1 : t], returned[t - 1 : t])
            carried = from_before[-1] if from_before else None
            from_before.append(self._step(FORWARD, current, masks[t : t + 1], carried, along))
        fused = [
            self.fuse(torch.cat((behind, before, masks[t : t + 1]), dim=1))
            for t, (behind, before) in enumerate(zip(from_behind, from_before, strict=True))
        ]
        return features + torch.cat(fused)

    def _step(
        self, name: str, current: Tensor, mask: Tensor, carried: Tensor | None, along: tuple[Tensor, Tensor] | None
    ) -> Tensor:
        """One frame's features, with what its neighbour carried to it; each (1, 128, h, w)."""
        arrived = current
        if carried is not None and along is not None:
            flow, agrees = along
            moved = flow_warp(carried, flow)
            condition = torch.cat((current, moved, flow, agrees, mask), dim=1)
            arrived = self.deform_align[name](carried, condition, flow)
        result: Tensor = arrived + self.backbone[name](torch.cat((current, arrived, mask), dim=1))
        return result


def propagate_images(
    frames: Tensor, flows: Flows, masks: Tensor, interpolation: Interpolation = "nearest"
) -> tuple[Tensor, Tensor]:
    """(T, 3, H, W) frames without what is in their holes, masks (T, 1, H, W), 1 in the hole -> both, filled.

    Pixels come from other frames wherever flows that agree lead to some; the masks are what is left of the holes.
    """
    frames, masks = _pass(frames, flows.ahead, flows.back, masks, interpolation, reverse=True)
    return _pass(frames, flows.back, flows.ahead, masks, interpolation, reverse=False)


def _pass(
    frames: Tensor, flows: Tensor, checks: Tensor, masks: Tensor, interpolation: Interpolation, *, reverse: bool
) -> tuple[Tensor, Tensor]:
    """Through the clip in one direction; `flows` lead from each frame to the one that was done before it."""
    count = len(frames)
    filled, open_masks = torch.empty_like(frames), torch.empty_like(masks)
    order = range(count - 1, -1, -1) if reverse else range(count)
    for step, t in enumerate(order):
        here = slice(t, t + 1)
        if step == 0:
            filled[here], open_masks[here] = frames[here], masks[here]
            continue
        before = slice(t + 1, t + 2) if reverse else slice(t - 1, t)
        pair = here if reverse else before
        filled[here], open_masks[here] = carried(
            frames[here], masks[here], filled[before], open_masks[before], flows[pair], checks[pair], interpolation
        )
    return filled, open_masks


def carried(
    current: Tensor,
    mask: Tensor,
    before: Tensor,
    open_before: Tensor,
    flow: Tensor,
    check: Tensor,
    interpolation: Interpolation = "nearest",
) -> tuple[Tensor, Tensor]:
    """One step of `propagate_images`: a frame and its mask, and its filled neighbour to which `flow` leads -> both."""
    known = agreement(flow, check) * (1.0 - _hole(flow_warp(open_before, flow)))
    moved = flow_warp(before, flow, interpolation)
    taken = _hole(mask * known)
    return taken * moved + (1.0 - taken) * current, _hole(mask * (1.0 - known))


def _hole(mask: Tensor) -> Tensor:
    return (mask > _HOLE).to(mask.dtype)


def _pair() -> nn.Sequential:
    """Two frames' features and the masks to one frame's."""
    return nn.Sequential(
        nn.Conv2d(2 * FEATURES + _MASKS, FEATURES, 3, padding=1),
        nn.LeakyReLU(SLOPE, inplace=True),
        nn.Conv2d(FEATURES, FEATURES, 3, padding=1),
    )
