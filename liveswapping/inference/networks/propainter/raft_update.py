"""RAFT's recurrent part: looks at how well the flow fits so far, and improves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.correlation import CHANNELS
from liveswapping.inference.networks.propainter.raft_encoder import STRIDE

HIDDEN: Final = 128
_MASK_SCALE: Final = 0.25
_NEIGHBOURS: Final = 9


class MotionEncoder(nn.Module):
    """The flow so far, and what the correlation says at its ends."""

    def __init__(self) -> None:
        super().__init__()
        self.convc1 = nn.Conv2d(CHANNELS, 256, 1)
        self.convc2 = nn.Conv2d(256, 192, 3, padding=1)
        self.convf1 = nn.Conv2d(2, 128, 7, padding=3)
        self.convf2 = nn.Conv2d(128, 64, 3, padding=1)
        self.conv = nn.Conv2d(256, HIDDEN - 2, 3, padding=1)

    def forward(self, flow: Tensor, correlation: Tensor) -> Tensor:
        """(n, 2, h, w) and (n, 324, h, w) -> (n, 128, h, w)."""
        alike = F.relu(self.convc2(F.relu(self.convc1(correlation))))
        moving = F.relu(self.convf2(F.relu(self.convf1(flow))))
        return torch.cat((F.relu(self.conv(torch.cat((alike, moving), dim=1))), flow), dim=1)


@dataclass(frozen=True, slots=True)
class _Pass:
    """One of the GRU's two passes, with what does not change from one iteration to the next taken out.

    A convolution over hidden state, context and motion is the sum of three, and the context is always the same.
    """

    gates: Tensor
    """Weights of z and r for (hidden, motion)."""
    gates_still: Tensor
    """What the context adds to z and r, bias included."""
    candidate: Tensor
    candidate_still: Tensor
    padding: tuple[int, int]

    def __call__(self, hidden: Tensor, motion: Tensor) -> Tensor:
        gates = F.conv2d(torch.cat((hidden, motion), dim=1), self.gates, padding=self.padding)
        update, reset = gates.add_(self.gates_still).sigmoid_().chunk(2, dim=1)
        new = F.conv2d(torch.cat((reset * hidden, motion), dim=1), self.candidate, padding=self.padding)
        return hidden + update * (new.add_(self.candidate_still).tanh_() - hidden)


class SepConvGru(nn.Module):
    """A gated recurrent unit of 1×5 convolutions, followed by one of 5×1."""

    def __init__(self) -> None:
        super().__init__()
        self.convz1, self.convr1, self.convq1 = (_gate((1, 5), (0, 2)) for _ in range(3))
        self.convz2, self.convr2, self.convq2 = (_gate((5, 1), (2, 0)) for _ in range(3))

    def passes(self, context: Tensor) -> tuple[_Pass, _Pass]:
        """Both passes for the context (n, 128, h, w), to be run over and over."""
        horizontal = _prepared(self.convz1, self.convr1, self.convq1, context)
        return horizontal, _prepared(self.convz2, self.convr2, self.convq2, context)


class FlowHead(nn.Module):
    """What to add to the flow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(HIDDEN, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 2, 3, padding=1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(n, 128, h, w) -> (n, 2, h, w)."""
        result: Tensor = self.conv2(F.relu(self.conv1(hidden)))
        return result


class UpdateBlock(nn.Module):
    """Everything that is run in each iteration, and the head that says how the last flow is enlarged."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MotionEncoder()
        self.gru = SepConvGru()
        self.flow_head = FlowHead()
        self.mask = nn.Sequential(
            nn.Conv2d(HIDDEN, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, _NEIGHBOURS * STRIDE**2, 1)
        )

    def enlarged(self, flow: Tensor, hidden: Tensor) -> Tensor:
        """(n, 2, h, w) pixels -> (n, 2, 8h, 8w) pixels: mixtures of nine neighbours, as the hidden state says."""
        count, _, height, width = flow.shape
        mask = (_MASK_SCALE * self.mask(hidden)).view(count, 1, _NEIGHBOURS, STRIDE, STRIDE, height, width)
        around = F.unfold(STRIDE * flow, 3, padding=1).view(count, 2, _NEIGHBOURS, 1, 1, height, width)
        mixed = torch.sum(torch.softmax(mask, dim=2) * around, dim=2)
        return mixed.permute(0, 1, 4, 2, 5, 3).reshape(count, 2, STRIDE * height, STRIDE * width)


def _gate(kernel: tuple[int, int], padding: tuple[int, int]) -> nn.Conv2d:
    return nn.Conv2d(3 * HIDDEN, HIDDEN, kernel, padding=padding)


def _prepared(update: nn.Conv2d, reset: nn.Conv2d, new: nn.Conv2d, context: Tensor) -> _Pass:
    gates, bias = torch.cat((update.weight, reset.weight)), torch.cat((_bias(update), _bias(reset)))
    still = slice(HIDDEN, 2 * HIDDEN)
    padding = (new.weight.shape[2] // 2, new.weight.shape[3] // 2)
    return _Pass(
        _without(gates, still),
        F.conv2d(context, gates[:, still], bias, padding=padding),
        _without(new.weight, still),
        F.conv2d(context, new.weight[:, still], new.bias, padding=padding),
        padding,
    )


def _bias(convolution: nn.Conv2d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


def _without(weight: Tensor, channels: slice) -> Tensor:
    return torch.cat((weight[:, : channels.start], weight[:, channels.stop :]), dim=1)
