"""RealESRGAN at full speed: the network in half precision, channels last, as CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from typing import Final

import torch
from torch import Tensor

from liveswapping.inference.cuda.agreement import first_right, trial_picture
from liveswapping.inference.cuda.graphs import GraphedPictures
from liveswapping.inference.networks.rrdb import RRDBNet

_PROBE: Final = 64
"""Pixels per side of the picture that must be enlarged rightly."""
_BLOTCHES: Final = 9


class EnlargingLayers:
    """RRDBNet from bytes to bytes."""

    def __init__(self, network: RRDBNet, backend: str | None = None) -> None:
        """Copies `network`, float32, on its own device. `backend`: of torch.compile; None runs it as it is."""
        self._half = deepcopy(network)
        self._half.halve()
        self._half.lay_channels_last()
        if backend is not None:
            for block in self._half.body:  # all of one shape: what is compiled for the first serves the others
                block.compile(backend=backend, dynamic=False)

    def __call__(self, pictures: Tensor, kind: torch.dtype = torch.uint8) -> Tensor:
        """(B, h, w, 3) BGR 0..255 -> (B, scale·h, scale·w, 3) BGR bytes, or floats 0..1 that are not clamped."""
        given = (
            (pictures.flip(3).permute(0, 3, 1, 2).float() / 255).half().contiguous(memory_format=torch.channels_last)
        )
        with torch.backends.cudnn.flags(enabled=True, benchmark=True):  # the fastest algorithm of each layer
            answer: Tensor = self._half(given).flip(1).permute(0, 2, 3, 1).float()
        return (answer * 255).round().clamp(0, 255).to(kind) if kind == torch.uint8 else answer.to(kind)


def fast_realesrgan(network: RRDBNet, compiles: bool = False) -> GraphedPictures:
    """`network` (float32, on a CUDA card) as graphs: pictures (n, h, w, 3) BGR bytes to `scale` times their size.

    The weights are copied: those of `network` may be released. `compiles`: take the seconds that torch.compile needs
    for every new size. Raises NoFastWay.
    """
    pictures = trial_picture(_PROBE, _BLOTCHES, next(network.parameters()).device)
    right, on_host = exact(network, pictures), pictures.cpu().numpy()

    @torch.inference_mode()
    def answer(layers: EnlargingLayers) -> Tensor:
        GraphedPictures(partial(_enlarged, layers), "a trial")(on_host)  # not all that runs can be recorded
        return layers(pictures, torch.float32)

    span = max(1.0, float(right.amax() - right.amin()))
    name, layers = first_right(_ways(network, compiles), answer, right, span)
    return GraphedPictures(partial(_enlarged, layers), name)


@torch.inference_mode()
def exact(network: RRDBNet, pictures: Tensor) -> Tensor:
    """What the network answers in full precision: (n, scale·h, scale·w, 3) BGR 0..1, not clamped."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        answer: Tensor = network(pictures.flip(3).permute(0, 3, 1, 2) / 255)
    return answer.flip(1).permute(0, 2, 3, 1)


def _enlarged(layers: EnlargingLayers, pictures: Tensor, _: Tensor | None, kind: torch.dtype) -> Tensor:
    return layers(pictures, kind)


def _ways(network: RRDBNet, compiles: bool) -> Iterator[tuple[str, Callable[[], EnlargingLayers]]]:
    if compiles:
        yield "fp16 by torch.compile", partial(EnlargingLayers, network, "inductor")
    yield "fp16 by cuDNN", partial(EnlargingLayers, network)
