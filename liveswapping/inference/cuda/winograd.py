"""3×3 convolutions on tiles of 4×4 pixels: Winograd's F(4×4, 3×3), as in Lavin and Gray, arXiv:1509.09308.

A tile and its border, 6×6 pixels, are read as a polynomial in both directions and evaluated at six points; there a
convolution is a product, so that 36 matrix products of a quarter of the arithmetic take its place. With the points
0, ±3/2, ±2/3 and ∞ rounding hurts a fifth as much as with the usual 0, ±1, ±2 and ∞ (expected squared error of
random tiles when all three factors are rounded: 23 against 116, and 9 for the convolution itself).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

TILE: Final = 4
"""Pixels per side that one tile gives."""
SIDE: Final = 6
"""Pixels per side that one tile reads, and points per side it is evaluated at."""
FAR: Final = 3 / 2
NEAR: Final = 2 / 3
BALANCE: Final = (1 / 3, 1 / 2, 1 / 3)
"""Scales of the values at 0 and ∞, at ±FAR and at ±NEAR; they keep tiles about as large as the pixels they are of."""
_SCALES: Final = (BALANCE[0], BALANCE[1], BALANCE[1], BALANCE[2], BALANCE[2], BALANCE[0])
_POINTS: Final = (0.0, FAR, -FAR, NEAR, -NEAR)

F64 = NDArray[np.float64]


def tile_matrix() -> F64:
    """Bᵀ (6, 6): pixels to values at the points. Row p holds the polynomial that is 0 at all points but p."""
    rows = [np.poly([other for other in _POINTS if other != point])[::-1] for point in _POINTS]
    matrix = np.zeros((SIDE, SIDE))
    matrix[:-1, :-1] = rows
    matrix[-1] = np.poly(_POINTS)[::-1]
    matrix *= np.array(_SCALES)[:, None]
    return matrix


def weight_matrix() -> F64:
    """G (6, 3): a kernel to its values at the points, divided by what Bᵀ left in."""
    left = [np.prod([point - other for other in _POINTS if other != point]) for point in _POINTS]
    matrix = np.zeros((SIDE, 3))
    matrix[:-1] = np.vander(_POINTS, 3, increasing=True) / np.array(left)[:, None]
    matrix[-1, -1] = 1.0
    matrix /= np.array(_SCALES)[:, None]
    return matrix


def pixel_matrix() -> F64:
    """Aᵀ (4, 6): products at the points to pixels."""
    matrix = np.zeros((TILE, SIDE))
    matrix[:, :-1] = np.vander(_POINTS, TILE, increasing=True).T
    matrix[-1, -1] = 1.0
    return matrix


def transformed(weight: Tensor) -> Tensor:
    """A convolution's weight (N, C, 3, 3) at all points: (36, C, N), float32, on the weight's device."""
    matrix = torch.as_tensor(weight_matrix(), dtype=torch.float32, device=weight.device)
    values = torch.einsum("ai,ncij,bj->abcn", matrix, weight.float(), matrix)
    return values.flatten(0, 1).contiguous()
