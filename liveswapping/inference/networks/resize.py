"""Doubling and halving pictures, as the published networks do it."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def doubled(features: Tensor) -> Tensor:
    """Twice the size, bilinear, pixel centres at halves."""
    return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def repeated(features: Tensor) -> Tensor:
    """Twice the size, every pixel four times."""
    return F.interpolate(features, scale_factor=2.0, mode="nearest")


def halved(features: Tensor) -> Tensor:
    """Half the size. At exactly one half, bilinear and the mean of four pixels are the same."""
    return F.avg_pool2d(features, 2)
