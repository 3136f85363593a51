"""Modulated deformable convolution (DCNv2, arXiv:1811.11168) without a kernel of its own.

Each tap of the kernel reads where an offset tells it to. All taps of a group are one `grid_sample`, after which the
convolution is a matrix product; on large maps that is done for a few taps at a time, which is quicker (their samples
stay in the cache) and takes a ninth of the memory.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.computed import computed_type

GROUPS: Final = 16
"""Groups of input channels with offsets of their own, in both published networks."""
TAPS: Final = 9
_SIDE: Final = 3
_SLOPE: Final = 0.1
_SAMPLED: Final = {"cpu": 16 << 20, "cuda": 256 << 20}
"""Bytes of samples that are held at once, by kind of device."""


def deformable_conv(
    features: Tensor,
    offset: Tensor,
    mask: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: int = 1,
    padding: int = 1,
    dilation: int = 1,
) -> Tensor:
    """(n, c, h, w) -> (n, o, h', w') for a 3×3 kernel; outside of the map there are zeros.

    `offset`: (n, 2·g·9, h', w') pixels, channel 2·(group·9 + tap) down and the next one right. `mask`: (n, g·9, h', w')
    what each sample is multiplied by. `weight`: (o, c, 3, 3). Positions are float32; the product is computed in the
    type of `weight`, or in that of a surrounding autocast.
    """
    count, _, height, width = features.shape
    rows, columns = offset.shape[-2:]
    position = offset.float().view(count, -1, TAPS, 2, rows, columns)
    position = position + _undisturbed(rows, columns, stride, padding, dilation, offset.device)
    return _sampled(features, _normalised(position, height, width), mask, weight, bias)


def _sampled(features: Tensor, position: Tensor, mask: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The convolution, reading at `position`, (n, groups, 9, 2, h', w'), down and right, as `_normalised` counts."""
    count, channels, height, width = features.shape
    groups, (rows, columns) = position.shape[1], position.shape[-2:]
    modulation = mask.view(count, groups, 1, TAPS, rows, columns)
    grouped = features.float().reshape(count * groups, channels // groups, height, width)
    kernel, kind = weight.flatten(2), computed_type(weight)
    result: Tensor | None = None
    for taps in _portions(count * channels * rows * columns, features.device.type):
        grid = torch.stack((position[:, :, taps, 1], position[:, :, taps, 0]), dim=-1).flatten(0, 1).flatten(1, 2)
        samples = F.grid_sample(grouped, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        samples = samples.view(count, groups, channels // groups, -1, rows, columns)
        samples = _modulated(samples, modulation[:, :, :, taps], kind)
        part = torch.matmul(kernel[:, :, taps].flatten(1), samples.view(count, -1, rows * columns))
        result = part if result is None else result.add_(part)
    if result is None:
        raise ValueError("a kernel without taps")
    result = result.view(count, -1, rows, columns)
    return result if bias is None else result + bias.to(result.dtype)[:, None, None]


def _modulated(samples: Tensor, modulation: Tensor, kind: torch.dtype) -> Tensor:
    """Their product, in the type that the next one is computed in."""
    if kind is samples.dtype:
        return samples.mul_(modulation)
    return torch.mul(samples, modulation, out=torch.empty_like(samples, dtype=kind))


class DeformableAlignment(nn.Module):
    """A deformable 3×3 convolution whose offsets and masks a small network reads off conditions.

    `reach`: the largest offset in pixels.
    """

    def __init__(self, channels: int, out_channels: int, condition_channels: int, reach: float) -> None:
        super().__init__()
        self.reach = reach
        self.weight = nn.Parameter(torch.empty(out_channels, channels, _SIDE, _SIDE))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.kaiming_uniform_(self.weight)
        self.conv_offset = nn.Sequential(
            nn.Conv2d(condition_channels, out_channels, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(out_channels, 3 * GROUPS * TAPS, 3, padding=1),
        )

    def forward(self, features: Tensor, condition: Tensor, flow: Tensor | None = None) -> Tensor:
        """(n, channels, h, w) and (n, condition_channels, h, w) -> (n, out_channels, h, w).

        `flow`: (n, 2, h, w) pixels right and down that the offsets start from; without it, from where each tap stands.
        """
        count, _, height, width = features.shape
        found = self.conv_offset(condition).float()
        start = _undisturbed(height, width, 1, 1, 1, features.device)
        if flow is not None:
            start = start + flow.float().flip(1)[:, None, None]
        start = _normalised(start, height, width)
        offset = torch.tanh(found[:, : 2 * GROUPS * TAPS]).view(count, GROUPS, TAPS, 2, height, width)
        pixels = _two(2 * self.reach / height, 2 * self.reach / width, features.device)
        position = torch.addcmul(start, offset, pixels)
        mask = torch.sigmoid(found[:, 2 * GROUPS * TAPS :])
        return _sampled(features, position, mask, self.weight, self.bias)


def _undisturbed(rows: int, columns: int, stride: int, padding: int, dilation: int, device: torch.device) -> Tensor:
    """(9, 2, rows, columns): where the taps of an ordinary convolution read, down and right, in pixels."""
    tap = torch.arange(_SIDE, dtype=torch.float32, device=device) * dilation - padding
    down = torch.arange(rows, dtype=torch.float32, device=device) * stride
    right = torch.arange(columns, dtype=torch.float32, device=device) * stride
    shape = (_SIDE, _SIDE, rows, columns)
    vertical = (tap[:, None] + down)[:, None, :, None].expand(shape)
    horizontal = (tap[:, None] + right)[None, :, None, :].expand(shape)
    return torch.stack((vertical, horizontal), dim=2).view(TAPS, 2, rows, columns)


def _normalised(position: Tensor, height: int, width: int) -> Tensor:
    """(…, 2, h', w') pixels down and right, as `grid_sample` counts from edge to edge of the outermost pixels."""
    return (2.0 * position + 1.0) / _two(height, width, position.device) - 1.0


def _two(first: float, second: float, device: torch.device) -> Tensor:
    """(2, 1, 1), made where it is used: what is copied to a card waits for all that is in work there."""
    return torch.linspace(first, second, 2, dtype=torch.float32, device=device)[:, None, None]


def _portions(values: int, device: str) -> list[slice]:
    """The nine taps in portions whose samples stay within what is held at once; `values`: samples of one tap."""
    most = _SAMPLED.get(device, _SAMPLED["cuda"]) // (4 * values)
    at_once = min(max(most, 1), TAPS)
    return [slice(start, min(start + at_once, TAPS)) for start in range(0, TAPS, at_once)]
