"""GFPGAN at full speed: the fastest way of computing it that gives the right picture on this card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import torch
from torch import Tensor

from liveswapping.inference.cuda.agreement import first_right, trial_picture
from liveswapping.inference.cuda.gfpgan_layers import GfpganLayers
from liveswapping.inference.cuda.gfpgan_steps import TorchGfpganSteps
from liveswapping.inference.cuda.graphs import GraphedPictures
from liveswapping.inference.networks.gfpgan import GfpganClean

_BLOTCHES: Final = 17
"""Per side of the picture that must be restored rightly: noise about as coarse as the parts of a face."""
_SPAN: Final = 2.0
"""From black to white."""


def fast_gfpgan(network: GfpganClean) -> GraphedPictures:
    """`network` (float32, on a CUDA card) as graphs: faces (n, size, size, 3) BGR bytes to the same, restored.

    What is needed of the weights is copied: they may be released. Every way of computing is held against the network
    itself before it is taken. Raises NoFastWay.
    """
    faces = probe(network)
    right, on_host = exact(network, faces), faces.cpu().numpy()

    @torch.inference_mode()
    def answer(layers: GfpganLayers) -> Tensor:
        GraphedPictures(partial(_restored, layers), "a trial")(on_host)  # not all that runs can be recorded
        return layers(faces, torch.float32)

    span = max(_SPAN, float(right.amax() - right.amin()))
    name, layers = first_right(_ways(network), answer, right, span)
    return GraphedPictures(partial(_restored, layers), name)


def probe(network: GfpganClean) -> Tensor:
    """A picture (1, size, size, 3) on the network's device; always the same."""
    return trial_picture(network.size, _BLOTCHES, next(network.parameters()).device)


@torch.inference_mode()
def exact(network: GfpganClean, faces: Tensor) -> Tensor:
    """What the network answers in full precision: (n, size, size, 3) BGR -1..1, not clamped."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return network.restore(faces.flip(3).permute(0, 3, 1, 2) / 127.5 - 1.0).flip(1).permute(0, 2, 3, 1)


def _restored(layers: GfpganLayers, faces: Tensor, _: Tensor | None, kind: torch.dtype) -> Tensor:
    return layers(faces, kind)


def _ways(network: GfpganClean) -> Iterator[tuple[str, Callable[[], GfpganLayers]]]:
    """The fastest first."""
    yield "fp16 with fused steps", partial(_fused, network)
    yield "fp16 by cuDNN", partial(GfpganLayers, network, TorchGfpganSteps(), torch.float16)


def _fused(network: GfpganClean) -> GfpganLayers:
    from liveswapping.inference.cuda.gfpgan_triton import TritonGfpganSteps

    return GfpganLayers(network, TritonGfpganSteps(), torch.float16)
