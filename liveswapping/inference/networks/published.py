"""What all networks with published weights have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Self

from torch import Tensor, nn


class PublishedNetwork(nn.Module, ABC):
    """A network whose weights come from a published file."""

    @classmethod
    @abstractmethod
    def shaped_like(cls, state: Mapping[str, Tensor]) -> Self:
        """A network of the size that `state` was saved from. Raises KeyError where it is of another architecture."""

    def halve(self) -> None:
        """Turn to half precision what gains by it and keeps its accuracy."""
        self.half()
