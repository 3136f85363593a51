"""Ways of computing that are taken only where they turn out right and faster: torch.compile, and whole numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, TypeVar

import torch
from torch import Tensor, nn

from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.int8 import Int8Layers
from liveswapping.inference.outcome import failure

_log = logging.getLogger(__name__)
INT8_GATE: Final = 45.0
"""dB to the exact window, of which all levels are from -1 to 1."""
_COMPILED_GATE: Final = 80.0
"""dB to the layer's own answer: a compiler only orders sums in another way."""
_FASTER: Final = 0.95
"""Share of the time that a compiled layer takes at most."""
_RUNS: Final = 3

Forward = Callable[..., Tensor]
Compile = Callable[[Forward], Forward]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf:
    """Layers of one kind, which always see the same shape."""

    title: str
    layers: tuple[nn.Module, ...]
    given: tuple[object, ...]
    """What the first of them is tried on."""


def compile_leaves(
    generator: InpaintGenerator, size: tuple[int, int], compiler: Compile = torch.compile
) -> tuple[str, ...]:
    """Compile those layers that gain by it, for features of `size` (h, w), and name them; seconds to minutes.

    Whole networks are not compiled: their shapes change with every window, and each change would mean compiling anew.
    Layers that a compiler fails on, makes wrong or makes no faster stay as they are.
    """
    return tuple(leaf.title for leaf in _leaves(generator, size) if _gains(leaf, compiler))


def try_whole_numbers(layers: Int8Layers, window: Callable[[], Tensor]) -> Tensor:
    """The exact answer of `window`, levels -1..1; from then on in whole numbers, where these are near it and faster."""
    window()  # the first one makes what later ones find made
    exact, exact_s = _timed(window)
    layers.use(True)
    try:
        found, found_s = _timed(window)
    except RuntimeError as error:
        reason = failure(error).reason
    else:
        near = psnr(found, exact, 2.0)
        reason = "" if near >= INT8_GATE else f"a window is only {near:.1f} dB near the exact one"
        if not reason and found_s >= exact_s:
            reason = f"a window takes {found_s:.2f} s instead of {exact_s:.2f} s"
    if reason:
        layers.use(False)
        _log.warning("not in int8: %s", reason)
    else:
        _log.info("in int8: %.1f dB near the exact window, %.2f s instead of %.2f s", near, found_s, exact_s)
    return exact


def _leaves(generator: InpaintGenerator, size: tuple[int, int]) -> Iterator[Leaf]:
    device = next(generator.parameters()).device
    height, width = size

    def example(*shape: int) -> Tensor:
        random = torch.Generator().manual_seed(sum(shape))
        return (0.1 * torch.randn(*shape, generator=random)).to(device)

    yield Leaf("encoder", (generator.encoder,), (example(1, 5, 4 * height, 4 * width),))
    module = generator.feat_prop_module
    offsets = tuple(alignment.get_submodule("conv_offset") for alignment in module.deform_align.values())
    yield Leaf("offsets", offsets, (example(1, 261, height, width),))
    yield Leaf("backbones", tuple(module.backbone.values()), (example(1, 258, height, width),))
    rows, columns = ((side - 1) // 3 + 1 for side in size)
    networks = tuple(block.get_submodule("mlp") for block in generator.transformers.transformer)
    yield Leaf("feed-forward", networks, (example(1, rows, columns, 512), size))


@torch.inference_mode()
def _gains(leaf: Leaf, compiler: Compile) -> bool:
    """Whether the leaf's layers are compiled now."""
    first = leaf.layers[0]
    try:
        compiled = compiler(first.forward)
        exact, exact_s = _timed(lambda: first(*leaf.given), _RUNS)
        compiled(*leaf.given)  # which compiles
        found, found_s = _timed(lambda: compiled(*leaf.given), _RUNS)
        span = float(exact.float().amax() - exact.float().amin())
        near = psnr(found, exact, span)
    except Exception as error:  # noqa: BLE001 - compilers raise what they like
        _log.info("%s not compiled: %s", leaf.title, failure(error).reason)
        return False
    gains = near >= _COMPILED_GATE and found_s < _FASTER * exact_s
    _log.info(
        "%s %s: %.1f ms instead of %.1f ms, %.0f dB near",
        leaf.title, "compiled" if gains else "not compiled", 1e3 * found_s, 1e3 * exact_s, near,
    )  # fmt: skip
    if gains:
        for layer in leaf.layers:
            layer.forward = compiler(layer.forward)
    return gains


def _timed(call: Callable[[], Tensor], runs: int = 1) -> tuple[Tensor, float]:
    """An answer, and the least seconds until it was there."""
    spans = []
    for _ in range(runs):
        start = perf_counter()
        answer = call()
        float(answer.flatten()[0])  # waits for a card
        spans.append(perf_counter() - start)
    return answer, min(spans)
