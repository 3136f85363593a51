"""GFPGAN from bytes to bytes on a card, channels last: convolutions by cuDNN and fused steps between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.cuda.gfpgan_steps import Colours, Condition, GfpganSteps, Layer, Size
from liveswapping.inference.networks.gfpgan import GfpganClean, ResBlock
from liveswapping.inference.networks.stylegan2 import STYLE, Generator, ModulatedConv, StyleConv, ToRgb

_GAIN: Final = 2**0.5
_EPSILON: Final = 1e-8


class GfpganLayers:
    """GfpganClean.restore, from crops to crops."""

    def __init__(self, network: GfpganClean, steps: GfpganSteps, kind: torch.dtype) -> None:
        """Copies the weights of `network`, float32, on its own device; `kind`: float16, or float32 to compare."""
        self._steps = steps
        first = network.conv_body_first
        self._first = _vector(first.weight[:, :, 0, 0].flip(1).T).to(kind), _vector(first.bias)
        self._down = [_Block(cast(ResBlock, block), kind) for block in network.conv_body_down]
        self._middle = _Conv(network.final_conv.weight, network.final_conv.bias, kind)
        self._to_styles = [tensor.detach().to(kind) for tensor in network.final_linear.parameters()]
        self._up = [_Block(cast(ResBlock, block), kind) for block in network.conv_body_up]
        branches = zip(network.condition_scale, network.condition_shift, strict=True)
        self._conditions = [_Conditions(cast(Sequence[nn.Sequential], both), kind) for both in branches]
        self._generator = _Generator(network.stylegan_decoder, kind)

    def __call__(self, crops: Tensor, kind: torch.dtype = torch.uint8) -> Tensor:
        """Crops uint8 (B, size, size, 3) BGR -> the same, or floats -1..1 that are not clamped."""
        steps = self._steps
        features = steps.entered(crops, *self._first)
        downward = []
        for block in self._down:
            features = block.halved(features, steps)
            downward.append(features)
        features = steps.finished(self._middle(features), self._middle.bias)
        styles = F.linear(features.permute(0, 3, 1, 2).flatten(1), *self._to_styles).view(len(crops), -1, STYLE)
        conditions = []
        for block, beside, condition in zip(self._up, reversed(downward), self._conditions, strict=True):
            features = block.doubled(features + beside, steps)
            conditions.append(condition(features, steps))
        picture = self._generator(styles, conditions, steps).flip(3)
        return ((picture + 1.0) * 127.5).round().clamp(0, 255).to(kind) if kind == torch.uint8 else picture.to(kind)


class _Conv:
    """A convolution, and its bias, which is for a step to add."""

    def __init__(self, weight: Tensor, bias: Tensor | None, kind: torch.dtype) -> None:
        self._weight = weight.detach().to(kind).contiguous(memory_format=torch.channels_last)
        self.bias = None if bias is None else _vector(bias.flatten())

    def __call__(self, features: Tensor) -> Tensor:
        """(B, H, W, C) -> (B, H, W, N), without the bias."""
        padding = self._weight.shape[-1] // 2
        answer = F.conv2d(features.permute(0, 3, 1, 2), self._weight, padding=padding)
        return answer.permute(0, 2, 3, 1).contiguous()


class _Block:
    """A ResBlock. Enlarging comes after its skip convolution: the two commute, and it is a quarter of the work."""

    def __init__(self, block: ResBlock, kind: torch.dtype) -> None:
        self._first, self._second, self._skip = (
            _Conv(conv.weight, conv.bias, kind) for conv in (block.conv1, block.conv2, block.skip)
        )

    def halved(self, features: Tensor, steps: GfpganSteps) -> Tensor:
        """(B, H, W, C) -> (B, H/2, W/2, N)."""
        inner = steps.finished(self._first(features), self._first.bias, Size.HALVED)
        skipped = self._skip(steps.finished(features, None, Size.HALVED))
        return steps.finished(self._second(inner), self._second.bias, added=skipped)

    def doubled(self, features: Tensor, steps: GfpganSteps) -> Tensor:
        """(B, H, W, C) -> (B, 2H, 2W, N)."""
        inner = steps.finished(self._first(features), self._first.bias, Size.DOUBLED)
        return steps.finished(self._second(inner), self._second.bias, enlarged=self._skip(features))


class _Conditions:
    """The convolutions that make a scale of the U-Net's features, and those that make a shift."""

    def __init__(self, branches: Sequence[nn.Sequential], kind: torch.dtype) -> None:
        convs = [[cast(nn.Conv2d, branch[place]) for place in (0, 2)] for branch in branches]
        self._branches = [[_Conv(conv.weight, conv.bias, kind) for conv in pair] for pair in convs]

    def __call__(self, features: Tensor, steps: GfpganSteps) -> Condition:
        answers = []
        for first, second in self._branches:
            assert second.bias is not None
            answers += [second(steps.finished(first(features), first.bias)), second.bias]
        return Condition(*answers)


