"""What all networks with published weights have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn


class PublishedNetwork(nn.Module, ABC):
    """A network whose weights come from a published file."""

    @classmethod
    @abstractmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the size that `state` was saved from. Raises KeyError where it is of another architecture."""

    def halve(self, kind: torch.dtype = torch.float16) -> None:
        """Turn to half precision what gains by it and keeps its accuracy."""
        self.to(kind)

    def shed(self) -> None:
        """Let go of the weights that pictures go through; what else the network is asked for can still be asked."""
        self.to("meta")

    def lay_channels_last(self) -> None:
        """Lay out convolution weights as cards read pictures fastest.

        `Module.to` would refuse GFPGAN, whose modulated convolutions have weights of five dimensions.
        """
        for weight in self.parameters():
            if weight.dim() == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
