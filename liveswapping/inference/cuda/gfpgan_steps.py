"""The steps of GFPGAN between its convolutions, whoever computes them, and in plain torch.

Features are (B, H, W, C), contiguous, as wide as high; vectors of single faces (B, C) float32 are contiguous in C.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.resize import doubled, halved

SLOPE: Final = 0.2
"""Of every LeakyReLU."""


class Size(Enum):
    """What becomes of a picture's size."""

    SAME = 0
    HALVED = 1
    DOUBLED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What steers the second half of the channels: a spatial scale and shift, and biases still to be added to them."""

    scale: Tensor
    """(B, H, W, C/2)."""
    scale_bias: Tensor
    """(C/2,) float32."""
    shift: Tensor
    shift_bias: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """How features become colours."""

    scale: Tensor
    """(B, C) of the input."""
    weight: Tensor
    """(3, C) float32."""
    bias: Tensor
    """(3,) float32."""
    before: Tensor | None
    """(B, H/2, W/2, 3) float32: what was drawn so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What a layer of the generator does to its convolution's answer."""

    normal: Tensor
    """(B, C) factor."""
    noise: Tensor
    """(H, W) float32 summand."""
    bias: Tensor
    """(C,) float32 summand; LeakyReLU follows."""
    condition: Condition | None = None
    colours: Colours | None = None
    following: Tensor | None = None
    """(B, C): the next layer's scale of its input; None where no layer follows."""


class GfpganSteps(Protocol):
    """All of the network that is not a convolution or of a face as a whole."""

    def entered(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Bytes (B, H, W, 3) as -1..1 through a 1×1 convolution (3, C) and LeakyReLU."""
        ...

    def finished(
        self,
        features: Tensor,
        bias: Tensor | None,
        size: Size = Size.SAME,
        *,
        added: Tensor | None = None,
        enlarged: Tensor | None = None,
    ) -> Tensor:
        """Bias (C,) and LeakyReLU, where there is one; then another size; then `added`, and `enlarged` doubled."""
        ...

    def drawn(self, features: Tensor, layer: Layer) -> tuple[Tensor, Tensor]:
        """Features for the following layer, and colours (B, H, W, 3) float32, each where `layer` names them."""
        ...


class TorchGfpganSteps:
    """See `GfpganSteps`; on any device and in any precision."""

    def entered(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """See `GfpganSteps`."""
        return F.leaky_relu((crops.to(weight.dtype) / 127.5 - 1.0) @ weight + bias.to(weight.dtype), SLOPE)

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
        if bias is not None:
            features = F.leaky_relu(features + bias.to(features.dtype), SLOPE)
        picture = features.permute(0, 3, 1, 2)
        if size is not Size.SAME:
            picture = halved(picture) if size is Size.HALVED else doubled(picture)
        if added is not None:
            picture = picture + added.permute(0, 3, 1, 2)
        if enlarged is not None:
            picture = picture + doubled(enlarged.permute(0, 3, 1, 2))
        return picture.permute(0, 2, 3, 1).contiguous()

    def drawn(self, features: Tensor, layer: Layer) -> tuple[Tensor, Tensor]:
        """See `GfpganSteps`."""
        wide = features.float() * layer.normal[:, None, None] + layer.noise[..., None] + layer.bias
        wide = F.leaky_relu(wide, SLOPE)
        if layer.condition is not None:
            way = layer.condition
            steered = wide[..., way.scale.shape[3] :]
            steered.mul_(way.scale + way.scale_bias).add_(way.shift + way.shift_bias)
        colours = features
        if layer.colours is not None:
            colours = _coloured(wide, layer.colours)
        if layer.following is not None:
            features = (wide * layer.following[:, None, None]).to(features.dtype)
        return features, colours


def _coloured(wide: Tensor, colours: Colours) -> Tensor:
    drawn = (wide * colours.scale[:, None, None]) @ colours.weight.T + colours.bias
    if colours.before is not None:
        drawn = drawn + doubled(colours.before.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    return drawn.contiguous()
