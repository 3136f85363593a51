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
    count, channels, height, width = features.shape
    rows, columns = offset.shape[-2:]
    groups = mask.shape[1] // TAPS
    position = offset.float().view(count, groups, TAPS, 2, rows, columns)
    position = position + _undisturbed(rows, columns, stride, padding, dilation, offset.device)
    modulation = mask.view(count, groups, 1, TAPS, rows, columns)
    grouped = features.float().reshape(count * groups, channels // groups, height, width)
    kernel = weight.flatten(2)
    result: Tensor | None = None
    for taps in _portions(count * channels * rows * columns, features.device.type):
        grid = _grid(position[:, :, taps], height, width)
        samples = F.grid_sample(grouped, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        samples = samples.view(count, groups, channels // groups, -1, rows, columns) * modulation[:, :, :, taps]
        part = torch.matmul(kernel[:, :, taps].flatten(1), samples.to(kernel.dtype).view(count, -1, rows * columns))
        result = part if result is None else result.add_(part)
    if result is None:
        raise ValueError("a kernel without taps")
    result = result.view(count, -1, rows, columns)
    return result if bias is None else result + bias.to(result.dtype)[:, None, None]


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
        found = self.conv_offset(condition).float()
        offset = self.reach * torch.tanh(found[:, : 2 * GROUPS * TAPS])
        if flow is not None:
            offset = offset + flow.float().flip(1).repeat(1, GROUPS * TAPS, 1, 1)
        mask = torch.sigmoid(found[:, 2 * GROUPS * TAPS :])
        return deformable_conv(features, offset, mask, self.weight, self.bias)


def _undisturbed(rows: int, columns: int, stride: int, padding: int, dilation: int, device: torch.device) -> Tensor:
    """(9, 2, rows, columns): where the taps of an ordinary convolution read, down and right, in pixels."""
    tap = torch.arange(_SIDE, dtype=torch.float32, device=device) * dilation - padding
    down = torch.arange(rows, dtype=torch.float32, device=device) * stride
    right = torch.arange(columns, dtype=torch.float32, device=device) * stride
    shape = (_SIDE, _SIDE, rows, columns)
    vertical = (tap[:, None] + down)[:, None, :, None].expand(shape)
    horizontal = (tap[:, None] + right)[None, :, None, :].expand(shape)
    return torch.stack((vertical, horizontal), dim=2).view(TAPS, 2, rows, columns)


def _grid(position: Tensor, height: int, width: int) -> Tensor:
    """(n, g, taps, 2, h', w') pixels down and right -> (n·g, taps·h', w', 2) as `grid_sample` counts pixel edges."""
    across = (2.0 * position[:, :, :, 1] + 1.0) / width - 1.0
    down = (2.0 * position[:, :, :, 0] + 1.0) / height - 1.0
    grid = torch.stack((across, down), dim=-1)
    return grid.flatten(0, 1).flatten(1, 2)


def _portions(values: int, device: str) -> list[slice]:
    """The nine taps in portions whose samples stay within what is held at once; `values`: samples of one tap."""
    most = _SAMPLED.get(device, _SAMPLED["cuda"]) // (4 * values)
    at_once = min(max(most, 1), TAPS)
    return [slice(start, min(start + at_once, TAPS)) for start in range(0, TAPS, at_once)]
