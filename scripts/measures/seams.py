"""Whether the border between swapped face and frame can be seen, and whether the rest is left alone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from scripts.measures.bars import Bar
from scripts.measures.swapping import SwappedFrame


def seams(name: str, frames: Sequence[SwappedFrame]) -> list[Bar]:
    """Mean gradient magnitude where the mask lies between 0.05 and 0.95, by the target's own at the same pixels.

    Over all frames, and of the worst frame on either side; and how many pixels differ where the mask is 0.
    """
    sums = np.array([_border_gradients(frame) for frame in frames if frame.swapped])
    ratios = sums[:, 0] / sums[:, 1]
    whole = float(sums[:, 0].sum() / sums[:, 1].sum())
    changed = sum(
        int(np.count_nonzero(frame.before[frame.touched == 0] != frame.after[frame.touched == 0])) for frame in frames
    )
    return [
        Bar(f"6 border gradient by target's, at most: {name}", whole, 1.2),
        Bar(f"6 border gradient by target's, at least: {name}", whole, 0.8, at_least=True),
        Bar(f"6 border gradient, highest frame: {name}", float(ratios.max()), 1.2),
        Bar(f"6 border gradient, lowest frame: {name}", float(ratios.min()), 0.8, at_least=True),
        Bar(f"6 pixels changed outside the mask: {name}", float(changed), 0),
    ]


def _border_gradients(frame: SwappedFrame) -> tuple[float, float]:
    border = (frame.mask > 0.05) & (frame.mask < 0.95)
    return float(_gradient(frame.after)[border].sum()), float(_gradient(frame.before)[border].sum())


def _gradient(image: Image) -> F32:
    """Magnitude of the grey picture's gradient, in levels a pixel (Sobel's kernels)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, dx, 1 - dx, ksize=3, scale=1 / 8) for dx in (1, 0))
    return np.asarray(np.hypot(across, down), np.float32)
