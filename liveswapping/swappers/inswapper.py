"""InSwapper, and ReSwapper exported to ONNX in its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.inference.onnx_swap import OnnxSwap
from liveswapping.inference.providers import Rung, Setup
from liveswapping.swappers.aligned import AlignedSwapper
from liveswapping.swappers.latent import Direction


def open_inswapper(
    path: Path,
    rungs: Sequence[Rung],
    setup: Setup | None = None,
    direction: Direction | None = None,
    emap: F32 | None = None,
    hold: Hold = open_anew,
) -> AlignedSwapper[F32]:
    """The engine for a swap network in ONNX. The identity map is the file's own, or `emap` where it has none.

    `hold`: where the network may be open already. Raises ModelLoadError and GPUMemoryError.
    """
    network = hold((path, tuple(rungs), setup), lambda: OnnxSwap(path, rungs, setup))
    try:
        own = network.emap()
    except ModelLoadError:
        network.close()
        raise
    chosen = emap if own is None else own
    if chosen is None:
        network.close()
        raise ModelLoadError(f"{path} holds no identity map, and none is here; run `liveswapping models pull emap`")
    return AlignedSwapper(network, chosen, direction)
