"""Giving one picture the light and colour of another of the same scene, and leaving it its own detail."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image

_SCALE: Final = 32
"""Pixels per side at which light is compared: what is smaller than a thirtieth of the picture is detail."""
_REACH: Final = 7.0
"""σ of the light's field at that scale: a fifth of the picture. Eye sockets are the face's, not the light's."""
_SMOOTH: Final = 2.0
"""σ, at that scale, over which the change is evened out: a pixel's own colour must not show in it."""
_LUMA: Final = np.array([0.114, 0.587, 0.299], np.float32)
"""BGR weights of luma (ITU-R BT.601)."""
_PALER: Final = 0.6
"""A reference may be so much less colourful before the picture has to follow: skins differ."""
_LEAST: Final = 1e-3


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
    own = picture.astype(np.float32)
    if colourful < 1.0:
        own = _with_saturation(own, colourful)
    lit: Image = np.clip(own + change + 0.5, 0, 255).astype(np.uint8)
    return lit


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
