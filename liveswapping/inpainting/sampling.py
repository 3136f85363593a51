"""Reading pictures and fields at many single places."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image

_ROW: Final = 256
"""Places are laid out as a picture this wide, since OpenCV takes no longer sides than 32766."""


def sample_field(field: F32, places: F32) -> F32:
    """h×w×c at places (N×2: column, row), linear between its values: N×c."""
    return _at(field, places, cv2.INTER_LINEAR)


def sample_image(image: Image, places: F32) -> F32:
    """The colours (N×3, 0..255) at places (N×2), cubic between pixels."""
    return _at(image, places, cv2.INTER_CUBIC)


def _at(values: F32 | Image, places: F32, way: int) -> F32:
    count = len(places)
    if not count:
        return np.zeros((0, values.shape[2]), np.float32)
    rows = -(-count // _ROW)
    laid = np.zeros((rows * _ROW, 2), np.float32)
    laid[:count] = places
    across, down = laid[:, 0].reshape(rows, _ROW), laid[:, 1].reshape(rows, _ROW)
    found = np.asarray(cv2.remap(values, across, down, way, borderMode=cv2.BORDER_REPLICATE), np.float32)
    return found.reshape(rows * _ROW, -1)[:count]
