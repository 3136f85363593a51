"""ReSwapper: an open network of inswapper's architecture, at any resolution that 4 divides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.frame import F32
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.inference.providers import AUTO, Rung, Setup, ladder
from liveswapping.swappers.aligned import AlignedSwapper
from liveswapping.swappers.latent import Direction

if TYPE_CHECKING:
    from liveswapping.inference.torch_swap import Source

SMALLER = (256, 128)
"""Sizes that the network can be set to while it runs."""
_TORCH_REACHES = ("tensorrt", "cuda", "cpu")
"""Rungs that a weight file runs on as it is; for the others it is exported to ONNX first."""


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
    from liveswapping.inference.devices import choose_device
    from liveswapping.inference.onnx_runtime import OnnxRuntime

    setup = setup or Setup()
    rungs = ladder(provider) if rungs is None else rungs
    carried = OnnxRuntime().available()
    beyond = [rung for rung in rungs if rung.name not in _TORCH_REACHES and rung.provider in carried]
    device = choose_device(provider, rungs)
    if beyond and device.name == "cpu":
        from liveswapping.inference.exported import exported_reswapper
        from liveswapping.inference.onnx_swap import OnnxSwap

        model = exported_reswapper(path, size, setup.cache / "onnx")
        exported = hold((model, tuple(rungs), setup), lambda: OnnxSwap(model, rungs, setup))
        return AlignedSwapper(exported, emap, direction)
    from liveswapping.inference.torch_swap import TorchSwap, checked_size

    checked_size(size)
    return AlignedSwapper(hold((path, device), lambda: TorchSwap(path, size, device)), emap, direction, size, SMALLER)
