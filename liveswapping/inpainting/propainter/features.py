"""What windows look at: a scene's frames, filled by their neighbours where these show something, and encoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liveswapping.inference.networks.propainter.generator import InpaintGenerator, shrunk_flows, shrunk_masks
from liveswapping.inference.networks.propainter.precision import PreciseGenerator
from liveswapping.inference.networks.propainter.propagation import Flows, carried
from liveswapping.inpainting.propainter.frames import Frames
from liveswapping.inpainting.propainter.ladder import Ladder, Rung
from liveswapping.inpainting.propainter.motion import CompletedFlows, peak
from liveswapping.inpainting.propainter.schedule import Schedule, Span
from liveswapping.inpainting.propainter.shelf import Shelf
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Reel

_LEVELS = torch.cat((torch.zeros(1), torch.arange(256, dtype=torch.float32) / 255 * 2 - 1))
"""What a code of `_codes` stands for: 0 is what is not known, which the networks are shown as grey."""


@dataclass(frozen=True, slots=True)
class Stills:
    """The shelves of what is kept of each frame for the windows."""

    features: Shelf
    tokens: Shelf
    """What windows look at of those frames that were references."""
    flows: Shelf
    """(2, 2, h, w): that to the next frame and back, at the size of the features."""
    masks: Shelf
    """(2, 1, h, w): the hole, and what is left of it."""

    def forget(self, below: int) -> None:
        """Let go of the frames before a number."""
        for shelf in (self.features, self.tokens, self.flows, self.masks):
            shelf.forget(below)


class Generator:
    """The generator where it is at the moment: on the run's device, or on the processor."""

    def __init__(
        self, network: InpaintGenerator, precision: str, device: str, *, int8: bool = False, compiles: bool = False
    ) -> None:
        self.network = network
        self._precision, self._device = precision, device
        self._tried = {"int8": int8, "compiles": compiles}
        self._made: dict[str, PreciseGenerator] = {}
        self._at = ""

    def at(self, rung: Rung) -> tuple[PreciseGenerator, str]:
        """It, and where."""
        device = rung.device or self._device
        if device != self._at:
            self.network.to(device)
            self._at = device
        self.network.most = rung.most
        if device not in self._made:
            self._made[device] = PreciseGenerator(self.network, self._precision, **self._tried)
            self._tried = {}  # what the first device has decided on stays in the network
        return self._made[device], device

    @property
    def precision(self) -> str:
        """What it computes in at the moment, once it has computed."""
        made = self._made.get(self._at)
        return "" if made is None else made.precision

    @property
    def ways(self) -> tuple[str, ...]:
        """What was asked for besides, and turned out right and faster."""
        return tuple(way for one in self._made.values() for way in one.ways)

    @property
    def repeated(self) -> int:
        """How often something was computed again in float32."""
        return sum(one.repeated for one in self._made.values())


class Encoded:
    """Frames' features, masks and small flows, block of frames by block."""

    def __init__(
        self, reel: Reel, frames: Frames, completed: CompletedFlows, generator: Generator, schedule: Schedule,
        ladders: tuple[Ladder, Ladder], stills: Stills, device: str, record: Record, attend: Callable[[], None],
    ) -> None:  # fmt: skip
        """`ladders`: of image propagation, and of encoding."""
        self._reel, self._frames, self._completed, self._generator = reel, frames, completed, generator
        self._schedule, self._ladders, self.stills = schedule, ladders, stills
        self._device, self._record, self._attend = device, record, attend

    def ready(self, indices: Sequence[int]) -> None:
        """See to it that what is kept of these frames is there."""
        for index in sorted(indices):
            if index not in self.stills.features:
                self._work(self._schedule.images(index, self._reel))

    def _work(self, span: Span) -> None:
        for one in range(span.start, span.stop - 1):
            _ = self._completed[one]  # now, and not within a ladder of this stage
        self._attend()
        with self._record.stage("image propagation", lambda: peak(self._device)):
            filled = self._ladders[0].climb(lambda rung: self._propagated(span, rung))
        part = range(span.begin, span.end)
        at = 0
        while at < len(part):
            self._attend()
            with self._record.stage("encoder", lambda: peak(self._device)):
                at += self._ladders[1].climb(lambda rung: self._encoded(part[at : at + rung.at_once], filled, rung))  # noqa: B023
        for one in range(span.begin, min(span.end, span.stop - 1)):
            self.stills.flows[one] = shrunk_flows(self._completed[one])

    def _propagated(self, span: Span, rung: Rung) -> dict[int, tuple[Tensor, Tensor]]:
        """Codes and what is left of holes, of the frames of the span; one pair of frames at a time is on the device."""
        device = rung.device or self._device
        order = list(range(span.start, span.stop))
        state = {one: (self._codes(one), self._frames.hole(one).to(torch.uint8)) for one in order}
        with torch.inference_mode():
            for turn, ahead in ((reversed(order), True), (iter(order), False)):
                before: tuple[Tensor, Tensor] | None = None
                for one in turn:
                    codes, mask = (value.to(device).float() for value in state[one])
                    if before is not None:
                        pair = self._completed[one if ahead else one - 1].to(device)
                        flow, check = (pair[:1], pair[1:]) if ahead else (pair[1:], pair[:1])
                        codes, mask = carried(codes, mask, *before, flow, check)
                    before = codes, mask
                    state[one] = codes.to("cpu", torch.int16), mask.to("cpu", torch.uint8)
        return {one: state[one] for one in range(span.begin, span.end)}

    def _codes(self, index: int) -> Tensor:
        """(1, 3, H, W) int16: a level and one, 0 in the hole: what nearest neighbours carry stays whole numbers."""
        codes = torch.from_numpy(self._frames.picture(index).astype(np.int16) + 1).permute(2, 0, 1)[None]
        return codes * (1 - self._frames.hole(index)).to(torch.int16)

    def _encoded(self, part: range, filled: dict[int, tuple[Tensor, Tensor]], rung: Rung) -> int:
        generator, device = self._generator.at(rung)
        holes = torch.cat([self._frames.hole(one) for one in part])
        left = torch.cat([filled[one][1] for one in part]).float()
        known = torch.cat([self._frames.tensor(one) for one in part])
        codes = torch.cat([filled[one][0] for one in part])
        with torch.inference_mode():
            hole = holes.to(device)
            pictures = known.to(device) * (1 - hole) + _LEVELS.to(device)[codes.to(device).int()] * hole
            features = generator.encode(pictures, hole, left.to(device)).cpu()
        for number, one in enumerate(part):
            self.stills.features[one] = features[number : number + 1]
            masks = torch.cat((holes[number : number + 1], left[number : number + 1]))
            self.stills.masks[one] = shrunk_masks(masks)
        return len(part)


def window_flows(stills: Stills, local: range, device: str) -> Flows:
    """The flows between a window's local frames."""
    pairs = [stills.flows[one] for one in local[:-1]]
    if not pairs:
        like = stills.masks[local[0]]
        nothing = torch.zeros(0, 2, *like.shape[2:], device=device)
        return Flows(nothing, nothing)
    both = torch.stack(pairs, dim=1).to(device)
    return Flows(both[0], both[1])
