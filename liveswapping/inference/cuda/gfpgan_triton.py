"""GFPGAN's steps as Triton kernels, in half precision on a CUDA card. Import only where Triton is."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from triton import cdiv

from liveswapping.inference.cuda import gfpgan_kernels as kernels
from liveswapping.inference.cuda.gfpgan_steps import Layer, Size

_VALUES: Final = 2048
"""Numbers that one program computes, in pixels times channels."""
_WIDTH: Final = 64
"""Channels of one program, at most."""


class TritonGfpganSteps:
    """See `gfpgan_steps.GfpganSteps`."""

    def entered(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """See `GfpganSteps`."""
        channels = weight.shape[1]
        features = weight.new_empty(*crops.shape[:3], channels)
        pixels = features.numel() // channels
        block = max(1, _VALUES // channels)
        kernels.enter[(cdiv(pixels, block),)](crops, weight, bias, features, pixels, channels=channels, block=block)
        return features

    def finished(
        self,
        features: Tensor,
        bias: Tensor | None,
        size: Size = Size.SAME,
        *,
        added: Tensor | None = None,
        enlarged: Tensor | None = None,
    ) -> Tensor:
        """See `GfpganSteps`."""
        batch, side, _, channels = features.shape
        side = {Size.SAME: side, Size.HALVED: side // 2, Size.DOUBLED: 2 * side}[size]
        result = features.new_empty(batch, side, side, channels)
        width = min(_WIDTH, channels)
        block = _VALUES // width
        kernels.finish[(cdiv(batch * side * side, block), channels // width)](
            features, bias, added, enlarged, result, side, batch * side * side, channels,
            activates=bias is not None, size=size.value, adds=added is not None, enlarges=enlarged is not None,
            block=block, width=width,
        )  # fmt: skip
        return result

    def drawn(self, features: Tensor, layer: Layer) -> tuple[Tensor, Tensor]:
        """See `GfpganSteps`."""
        batch, side, _, channels = features.shape
        way, colours, following = layer.condition, layer.colours, layer.following
        result = features if following is None else torch.empty_like(features)
        drawn = features if colours is None else layer.noise.new_empty(batch, side, side, 3)
        width = min(_WIDTH, channels)
        block = _VALUES // width
        steps = 1 if colours is None else channels // width
        steering = (None,) * 4 if way is None else (way.scale, way.scale_bias, way.shift, way.shift_bias)
        colouring = (None,) * 4 if colours is None else (colours.scale, colours.weight, colours.bias, colours.before)
        kernels.draw[(cdiv(side * side, block), channels // width // steps, batch)](
            features, layer.normal, layer.noise, layer.bias, *steering, following, *colouring, result, drawn,
            side, channels, layer.normal.stride(0), 0 if following is None else following.stride(0),
            0 if colours is None else colours.scale.stride(0),
            steers=way is not None, follows=following is not None, colours_it=colours is not None,
            adds=colours is not None and colours.before is not None, block=block, width=width, steps=steps,
        )  # fmt: skip
        return result, drawn
