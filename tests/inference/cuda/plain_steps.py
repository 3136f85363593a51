"""The swap network's steps in plain torch: what they mean, on any device and in any precision."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.cuda.reswapper_steps import Restyled
from liveswapping.inference.cuda.winograd import SIDE, TILE, pixel_matrix, tile_matrix
from liveswapping.inference.networks.resize import doubled

_SLOPE: Final = 0.2
_EPSILON: Final = 1e-8
_KERNEL: Final = 7
_NUMBERS: Final = 3 * _KERNEL


class PlainSteps:
    """See `reswapper_steps.Steps`."""

    def __init__(self, device: torch.device) -> None:
        self._to_points = torch.as_tensor(tile_matrix(), dtype=torch.float32, device=device)
        self._to_pixels = torch.as_tensor(pixel_matrix(), dtype=torch.float32, device=device)

    def first(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """See `Steps`."""
        kernel = weight[:, :_NUMBERS].unflatten(1, (_KERNEL, 3)).permute(3, 2, 0, 1)
        picture = F.pad(crops.permute(0, 3, 1, 2).to(weight.dtype), (3, 3, 3, 3), mode="reflect")
        return _activated(F.conv2d(picture, kernel).permute(0, 2, 3, 1) / 255 + bias.to(weight.dtype))

    def convolved(self, features: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        """See `Steps`."""
        kernel = weight.unflatten(0, (3, 3, -1)).permute(3, 2, 0, 1)
        result = F.conv2d(features.permute(0, 3, 1, 2), kernel, stride=stride, padding=1)
        return _activated(result.permute(0, 2, 3, 1) + bias.to(weight.dtype))

    def tiles(self, features: Tensor) -> Tensor:
        """See `Steps`."""
        rows, columns = (_mirrored(size, features.device) for size in features.shape[1:3])
        return self._tiles(features[:, rows][:, :, columns])

    def restyled_tiles(self, restyled: Restyled) -> tuple[Tensor, Tensor]:
        """See `Steps`."""
        features = _restyled(restyled)
        return self.tiles(features), features

    def enlarged_tiles(self, features: Tensor) -> Tensor:
        """See `Steps`."""
        enlarged = doubled(features.permute(0, 3, 1, 2))
        height, width = enlarged.shape[2:]
        border = 1, -width % TILE + 1, 1, -height % TILE + 1
        return self._tiles(F.pad(enlarged, border).permute(0, 2, 3, 1))

    def enlarged_restyled_tiles(self, restyled: Restyled) -> Tensor:
        """See `Steps`."""
        return self.enlarged_tiles(_restyled(restyled))

    def measured(self, products: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
        """See `Steps`."""
        features = self._pixels(products, shape)
        wide = features.float()
        sums = torch.stack((wide.sum(dim=(1, 2)), wide.square().sum(dim=(1, 2))), dim=1)
        return features, sums[:, None]

    def activated(self, products: Tensor, bias: Tensor, shape: tuple[int, int, int]) -> Tensor:
        """See `Steps`."""
        return _activated(self._pixels(products, shape) + bias.to(products.dtype))

    def last(self, features: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype) -> Tensor:
        """See `Steps`."""
        kernel = weight[:, :_NUMBERS].view(_KERNEL, -1, _KERNEL, 3).permute(3, 1, 0, 2)
        padded = F.pad(features.permute(0, 3, 1, 2), (3, 3, 3, 3), mode="reflect")
        answer = F.conv2d(padded, kernel).float() + bias[:, None, None]
        share = torch.sigmoid(2 * answer).permute(0, 2, 3, 1)
        return (share * 255 + 0.5).to(kind) if kind == torch.uint8 else share.to(kind)

    def _tiles(self, padded: Tensor) -> Tensor:
        patches = padded.float().unfold(1, SIDE, TILE).unfold(2, SIDE, TILE)
        values = torch.einsum("pi,byxcij,qj->pqbyxc", self._to_points, patches, self._to_points)
        return values.flatten(2, 4).flatten(0, 1).to(padded.dtype)

    def _pixels(self, products: Tensor, shape: tuple[int, int, int]) -> Tensor:
        batch, height, width = shape
        rows, columns = -(-height // TILE), -(-width // TILE)
        values = products.float().view(SIDE, SIDE, batch, rows, columns, -1)
        pixels = torch.einsum("ip,pqbyxc,jq->byixjc", self._to_pixels, values, self._to_pixels)
        whole = pixels.reshape(batch, rows * TILE, columns * TILE, -1)
        return whole[:, :height, :width].to(products.dtype)


def _activated(features: Tensor) -> Tensor:
    return F.leaky_relu(features, _SLOPE).contiguous()


def _restyled(restyled: Restyled) -> Tensor:
    features, style = restyled.features.float(), restyled.style[:, :, None, None]
    mean, squares = (restyled.sums.sum(dim=1) / features[0, :, :, 0].numel()).unbind(dim=1)
    deviation = (squares - mean.square()).clamp_min(0).add(_EPSILON).sqrt()
    result = (features - mean[:, None, None]) / deviation[:, None, None] * style[:, 0] + style[:, 1]
    result = F.relu(result) if restyled.beside is None else result + restyled.beside
    return result.to(restyled.features.dtype)


def _mirrored(size: int, device: torch.device) -> Tensor:
    """The pixels that tiles read along one side: one outside, all, and as many more as fill the last tile."""
    position = torch.arange(-1, -(-size // TILE) * TILE + 1, device=device)
    return ((size - 1) - ((size - 1) - position.abs()).abs()).clamp_min(0)
