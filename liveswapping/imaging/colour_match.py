"""Giving one picture the light and colour of another of the same scene, and leaving it its own detail."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image

_SCALE: Final = 32
"""Pixels per side at which light is compared: what is smaller than a thirtieth of the picture is detail."""
_REACH: Final = 7.0
"""σ of the light's field at that scale: a fifth of the picture. Eye sockets are the face's, not the light's."""
_SMOOTH: Final = 2.0
"""σ, at that scale, over which the change is evened out: a pixel's own colour must not show in it."""
_BLUE, _GREEN, _RED = np.float32(0.114), np.float32(0.587), np.float32(0.299)
_LUMA: Final = np.array([_BLUE, _GREEN, _RED], np.float32)
"""BGR weights of luma (ITU-R BT.601)."""
_PALER: Final = 0.6
"""A reference may be so much less colourful before the picture has to follow: skins differ."""
_LEAST: Final = 1e-3
_ONE, _TWO = np.uint64(1), np.uint64(2)
_BLACK, _HALF, _WHITE = np.float32(0.0), np.float32(0.5), np.float32(255.0)


def match_light(picture: Image, reference: Image, weight: F32, amount: float) -> Image:
    """`picture` in the light of `reference`; all are of one size, and `weight` (h, w) says where to compare them.

    Low frequencies are moved by `amount` (0 none, 1 all) of their difference in LAB, where lightness and hue are apart,
    and colourfulness falls, never rises, towards the reference's, so that a face in a black-and-white picture becomes
    grey.
    """
    if amount <= 0:
        return picture
    small = np.asarray(cv2.resize(weight, (_SCALE, _SCALE), interpolation=cv2.INTER_AREA), np.float32)
    ours, theirs = _small(picture), _small(reference)
    colourful = 1.0 + amount * (_saturation_left(ours, theirs, small) - 1.0)
    ours = _with_saturation(ours, colourful)
    lab = _lab(ours)
    weighed = cv2.GaussianBlur((_lab(theirs) - lab) * small[:, :, None], (0, 0), _REACH)
    field = weighed / np.maximum(cv2.GaussianBlur(small, (0, 0), _REACH), _LEAST)[:, :, None]
    # As wide as the light's field is, so is the change in BGR that stands for it; detail is not taken to LAB and back.
    moved = cv2.GaussianBlur(_bgr(np.asarray(lab + field * amount, np.float32)) - ours, (0, 0), _SMOOTH)
    height, width = picture.shape[:2]
    change = cv2.resize(moved, (width, height), interpolation=cv2.INTER_LINEAR)
    lit = np.empty((height, width, 3), np.uint8)
    flat = np.ascontiguousarray(picture).reshape(-1), np.ascontiguousarray(change, np.float32).reshape(-1)
    _changed(*flat, min(1.0, colourful), lit.reshape(-1), 0, height * width)
    return lit


@njit(nogil=True, cache=True, fastmath=True)
def _changed(
    picture: NDArray[np.uint8], change: NDArray[np.float32], share: float, lit: NDArray[np.uint8], first: int, end: int
) -> None:
    """Pixels first..end of a flat `picture`, `share` as colourful, and `change` added; to the nearest level."""
    kept, lost = np.float32(share), np.float32(1.0 - share)
    for pixel in range(first, end):
        at = np.uint64(3 * pixel)
        blue, green, red = np.float32(picture[at]), np.float32(picture[at + _ONE]), np.float32(picture[at + _TWO])
        grey = lost * (_BLUE * blue + _GREEN * green + _RED * red) + _HALF
        lit[at] = np.uint8(min(_WHITE, max(_BLACK, grey + kept * blue + change[at])))
        lit[at + _ONE] = np.uint8(min(_WHITE, max(_BLACK, grey + kept * green + change[at + _ONE])))
        lit[at + _TWO] = np.uint8(min(_WHITE, max(_BLACK, grey + kept * red + change[at + _TWO])))


def _small(picture: Image) -> F32:
    return np.asarray(cv2.resize(picture, (_SCALE, _SCALE), interpolation=cv2.INTER_AREA), np.float32)


def _lab(picture: F32) -> F32:
    """BGR 0..255 -> CIE LAB (D65), L 0..100."""
    return np.asarray(cv2.cvtColor(np.clip(picture, 0, 255) / np.float32(255), cv2.COLOR_BGR2Lab), np.float32)


def _bgr(picture: F32) -> F32:
    """CIE LAB -> BGR 0..255."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_Lab2BGR), np.float32) * np.float32(255)


def _with_saturation(picture: F32, share: float) -> F32:
    grey = (picture @ _LUMA)[:, :, None]
    return np.asarray(grey + np.float32(share) * (picture - grey), np.float32)


def _saturation_left(ours: F32, theirs: F32, weight: F32) -> float:
    """1 where the reference is as colourful as the picture, 0 where it is grey."""

    def saturation(picture: F32) -> float:
        return float((np.abs(picture - (picture @ _LUMA)[:, :, None]).sum(axis=2) * weight).sum())

    return min(1.0, saturation(theirs) / max(_PALER * saturation(ours), _LEAST))
