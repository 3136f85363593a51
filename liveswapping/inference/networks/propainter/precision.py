"""The generator in the precision that a device is fast in, as long as that gives an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import torch
from torch import Tensor

from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.int8 import Int8Layers
from liveswapping.inference.networks.propainter.propagation import Flows
from liveswapping.inference.networks.propainter.trials import compile_leaves, try_whole_numbers

_log = logging.getLogger(__name__)
AUTO: Final = "auto"
_TYPES: Final = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
PRECISIONS: Final = (AUTO, *_TYPES)
_QUICK_HALVES: Final = (7, 0)
"""Compute capability of NVIDIA's cards from which on half precision is the faster one (CUDA's programming guide)."""


def choose_precision(wanted: str, device: torch.device) -> torch.dtype:
    """What a device computes in; `wanted`: one of PRECISIONS.

    `auto` is fp16 on NVIDIA cards that are fast in it, else fp32. fp16, eight times as exact as bf16, is not left for
    bf16 before a window overflows. What a device lacks or is slow in becomes its nearest: on the processor fp16 takes
    five times as long as fp32 and means fp32.
    """
    cuda = device.type == "cuda"
    quick = cuda and torch.cuda.get_device_capability(device) >= _QUICK_HALVES
    if wanted == AUTO:
        return torch.float16 if quick else torch.float32
    if wanted == "fp16" and device.type == "cpu":
        return torch.float32
    if wanted == "bf16" and cuda and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16 if quick else torch.float32
    return _TYPES[wanted]


class PreciseGenerator:
    """Encodes and fills, in half precision where it may, and again in float32 what overflowed there.

    Only the networks' products are in half precision: weights, flows, sampling positions and the sum that runs through
    the transformer are float32. One thread at a time.
    """

    def __init__(
        self, generator: InpaintGenerator, precision: str = AUTO, *, int8: bool = False, compiles: bool = False
    ) -> None:
        """`generator`: where it is to run; its convolutions are laid out anew. `precision`: one of PRECISIONS.

        `int8`: linear layers in whole numbers, where the first window shows that these are near enough and faster.
        `compiles`: torch.compile, for layers that are faster by it. Both are tried with the first window.
        """
        generator.lay_channels_last()
        self.generator = generator
        self._device = next(generator.parameters()).device
        self._type = choose_precision(precision, self._device)
        self._int8, self._compiles = int8, compiles
        self.repeated = 0
        """How many times something was computed again in float32."""
        self.ways: tuple[str, ...] = ()
        """What of `int8` and `compiles` was taken: int8, and the layers that are compiled."""

    @property
    def precision(self) -> str:
        """fp32, fp16 or bf16."""
        return next(name for name, kind in _TYPES.items() if kind is self._type)

    def encode(self, frames: Tensor, masks_in: Tensor, masks_updated: Tensor) -> Tensor:
        """As InpaintGenerator's; in the precision's own type, which takes half the memory."""
        features = self._finite("features", lambda _: self.generator.encode(frames, masks_in, masks_updated))
        return features.to(self._type)

    def split(self, features: Tensor) -> Tensor:
        """As InpaintGenerator's; in the precision's own type."""
        tokens = self._finite("tokens", lambda kind: self.generator.split(features.to(kind)))
        return tokens.to(self._type)

    def fill(
        self,
        features: Tensor,
        references: Tensor,
        flows: Flows,
        masks_in: Tensor,
        masks_updated: Tensor,
        box: Box | None = None,
    ) -> Tensor:
        """As InpaintGenerator's, float32."""

        def compute(kind: torch.dtype) -> Tensor:
            given = features.to(kind), references.to(kind)
            return self.generator.unbounded(*given, flows, masks_in, masks_updated, box)

        def window() -> Tensor:
            return torch.tanh(self._finite("a window", compute).float())

        if self._compiles:
            self._compiles = False
            with self._region():
                compiled = compile_leaves(self.generator, (features.shape[2], features.shape[3]))
            self.ways += tuple(f"compiled {layers}" for layers in compiled)
        if self._int8:
            self._int8 = False
            layers = Int8Layers(self.generator)
            answer = try_whole_numbers(layers, window)
            self.ways += ("int8",) if layers.used else ()
            return answer
        return window()

    @torch.inference_mode()
    def _finite(self, what: str, compute: Callable[[torch.dtype], Tensor]) -> Tensor:
        with self._region():
            answer = compute(self._type)
        if self._type is torch.float32 or bool(torch.isfinite(answer).all()):
            return answer
        del answer
        before = self.precision
        self._type = self._next()
        self.repeated += 1
        _log.warning("%s overflowed in %s: repeated in fp32, going on in %s", what, before, self.precision)
        return compute(torch.float32)

    def _region(self) -> AbstractContextManager[object]:
        if self._type is torch.float32:
            return nullcontext()
        return torch.autocast(self._device.type, self._type)

    def _next(self) -> torch.dtype:
        """What to go on in after an overflow: bf16, which has the range of float32, where there is that."""
        wider = choose_precision("bf16", self._device) if self._type is torch.float16 else torch.float32
        return wider if wider is torch.bfloat16 else torch.float32
