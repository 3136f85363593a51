"""One window of ProPainter's generator, in its plain form and in ours, on the same clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.generator import InpaintGenerator, shrunk_flows, shrunk_masks
from liveswapping.inference.networks.propainter.precision import PreciseGenerator
from liveswapping.inference.networks.propainter.propagation import Flows
from tests.plain_generator import plain_window
from tests.propainter_golden import filled

LOCAL, REFERENCES = 11, 7
NEW = 5
"""Local frames of a window that no window before had."""
NEW_REFERENCES = 1
"""References that were none of any window before: each fifth frame is one of several windows."""


@dataclass(frozen=True, slots=True)
class Case:
    """A size and how much of it is hole."""

    height: int
    width: int
    hole: float

    @property
    def box(self) -> Box:
        """The hole: a part of the picture in its middle, of its shape."""
        share = self.hole**0.5
        top, left = round(self.height * (1 - share) / 2), round(self.width * (1 - share) / 2)
        return Box(top, self.height - top, left, self.width - left)

    def __str__(self) -> str:
        return f"{self.height}x{self.width}, {100 * self.hole:g} % hole"


class Kept(NamedTuple):
    """What is known of a window's frames before it comes."""

    features: Tensor
    """Of local frames, and of references that are new."""
    references: Tensor
    """Of the others, as they are looked at."""


@dataclass(frozen=True, slots=True)
class Window:
    """The clip of a case and a network with weights made from their names."""

    case: Case
    generator: InpaintGenerator
    frames: Tensor
    flows: Flows
    masks: Tensor

    @classmethod
    def of(cls, case: Case, device: str = "cpu") -> Self:
        """The same for a case on every device."""
        random = torch.Generator().manual_seed(0)
        size, count = (case.height, case.width), LOCAL + REFERENCES
        coarse = torch.rand(count, 3, case.height // 8, case.width // 8, generator=random) * 2 - 1
        frames = F.interpolate(coarse, size=size, mode="bicubic").clamp(-1, 1)
        ahead = F.interpolate(3 * torch.randn(LOCAL - 1, 2, 3, 3, generator=random), size=size, mode="bicubic")
        masks = torch.zeros(count, 1, *size)
        masks[:, :, case.box.top : case.box.bottom, case.box.left : case.box.right] = 1
        frames = frames * (1 - masks)
        flows = Flows(ahead.to(device), -ahead.to(device))
        return cls(case, filled(InpaintGenerator, "gen").to(device), frames.to(device), flows, masks.to(device))

    @torch.inference_mode()
    def plain(self) -> Tensor:
        """The hole of the local frames, all frames encoded anew, as published."""
        box = self.case.box
        whole = plain_window(self.generator, self.frames, self.flows, self.masks, self.masks, LOCAL)
        return whole[:, :, box.top : box.bottom, box.left : box.right]

    @torch.inference_mode()
    def kept(self, precise: PreciseGenerator) -> Kept:
        """What windows before had of their frames."""
        features = precise.encode(self.frames[NEW:], self.masks[NEW:], self.masks[NEW:])
        known = LOCAL - NEW + NEW_REFERENCES
        return Kept(features[:known], precise.split(features[known:]))

    @torch.inference_mode()
    def ours(self, precise: PreciseGenerator, kept: Kept) -> Tensor:
        """The same, with that given."""
        new = precise.encode(self.frames[:NEW], self.masks[:NEW], self.masks[:NEW])
        features = torch.cat((new, kept.features))
        references = torch.cat((precise.split(features[LOCAL:]), kept.references))
        flows = Flows(*(shrunk_flows(flow) for flow in self.flows))
        masks = shrunk_masks(self.masks[:LOCAL])
        return precise.fill(features[:LOCAL], references, flows, masks, masks, self.case.box)
