"""ProPainter's recurrent flow completion: how pixels would move inside a hole.

Features of each frame are carried through the clip, backward and then forward, each step aligned to the two before it
by a deformable convolution. All of it is float32: what it answers moves pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import tee
from typing import Final, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.deform import DeformableAlignment
from liveswapping.inference.networks.propainter.flow_encoder import SLOPE, FrameConv, stage, streamed
from liveswapping.inference.networks.published import PublishedNetwork

FEATURES: Final = 128
_REACH: Final = 5.0
"""Pixels that an alignment's offsets reach, at an eighth of the frame's size."""
_CARRIED_SLOPE: Final = 0.1
_BACKWARD, _FORWARD = "backward_", "forward_"

FlowPair = tuple[Tensor, Tensor]
"""The flows to the next frame and to the one before, (n, T−1, 2, H, W) each."""


class Doubled(nn.Module):
    """Twice the size, bilinear with the corners' middles kept, then a convolution."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """(n, channels, h, w) -> (n, out_channels, 2h, 2w)."""
        size = (2 * features.shape[2], 2 * features.shape[3])
        result: Tensor = self.conv(F.interpolate(features, size, mode="bilinear", align_corners=True))
        return result


class SecondOrderPropagation(nn.Module):
    """Features carried through a clip, each from the two results before it, backward and then forward."""

    def __init__(self) -> None:
        super().__init__()
        self.deform_align = nn.ModuleDict(
            {name: DeformableAlignment(2 * FEATURES, FEATURES, 3 * FEATURES, _REACH) for name in (_BACKWARD, _FORWARD)}
        )
        self.backbone = nn.ModuleDict({_BACKWARD: _backbone(2), _FORWARD: _backbone(3)})
        self.fusion = nn.Conv2d(2 * FEATURES, FEATURES, 1)

    def forward(self, frames: Sequence[Tensor]) -> Iterator[Tensor]:
        """(n, 128, h, w) each -> the same, in the same order, each made when it is asked for.

        Frames may lie on another device than the network: what is carried through the clip is then kept there, too.
        """
        here, there = self.fusion.weight.device, frames[0].device
        backward = self._carried(_BACKWARD, ((frame.to(here),) for frame in reversed(frames)))
        carried = [one.to(there) for one in backward]
        carried.reverse()
        known, beside = tee((frame.to(here), one.to(here)) for frame, one in zip(frames, carried, strict=True))
        for (frame, before), after in zip(beside, self._carried(_FORWARD, known), strict=True):
            yield self.fusion(torch.cat((before, after), dim=1)) + frame

    def _carried(self, direction: str, frames: Iterable[tuple[Tensor, ...]]) -> Iterator[Tensor]:
        """Each frame's features, with what else is known of it behind them -> what is carried to there."""
        align, backbone = self.deform_align[direction], self.backbone[direction]
        last: Tensor | None = None
        last_but_one: Tensor | None = None
        for known in frames:
            nothing = torch.zeros_like(known[0])
            if last is None:
                aligned = nothing
            else:
                older = nothing if last_but_one is None else last_but_one
                aligned = align(torch.cat((last, older), dim=1), torch.cat((last, known[0], older), dim=1))
            last_but_one, last = last, aligned + backbone(torch.cat((*known, aligned), dim=1))
            yield last


