"""What there is to know of a network in torch to run it, and the ways in which one is computed."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from torch import Tensor

from liveswapping.domain.frame import Image
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.networks.published import PublishedNetwork

N = TypeVar("N", bound=PublishedNetwork)


class FastWay(Protocol):
    """A network computed in a way of its own, from a copy of its weights: `cuda.graphs.GraphedPictures`."""

    name: str

    def __call__(self, pictures: Image, beside: Tensor | None = None) -> Image:
        """(n, h, w, 3) BGR bytes -> (n, h', w', 3) BGR bytes."""
        ...

    def computed(self, pictures: Tensor, beside: Tensor | None = None) -> Tensor:
        """(n, h, w, 3) BGR 0..255, floats on the device -> (n, h', w', 3) BGR in the network's own range."""
        ...

    def forget(self) -> None:
        """Release what can be made again."""
        ...


@dataclass(frozen=True, slots=True)
class Architecture(Generic[N]):
    """What there is to know of a network to run it."""

    network: type[N]
    title: str
    """What messages call it."""
    run: Callable[[N, Tensor, Tensor | None], Tensor]
    """(B, 3, h, w) RGB, and what goes with it -> (B, 3, h', w') RGB."""
    low: float
    """What black is: 0 where white is 1, or -1."""
    probe: Callable[[N], tuple[Tensor, Tensor | None]]
    """A small input of the right kind, float32; what goes with it lies where the network does."""
    fast: Callable[[N, TorchDevice], FastWay]
    """The fast way for a network on a device that records; raises NoFastWay."""


class Way(enum.Enum):
    """How a network is computed, the fastest first."""

    FAST = "fp16, recorded"
    HALF = "fp16"
    FULL = "fp32"
