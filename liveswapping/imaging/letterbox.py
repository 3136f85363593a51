"""A whole picture in a place of another shape."""

from __future__ import annotations

import cv2
import numpy as np

from liveswapping.domain.frame import Image


def even(size: int) -> int:
    """`size`, or one more: chroma at half resolution needs even sides."""
    return size + size % 2


def letterboxed(image: Image, width: int, height: int) -> Image:
    """`image` as `width` × `height` pixels: all of it, as large as that allows, in the middle of black.

    What only lacks a column or a row gets its last pixels repeated; the same size is the same array.
    """
    rows, columns = image.shape[:2]
    if 0 <= width - columns < 2 and 0 <= height - rows < 2:
        if (columns, rows) == (width, height):
            return image
        return np.asarray(
            cv2.copyMakeBorder(image, 0, height - rows, 0, width - columns, cv2.BORDER_REPLICATE), np.uint8
        )
    scale = min(width / columns, height / rows)
    size = min(width, max(1, round(columns * scale))), min(height, max(1, round(rows * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    result: Image = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    cv2.resize(image, size, dst=result[top : top + size[1], left : left + size[0]], interpolation=way)
    return result
