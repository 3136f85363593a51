"""How alike every pixel of one frame is to the pixels around any place in another: RAFT's pyramid, looked up.

The volume of all pairs of pixels has the square of a frame's pixels (at an eighth of its size). Where that does not
fit, a level's values are computed at each lookup, from the features around the place; the same values, more slowly.
"""

from __future__ import annotations

from typing import Final, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

LEVELS: Final = 4
RADIUS: Final = 4
_SIDE: Final = 2 * RADIUS + 1
CHANNELS: Final = LEVELS * _SIDE**2
_MAPS: Final = 65535
"""Maps that cuDNN samples at once: it refuses more (pytorch/pytorch issue 88380)."""
_GATHERED: Final = {"cpu": 16 << 20, "cuda": 512 << 20}
"""Bytes of gathered features held at once, by kind of device; with four times as many a processor is twice as slow."""


class _Level(Protocol):
    def __call__(self, centres: Tensor) -> Tensor:
        """(n, h·w, 2) pixels of this level, right and down -> (n, h·w, 81): the places 9 × 9 around each."""
        ...


class Correlation:
    """Two frames' features, (n, c, h, w) each, ready to be compared.

    `volume_bytes`: what the volumes of all levels may take together, coarse ones first; None: whatever they take.
    """

    def __init__(self, first: Tensor, second: Tensor, volume_bytes: int | None = None) -> None:
        scaled = first.flatten(2).transpose(1, 2) * (1.0 / first.shape[1] ** 0.5)
        pooled = [second]
        for _ in range(LEVELS - 1):
            pooled.append(F.avg_pool2d(pooled[-1], 2))
        levels: list[_Level] = []
        left = volume_bytes
        for features in reversed(pooled):
            size = scaled.shape[0] * scaled.shape[1] * features[0, 0].numel() * scaled.element_size()
            if left is None or size <= left:
                left = None if left is None else left - size
                levels.append(_Volume(scaled, features))
            else:
                left = 0
                levels.append(_OnDemand(scaled, features))
        self._levels = levels[::-1]

    def __call__(self, places: Tensor) -> Tensor:
        """(n, 2, h, w) pixels of the second frame, right and down -> (n, 324, h, w).

        Channel level·81 + a·9 + b is the place a − 4 to the right and b − 4 below, in pixels of that level.
        """
        centres = places.flatten(2).transpose(1, 2)
        found = [level(centres / 2**index) for index, level in enumerate(self._levels)]
        return torch.cat(found, dim=2).transpose(1, 2).reshape(len(places), CHANNELS, *places.shape[2:])


def volume_bytes(height: int, width: int, pairs: int = 1) -> int:
    """What the volumes of `pairs` pairs of frames of this size take, one direction, float32."""
    rows, columns = height // 8, width // 8
    pixels = sum((rows >> level) * (columns >> level) for level in range(LEVELS))
    return pairs * rows * columns * pixels * 4


class _Volume:
    """All pairs of a level, held."""

    def __init__(self, first: Tensor, second: Tensor) -> None:
        volume = torch.matmul(first, second.flatten(2))
        height, width = second.shape[2:]
        self._maps = volume.view(-1, 1, height, width)
        self._around = _offsets(first.device, _SIDE)
        self._scale = torch.tensor((2.0 / (width - 1), 2.0 / (height - 1)), device=first.device)

    def __call__(self, centres: Tensor) -> Tensor:
        grid = (centres.flatten(0, 1)[:, None, None] + self._around) * self._scale - 1.0
        found = [
            F.grid_sample(*part, mode="bilinear", padding_mode="zeros", align_corners=True)
            for part in zip(torch.split(self._maps, _MAPS), torch.split(grid, _MAPS), strict=True)
        ]
        return torch.cat(found).view(*centres.shape[:2], _SIDE**2)


class _OnDemand:
    """A level whose pairs are multiplied when they are looked up.

    The 81 places around a centre share one fraction of a pixel: 10 × 10 products at whole places give them all.
    """

    def __init__(self, first: Tensor, second: Tensor) -> None:
        self._first = first
        channels = second.shape[1]
        border = _SIDE + 1  # a box that touches the map lies within; the others are pushed to the edge, all zeros
        padded = F.pad(second, (border, border, border, border))
        self._rows, self._columns = padded.shape[2:]
        self._features = padded.permute(0, 2, 3, 1).reshape(-1, channels)
        self._border = border

    def __call__(self, centres: Tensor) -> Tensor:
        count, pixels, _ = centres.shape
        first, places = self._first.flatten(0, 1), centres.flatten(0, 1)
        picture = torch.arange(count, device=centres.device).repeat_interleave(pixels)
        limit = _GATHERED.get(centres.device.type, _GATHERED["cuda"])
        step = max(1, limit // ((_SIDE + 1) ** 2 * first.shape[1] * 4))
        found = [
            self._around(first[part], places[part], picture[part])
            for part in (slice(start, start + step) for start in range(0, len(first), step))
        ]
        return torch.cat(found).view(count, pixels, _SIDE**2)

    def _around(self, first: Tensor, places: Tensor, picture: Tensor) -> Tensor:
        """(m, c), (m, 2) and (m,) -> (m, 81)."""
        whole = places.floor()
        right, down = (places - whole).unbind(1)
        column = _start(whole[:, 0], self._border, self._columns)
        row = _start(whole[:, 1], self._border, self._rows)
        steps = torch.arange(_SIDE + 1, device=places.device)
        at = (picture[:, None] * self._rows + row[:, None] + steps)[:, :, None] * self._columns
        at = at + column[:, None, None] + steps
        features = self._features.index_select(0, at.flatten()).view(len(first), -1, first.shape[1])
        products = torch.bmm(features, first[:, :, None]).view(-1, _SIDE + 1, _SIDE + 1)
        right, down = right[:, None, None], down[:, None, None]
        across = products[:, :, :-1] * (1 - right) + products[:, :, 1:] * right
        both = across[:, :-1] * (1 - down) + across[:, 1:] * down
        return both.transpose(1, 2).flatten(1)


def _start(whole: Tensor, border: int, size: int) -> Tensor:
    """Where the box around a whole place starts in the padded map; of boxes wholly outside, where all is zero."""
    return (whole + (border - RADIUS)).clamp(0, size - _SIDE - 1).long()


def _offsets(device: torch.device, side: int) -> Tensor:
    """(side, side, 2), the first index to the right and the second down."""
    steps = torch.arange(side, dtype=torch.float32, device=device) - RADIUS
    return torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1)
