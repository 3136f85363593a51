"""The swap network at full speed: the fastest way of computing it that gives the right picture on this card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.cuda.agreement import NoFastWay, first_right, trial_picture
from liveswapping.inference.cuda.graphs import GraphedPictures
from liveswapping.inference.cuda.reswapper_layers import PlainLayers, WinogradLayers
from liveswapping.inference.devices import TensorRt
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel

_PROBE: Final = 128
"""Pixels per side of the picture that must be swapped rightly."""
_BLOTCHES: Final = 9
"""Per side of that picture: noise about as coarse as the parts of a face."""

Layers = WinogradLayers | PlainLayers


def fast_reswapper(network: StyleTransferModel, tensorrt: TensorRt = TensorRt.LATER) -> GraphedPictures:
    """`network` (float32, on a CUDA card) as graphs: crops (n, R, R, 3) BGR bytes, styles (n, blocks, 2, 2, width).

    `network.styles` gives the styles. What is needed of the other weights is copied: they may be released. Every way
    of computing is held against the network itself before it is taken; `tensorrt`: when torch-tensorrt's turn is.
    Raises NoFastWay.
    """
    crops, styles = probe(network)
    on_host = crops.cpu().numpy()

    @torch.inference_mode()
    def answer(layers: Layers) -> Tensor:
        GraphedPictures(partial(_swapped, layers), "a trial")(on_host, styles)  # not all that runs can be recorded
        return layers(crops, styles, torch.float32)

    name, layers = first_right(_ways(network, tensorrt), answer, exact(network, crops, styles), 1.0)
    return GraphedPictures(partial(_swapped, layers), name)


@torch.inference_mode()
def probe(network: StyleTransferModel, size: int = _PROBE) -> tuple[Tensor, Tensor]:
    """A picture (1, size, size, 3) and a source's styles, on the network's device; always the same."""
    latent = F.normalize(torch.randn(1, LATENT, generator=torch.Generator().manual_seed(1)))
    device = next(network.parameters()).device
    return trial_picture(size, _BLOTCHES, device), network.styles(latent.to(device))


@torch.inference_mode()
def exact(network: StyleTransferModel, crops: Tensor, styles: Tensor) -> Tensor:
    """What the network answers in full precision: (n, R, R, 3) BGR 0..1."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return network.swap(crops.flip(3).permute(0, 3, 1, 2) / 255, styles).flip(1).permute(0, 2, 3, 1)


def _swapped(layers: Layers, crops: Tensor, styles: Tensor | None, kind: torch.dtype) -> Tensor:
    if styles is None:
        raise ValueError("the swap network was run without a source's styles")
    return layers(crops, styles, kind)


def _ways(network: StyleTransferModel, tensorrt: TensorRt) -> Iterator[tuple[str, Callable[[], Layers]]]:
    """The fastest first; what the user asked for by name before them, which also says where it is missing."""
    by_tensorrt = "fp16 by TensorRT", partial(_by_tensorrt, network)
    if tensorrt is TensorRt.FIRST:
        yield by_tensorrt
    yield "fp16 on Winograd tiles", partial(_on_tiles, network)
    if tensorrt is TensorRt.LATER and find_spec("torch_tensorrt"):
        yield by_tensorrt
    yield "fp16 by cuDNN", partial(PlainLayers, network)


def _on_tiles(network: StyleTransferModel) -> WinogradLayers:
    from liveswapping.inference.cuda.reswapper_triton import DIVISOR, TritonSteps

    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    if any(conv.out_channels % DIVISOR for conv in convs[:-1]):
        raise NoFastWay(f"not all numbers of channels are divisible by {DIVISOR}")
    return WinogradLayers(network, TritonSteps(next(network.parameters()).device), torch.float16)


def _by_tensorrt(network: StyleTransferModel) -> PlainLayers:
    import_module("torch_tensorrt")  # that alone makes torch know its compiler
    return PlainLayers(network, "torch_tensorrt")