class _Generator:
    """StyleGAN2's generator: a layer for the smallest size and two for every other, the first of which enlarges."""

    def __init__(self, network: Generator, kind: torch.dtype) -> None:
        layers = [network.style_conv1, *cast(Sequence[StyleConv], network.style_convs)]
        drawing = [network.to_rgb1, *cast(Sequence[ToRgb], network.to_rgbs)]
        self._constant = network.constant_input.weight.detach().permute(0, 2, 3, 1).to(kind)
        self._convs = [_Conv(layer.modulated_conv.weight[0], layer.bias, kind) for layer in layers]
        noises = zip(layers, network.noises.buffers(), strict=True)
        self._noises = [_vector((layer.weight * noise)[0, 0]) for layer, noise in noises]
        colours = [(layer.modulated_conv.weight[0, :, :, 0, 0], layer.bias.flatten()) for layer in drawing]
        self._colours = [(_vector(weight), _vector(bias)) for weight, bias in colours]
        styles = [*range(len(layers)), *range(1, len(layers) + 1, 2)]
        self._scales = _Scales([m.modulated_conv for m in layers], [m.modulated_conv for m in drawing], styles)

    def __call__(self, styles: Tensor, conditions: Sequence[Condition], steps: GfpganSteps) -> Tensor:
        """(B, styles, 512) and a condition for each size from the second -> (B, H, W, 3) RGB -1..1, float32."""
        scales, normals, drawing = self._scales(styles)
        channels = self._constant.shape[3]
        features = (self._constant * scales[0, :, None, None, :channels]).to(self._constant.dtype)
        picture: Tensor | None = None
        for number, (conv, noise) in enumerate(zip(self._convs, self._noises, strict=True)):
            size, enlarges = number // 2, number % 2 == 1
            if enlarges:
                features = steps.finished(features, None, Size.DOUBLED)
            answer = conv(features)
            channels = answer.shape[3]
            assert conv.bias is not None
            layer = Layer(
                normals[number, :, :channels],
                noise,
                conv.bias,
                conditions[size] if enlarges else None,
                None if enlarges else Colours(drawing[size, :, :channels], *self._colours[size], picture),
                scales[number + 1, :, :channels] if number + 1 < len(self._convs) else None,
            )
            features, colours = steps.drawn(answer, layer)
            picture = picture if enlarges else colours
        assert picture is not None
        return picture


class _Scales:
    """All modulations at once: the scales of every layer's input, and what brings its answer to unit variance.

    Where there is such a normal, scales are divided by their largest and the normal multiplied by it, as half
    precision would overflow.
    """

    def __init__(self, normal: Sequence[ModulatedConv], plain: Sequence[ModulatedConv], styles: Sequence[int]) -> None:
        """`plain`: those without a normal. `styles`: which of the styles each of `normal` and `plain` takes."""
        self._count = len(normal)
        self._styles = torch.tensor(styles, device=normal[0].weight.device)
        widest = max(max(conv.weight.shape[1:3]) for conv in normal)
        linear = [conv.modulation for conv in (*normal, *plain)]
        self._weight = torch.stack([_filled(layer.weight.T, (STYLE, widest)) for layer in linear])
        self._bias = torch.stack([_filled(layer.bias[None], (1, widest)) for layer in linear])
        energies = (conv.weight[0].square().sum(dim=(2, 3)).T for conv in normal)
        self._energy = torch.stack([_filled(energy, (widest, widest)) for energy in energies])

    def __call__(self, styles: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, styles, 512) -> scales and normals (layers, B, C), scales of the plain ones; C is the widest."""
        own = styles.float()[:, self._styles].transpose(0, 1)
        scales, plain = torch.baddbmm(self._bias, own, self._weight).split_with_sizes(
            [self._count, len(self._styles) - self._count]
        )
        largest = scales.abs().amax(dim=2, keepdim=True) + _EPSILON
        normals = torch.rsqrt(torch.bmm(scales.square(), self._energy) + _EPSILON) * (largest * _GAIN)
        return scales / largest, normals, plain


def _filled(matrix: Tensor, shape: tuple[int, int]) -> Tensor:
    """`matrix` in the corner of zeros."""
    rows, columns = matrix.shape
    return F.pad(matrix.detach().float(), (0, shape[1] - columns, 0, shape[0] - rows))


def _vector(tensor: Tensor | None) -> Tensor:
    assert tensor is not None
    return tensor.detach().float().contiguous()
