"""Giving a picture the histogram of another one: each channel's values are moved so that their shares agree."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from liveswapping.domain.frame import F32, Image

_LEVELS = 256


def match_histogram(source: Image, target: Image, alpha: float, arrays: ModuleType = np) -> Image:
    """`source` (uint8 h×w×3), moved towards the histogram of `target` by `alpha` (0 not at all, 1 wholly).

    `arrays`: numpy, or a module that is used like it (CuPy), whose arrays both pictures are; the answer is one, too.
    What is shown stays the source's: a published version mixed the target's own pixels in instead.
    """
    channels = [
        _mapping(source[..., channel], target[..., channel], arrays)[source[..., channel]]
        for channel in range(source.shape[2])
    ]
    matched = arrays.stack(channels, axis=2)
    mixed = source.astype(arrays.float32) * (1.0 - alpha) + matched * alpha
    moved: Image = arrays.clip(arrays.rint(mixed), 0, _LEVELS - 1).astype(arrays.uint8)
    return moved


def _mapping(source: Image, target: Image, arrays: ModuleType) -> F32:
    """(256,) for each level of `source` the one below which as large a share of `target`'s pixels lies."""
    here, there = (_shares(values, arrays) for values in (source, target))
    levels: F32 = arrays.interp(here, there, arrays.arange(_LEVELS, dtype=arrays.float64)).astype(arrays.float32)
    return levels


def _shares(values: Image, arrays: ModuleType) -> F32:
    """(256,) the share of pixels up to the middle of each level."""
    counts = arrays.bincount(values.ravel(), minlength=_LEVELS).astype(arrays.float64)
    shares: F32 = (arrays.cumsum(counts) - counts / 2) / counts.sum()
    return shares
