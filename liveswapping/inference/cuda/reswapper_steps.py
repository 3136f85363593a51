"""The steps of the swap network between its matrix products, whoever computes them.

Features are (B, H, W, C), contiguous. Tiles and products are (36, T, C) with T = B·⌈H/4⌉·⌈W/4⌉: see `winograd.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Restyled:
    """Features of a style block that are to be normalised; it is done where they are read."""

    features: Tensor
    """(B, H, W, C), as the convolution gave them."""
    sums: Tensor
    """(B, parts, 2, C) float32: sums and sums of squares over parts of the picture."""
    style: Tensor
    """(B, 2, C) float32: the source's scale and shift; contiguous for each face."""
    beside: Tensor | None = None
    """(B, H, W, C) to be added in the end. Where there is none, ReLU is the end."""


class Steps(Protocol):
    """All of the network that is not a matrix product."""

    def first(self, crops: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Bytes (B, R, R, 3) through the 7×7 convolution (7, 32, C), mirrored at the border, and LeakyReLU."""
        ...

    def convolved(self, features: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        """A 3×3 convolution, weight (9·C, N), zeros around the border, and LeakyReLU."""
        ...

    def tiles(self, features: Tensor) -> Tensor:
        """Tiles of features, mirrored at the border."""
        ...

    def restyled_tiles(self, restyled: Restyled) -> tuple[Tensor, Tensor]:
        """Tiles of restyled features, mirrored at the border; and those features, if something was added to them."""
        ...

    def enlarged_tiles(self, features: Tensor) -> Tensor:
        """Tiles of features at twice their size, zeros around the border."""
        ...

    def enlarged_restyled_tiles(self, restyled: Restyled) -> Tensor:
        """Tiles of restyled features at twice their size, zeros around the border."""
        ...

    def measured(self, products: Tensor, shape: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
        """Products to features of `shape` (B, H, W), and their sums as in `Restyled`."""
        ...

    def activated(self, products: Tensor, bias: Tensor, shape: tuple[int, int, int]) -> Tensor:
        """Products to features of `shape` (B, H, W), bias added, through LeakyReLU."""
        ...

    def last(self, features: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype) -> Tensor:
        """The 7×7 convolution (7·C, 32), mirrored at the border, and tanh: (B, R, R, 3), bytes or floats 0..1."""
        ...
