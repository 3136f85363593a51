"""The type that a surrounding autocast multiplies in."""

from __future__ import annotations

import torch
from torch import Tensor


def computed_type(tensor: Tensor) -> torch.dtype:
    """What products of `tensor` are computed in here: its own type, outside of an autocast for its device."""
    kind = tensor.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else tensor.dtype
