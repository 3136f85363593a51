"""The sliders that need no engine: opacity, sharpness, erosion and edge, applied to a patch before it is pasted."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from liveswapping.domain.face import Patch
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.look import Look

_PLAIN_EDGE = Look().edge
_HARDEST = 8.0
"""How much steeper the border is at edge 0."""
_WIDEST = 0.10
"""How far the border reaches inwards at edge 1, as a share of the patch's width."""
_DEEPEST = 0.25
"""How far erosion moves the border inwards at 1, as a share of the patch's width."""
_DETAIL = 0.006
"""Radius of the detail that sharpening lifts, as a share of the patch's width: pores and lashes, not features."""


def finish(patch: Patch, look: Look) -> Patch:
    """`patch` as `look` wants it. What the mask leaves out stays out: the border only ever moves inwards."""
    image, mask = patch.image, patch.mask
    if look.sharpness > 0:
        image = _sharpened(image, look.sharpness)
    if look.erode > 0:
        mask = _eroded(mask, look.erode)
    if look.edge != _PLAIN_EDGE:
        mask = _edged(mask, look.edge)
    if look.opacity < 1:
        mask = mask * np.float32(look.opacity)
    return replace(patch, image=image, mask=mask)


def _sharpened(image: Image, amount: float) -> Image:
    """Unsharp masking."""
    blurred = cv2.GaussianBlur(image, (0, 0), max(0.8, _DETAIL * image.shape[1]))
    sharp: Image = np.asarray(cv2.addWeighted(image, 1 + amount, blurred, -amount, 0), np.uint8)
    return sharp


def _eroded(mask: F32, amount: float) -> F32:
    """Every point takes the least of what is within reach; its own softness moves along."""
    radius = max(1, round(_DEEPEST * amount * mask.shape[1]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask, disc, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.float32)


def _edged(mask: F32, edge: float) -> F32:
    if edge < _PLAIN_EDGE:
        steepness = 1 + (_HARDEST - 1) * (1 - edge / _PLAIN_EDGE)
        hard: F32 = np.clip((mask - np.float32(0.5)) * np.float32(steepness) + np.float32(0.5), 0, 1)
        return np.minimum(hard, mask > 0)
    radius = round(_WIDEST * mask.shape[1] * (edge - _PLAIN_EDGE) / (1 - _PLAIN_EDGE))
    size = (2 * radius + 1, 2 * radius + 1)
    # Worn down by as much as it is then smeared, so that it ends where it ended before.
    worn = cv2.erode(mask, np.ones(size, np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    soft: F32 = np.minimum(mask, cv2.blur(worn, size, borderType=cv2.BORDER_CONSTANT))
    return soft
