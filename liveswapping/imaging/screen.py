"""Pictures for a screen: as large as the place that they are shown in, in the layout that screens take."""

from __future__ import annotations

import cv2
import numpy as np

from liveswapping.domain.frame import Image


def fitted(image: Image, width: int, height: int, mode: str = "fit", *, mirrored: bool = False) -> Image:
    """`image` (BGR) for a place of `width` × `height` pixels, as uint8 h×w×4 (blue, green, red, 255), C-contiguous.

    "fit": all of it, as large as the place allows; "fill": the place is filled and the picture's edges are cut;
    "actual": its own pixels, the middle of them. `mirrored` swaps left and right. Never larger than the place.
    """
    rows, columns = image.shape[:2]
    scale = {"fit": min, "fill": max}[mode](width / columns, height / rows) if mode != "actual" else 1.0
    seen = min(columns, round(width / scale)), min(rows, round(height / scale))
    left, top = (columns - seen[0]) // 2, (rows - seen[1]) // 2
    part = image[top : top + seen[1], left : left + seen[0]]
    size = max(1, min(width, round(seen[0] * scale))), max(1, min(height, round(seen[1] * scale)))
    while size[0] * 2 <= part.shape[1] and size[1] * 2 <= part.shape[0]:
        # Exact halves have a fast way in OpenCV; a mean over 2.7 pixels takes five times as long as all of this.
        half = part[: part.shape[0] // 2 * 2, : part.shape[1] // 2 * 2]
        part = np.asarray(cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    if size != (part.shape[1], part.shape[0]):
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR))
    if mirrored:
        part = np.asarray(cv2.flip(part, 1))
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2BGRA), np.uint8)
