"""ReSwapper: an open network of inswapper's architecture, at any resolution that 4 divides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.frame import F32
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.inference.providers import AUTO, Rung, Setup
from liveswapping.swappers.aligned import AlignedSwapper
from liveswapping.swappers.latent import Direction

if TYPE_CHECKING:
    from liveswapping.inference.torch_swap import Source

SMALLER = (256, 128)
"""Sizes that the network can be set to while it runs in torch."""


def open_reswapper(
    path: Path,
    emap: F32,
    size: int = 128,
    provider: str = AUTO,
    setup: Setup | None = None,
    direction: Direction | None = None,
    rungs: Sequence[Rung] | None = None,
    hold: Hold = open_anew,
) -> AlignedSwapper[Source] | AlignedSwapper[F32]:
    """The engine for ReSwapper's weights (.pth). `emap`: the identity map, (512, 512).

    `rungs`: what other settings leave of the ladder of `provider`; None: all of it. `hold`: where the network may be
    open already, at whatever size.
    Raises SettingsError (size, provider), ModelLoadError, GPUMemoryError.
    """
    from liveswapping.inference.devices import TorchDevice
    from liveswapping.inference.on_processor import place_of, reswapper_subject
    from liveswapping.inference.onnx_swap import OnnxSwap
    from liveswapping.inference.torch_swap import TorchSwap

    setup = setup or Setup()
    subject = reswapper_subject(path, size, setup)
    place = place_of(subject, provider, rungs, setup)
    if isinstance(place, TorchDevice):
        return AlignedSwapper(hold((path, place), lambda: TorchSwap(path, size, place)), emap, direction, size, SMALLER)
    model = subject.onnx()
    return AlignedSwapper(hold((model, place, setup), lambda: OnnxSwap(model, place, setup)), emap, direction)