class FlowCompletion(PublishedNetwork):
    """The whole network. Flows have sides divisible by 8."""

    def __init__(self) -> None:
        super().__init__()
        self.downsample = nn.Sequential(FrameConv(3, 32, 5, 2, repeats=True), nn.LeakyReLU(SLOPE))
        self.encoder1 = stage(32, 64)
        self.encoder2 = stage(64, FEATURES)
        self.mid_dilation = nn.Sequential(
            *(
                layer
                for wide in (3, 2, 1)
                for layer in (FrameConv(FEATURES, FEATURES, 3, dilation=wide), nn.LeakyReLU(SLOPE))
            )
        )
        self.feat_prop_module = SecondOrderPropagation()
        self.decoder2 = _decoder(FEATURES, FEATURES, 64)
        self.decoder1 = _decoder(64, 64, 32)
        self.upsample = _decoder(32, 32, 2)[:3]
        self.edgeDetector = _EdgeDetector()

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the one published size. Raises KeyError where `state` is of another architecture."""
        for name in ("downsample.0.weight", "mid_dilation.0.weight", "feat_prop_module.fusion.weight"):
            _ = state[name]
        return cls()

    def halve(self, kind: torch.dtype = torch.float16) -> None:
        """Nothing: a flow in half precision is wrong by parts of a pixel."""

    def forward(self, flows: Tensor, masks: Tensor, lean: bool = False) -> Tensor:
        """(n, T, 2, H, W) flows, of which those in holes are not seen, and (n, T, 1, H, W) zeros and ones -> all flows.

        Flows may lie on another device than the network: each is moved by itself, and what it becomes goes back.
        `lean`: encode twice rather than hold features at a quarter of the size for the whole clip, and keep the others
        where the flows lie.
        """
        result = torch.empty_like(flows)
        parked = flows.device if lean else self._device
        with torch.autocast(self._device.type, enabled=False):
            for time, found in enumerate(self._completed(lambda: self._seen(flows, masks), parked, lean)):
                result[:, time] = found
        return result

    def forward_bidirect(self, flows: FlowPair, masks: Tensor, lean: bool = False) -> FlowPair:
        """Flows of T−1 frames and (n, T, 1, H, W) zeros and ones -> the network's flows, in and out of the holes.

        Those to the frame before are completed in reversed order of time. `lean`: one direction after the other, and
        as in `forward`.
        """
        (ahead, back), (at_start, at_end) = flows, _both(masks)
        if lean:
            return self(ahead, at_start, lean=True), self(back.flip(1), at_end.flip(1), lean=True).flip(1)

        def together() -> Iterator[Tensor]:
            later = self._seen(back, at_end, backward=True)
            return map(torch.cat, zip(self._seen(ahead, at_start), later, strict=True))

        done, undone = torch.empty_like(ahead), torch.empty_like(back)
        with torch.autocast(self._device.type, enabled=False):
            for time, found in enumerate(self._completed(together, self._device)):
                done[:, time], undone[:, -1 - time] = found.chunk(2)
        return done, undone

    @staticmethod
    def combine(flows: FlowPair, completed: FlowPair, masks: Tensor) -> FlowPair:
        """The flows as they were, and inside the holes the completed ones."""
        ahead, back = (
            found * mask + flow * (1 - mask) for flow, found, mask in zip(flows, completed, _both(masks), strict=True)
        )
        return ahead, back

    @property
    def _device(self) -> torch.device:
        return self.feat_prop_module.fusion.weight.device

    def _seen(self, flows: Tensor, masks: Tensor, backward: bool = False) -> Iterator[Tensor]:
        """What the network sees, (n, 3, H, W): flows with holes, and the holes; one frame after another."""
        for time in reversed(range(flows.shape[1])) if backward else range(flows.shape[1]):
            mask = masks[:, time].to(self._device, torch.float32)
            yield torch.cat((flows[:, time].to(self._device, torch.float32) * (1 - mask), mask), dim=1)

    def _completed(
        self, seen: Callable[[], Iterator[Tensor]], parked: torch.device, lean: bool = False
    ) -> Iterator[Tensor]:
        """(n, 2, H, W), one frame after another; `seen` begins anew whenever it is called.

        `parked`: where what is held for the whole clip lies.
        """
        quarters, beside = (self._quarters(seen()), self._quarters(seen())) if lean else tee(self._quarters(seen()))
        features = [self.mid_dilation(frame).to(parked) for frame in streamed(self.encoder2, quarters)]
        for deep, quarter in zip(self.feat_prop_module(features), beside, strict=True):
            yield self.upsample(self.decoder1(self.decoder2(deep) + quarter))

    def _quarters(self, seen: Iterator[Tensor]) -> Iterator[Tensor]:
        """(n, 64, H/4, W/4), one frame after another."""
        return streamed(self.encoder1, map(self.downsample, seen))


class _EdgeDetector(nn.Module):
    """Was needed to train the network. Published weights have it, and nothing here runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Sequential(nn.Conv2d(2, 16, 3, padding=1))
        self.mid_layer_1 = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1))
        self.mid_layer_2 = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1))
        self.out_layer = nn.Conv2d(16, 1, 1)


def _backbone(inputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs * FEATURES, FEATURES, 3, padding=1),
        nn.LeakyReLU(_CARRIED_SLOPE),
        nn.Conv2d(FEATURES, FEATURES, 3, padding=1),
    )


def _decoder(channels: int, inner: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, inner, 3, padding=1),
        nn.LeakyReLU(SLOPE),
        Doubled(inner, out_channels),
        nn.LeakyReLU(SLOPE),
    )


def _both(masks: Tensor) -> tuple[Tensor, Tensor]:
    """The masks of the frames in which the flows start: those to the next frame, and those to the one before."""
    return masks[:, :-1], masks[:, 1:]
