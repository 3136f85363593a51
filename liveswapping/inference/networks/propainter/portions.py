"""How much of a window is computed at once: what works frame by frame need not hold all frames."""

from __future__ import annotations

from typing import Final

import torch

_AT_ONCE: Final = {"cpu": 32 << 20, "cuda": 1 << 30, "mps": 256 << 20}
"""Bytes of the largest tensors of one operation, by kind of device. More is no faster."""


def portions(count: int, bytes_each: int, device: torch.device, most: int | None = None) -> list[slice]:
    """`count` things in portions that fit into `most` bytes (None: as suits the device), at least one thing each."""
    budget = _AT_ONCE.get(device.type, _AT_ONCE["cuda"]) if most is None else most
    each = max(1, min(count, budget // max(bytes_each, 1)))
    return [slice(start, min(start + each, count)) for start in range(0, count, each)]
