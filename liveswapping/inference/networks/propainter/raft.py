"""RAFT (arXiv:2003.12039), the large one: how every pixel moves from one frame to the next, and back.

Every frame is encoded once for all flows that start or end in it, one direction is matched at a time, and only the last
iteration's flow is enlarged. All of it is float32, whatever precision the caller computes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Final, Self

import torch
from torch import Tensor, nn

from liveswapping.inference.networks.propainter.correlation import Correlation
from liveswapping.inference.networks.propainter.raft_encoder import Encoder
from liveswapping.inference.networks.propainter.raft_size import Fit
from liveswapping.inference.networks.propainter.raft_update import HIDDEN, UpdateBlock
from liveswapping.inference.networks.published import PublishedNetwork

ITERATIONS: Final = 20


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """All that RAFT takes from frames, (n, …, h/8, w/8)."""

    features: Tensor
    """256 channels, to be matched."""
    hidden: Tensor
    """128 channels: the state that a flow from here starts with."""
    context: Tensor
    """128 channels that every iteration sees."""


class Raft(PublishedNetwork):
    """The whole network. `encode` and `match` take sides divisible by 8, at least 128; `flows` and calls any size."""

    def __init__(self) -> None:
        super().__init__()
        self.fnet = Encoder(partial(nn.InstanceNorm2d, eps=1e-5))
        self.cnet = Encoder(nn.BatchNorm2d)
        self.update_block = UpdateBlock()

    @classmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the one published size. Raises KeyError where `state` is of another architecture."""
        for name in ("fnet.conv1.weight", "cnet.norm1.weight", "update_block.gru.convz1.weight"):
            _ = state[name]
        return cls()

    def halve(self, kind: torch.dtype = torch.float16) -> None:
        """Nothing: a flow in half precision is wrong by parts of a pixel."""

    def encode(self, frame: Tensor) -> EncodedFrame:
        """(n, 3, H, W) RGB -1..1, moved to the network's device. Frames of one batch do not see each other."""
        device = self.fnet.conv1.weight.device
        with torch.autocast(device.type, enabled=False):
            frame = frame.to(device, torch.float32)
            hidden, context = self.cnet(frame).split(HIDDEN, dim=1)
            return EncodedFrame(self.fnet(frame), hidden.tanh(), context.relu())

    def match(
        self, first: EncodedFrame, second: EncodedFrame, iters: int = ITERATIONS, volume_bytes: int | None = None
    ) -> Tensor:
        """The flow (n, 2, H, W), pixels right and down, from the first frames to the second.

        `volume_bytes`: what correlation volumes may take; what does not fit is computed over and over instead.
        """
        with torch.autocast(first.features.device.type, enabled=False):
            correlation = Correlation(first.features, second.features, volume_bytes)
            start = _places(first.features)
            hidden, places = first.hidden, start
            horizontal, vertical = self.update_block.gru.passes(first.context)
            for _ in range(iters):
                motion = self.update_block.encoder(places - start, correlation(places))
                hidden = vertical(horizontal(hidden, motion), motion)
                places = places + self.update_block.flow_head(hidden)
            return self.update_block.enlarged(places - start, hidden)

    def flows(
        self,
        frames: Iterable[Tensor],
        iters: int = ITERATIONS,
        pairs: int = 1,
        volume_bytes: int | None = None,
        scale: float = 1.0,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Frames (n, 3, H, W), one after another -> the flow to the next and back, (n, 2, H, W) each.

        `pairs` of frames are matched at once; more of them take more memory, and the flows stay what they are. At a
        `scale` below 1 smaller frames are matched: that takes less of everything, and the flows are coarser.
        """
        frames = iter(frames)
        first = next(frames, None)
        if first is None:
            return
        fit = Fit.of(first.shape[2], first.shape[3], scale)
        encoded = (self.encode(fit.inward(frame)) for frame in chain((first,), frames))
        held = list(islice(encoded, 1))
        while held:
            held += islice(encoded, max(pairs, 1))
            if len(held) < 2:
                return
            firsts, seconds = _together(held[:-1]), _together(held[1:])
            forward = fit.outward(self.match(firsts, seconds, iters, volume_bytes))
            backward = fit.outward(self.match(seconds, firsts, iters, volume_bytes))
            yield from zip(forward.chunk(len(held) - 1), backward.chunk(len(held) - 1), strict=True)
            held = held[-1:]

    def forward(
        self,
        frames: Tensor,
        iters: int = ITERATIONS,
        pairs: int = 1,
        volume_bytes: int | None = None,
        scale: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """(n, T, 3, H, W) RGB -1..1 -> the flows (n, T−1, 2, H, W) from each frame to the next, and back.

        Frames may lie on another device than the network; the flows lie where they do. The rest is as in `flows`.
        """
        count, length, _, height, width = frames.shape
        forward, backward = torch.empty(2, count, length - 1, 2, height, width, device=frames.device)
        for time, (ahead, back) in enumerate(self.flows(frames.unbind(1), iters, pairs, volume_bytes, scale)):
            forward[:, time], backward[:, time] = ahead, back
        return forward, backward


def _places(features: Tensor) -> Tensor:
    """(n, 2, h, w): each pixel's own place, right and down."""
    count, _, height, width = features.shape
    rows = torch.arange(height, dtype=torch.float32, device=features.device)
    columns = torch.arange(width, dtype=torch.float32, device=features.device)
    down, right = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack((right, down))[None].expand(count, -1, -1, -1)


def _together(frames: Sequence[EncodedFrame]) -> EncodedFrame:
    if len(frames) == 1:
        return frames[0]
    return EncodedFrame(
        torch.cat([frame.features for frame in frames]),
        torch.cat([frame.hidden for frame in frames]),
        torch.cat([frame.context for frame in frames]),
    )
