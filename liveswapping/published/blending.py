"""The published names for putting a swapped face back into a frame."""

from __future__ import annotations

from math import ceil, floor, hypot, sqrt
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image

_SOLID: Final = 20
"""Of 255: from here on the warped mask counts as whole."""


def blend_swapped_image(swapped_face: Image, target_image: Image, M: F32) -> Image:  # noqa: N803 - the published name
    """The frame with a swapped crop in it; `M` (2, 3) leads from the frame to the crop (see norm_crop2).

    The border is worn down by a tenth of the face and blurred over a twentieth, as published. Only the face's rectangle
    is worked on.
    """
    result = target_image.copy()
    size = swapped_face.shape[1::-1]
    reach = sqrt(size[0] * size[1]) / max(hypot(M[0, 0], M[1, 0]), 1e-6)
    kernel, blur = max(int(reach) // 10, 10), max(int(reach) // 20, 5)
    left, top, right, bottom = _bounds(M, size, target_image, kernel + 2 * blur)
    if right <= left or bottom <= top:
        return result
    shifted = np.asarray(M, np.float64).copy()
    shifted[:, 2] += shifted[:, :2] @ (left, top)
    flags, area = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, (right - left, bottom - top)
    face = cv2.warpAffine(swapped_face, shifted, area, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    white = np.full(swapped_face.shape[:2], 255, np.uint8)
    mask = (cv2.warpAffine(white, shifted, area, flags=flags) > _SOLID).astype(np.float32)
    worn = cv2.erode(mask, np.ones((kernel, kernel), np.uint8))
    share = np.asarray(cv2.GaussianBlur(worn, (2 * blur + 1, 2 * blur + 1), 0), np.float32)[..., None]
    part = result[top:bottom, left:right]
    part[:] = np.rint(part + share * (np.asarray(face, np.float32) - part)).astype(np.uint8)
    return result


def blend_swapped_image_gpu(swapped_face: Image, target_image: Image, M: F32) -> Image:  # noqa: N803
    """The same as blend_swapped_image: a rectangle is blended sooner than a frame travels to a card and back."""
    return blend_swapped_image(swapped_face, target_image, M)


class AdaptiveBlending:
    """The published class; one way of blending serves every height, and the swapped face is never thrown away."""

    def blend_swapped_image_adaptive(self, swapped_face: Image, target_image: Image, M: F32) -> Image:  # noqa: N803
        """As blend_swapped_image."""
        return blend_swapped_image(swapped_face, target_image, M)


def _bounds(matrix: F32, size: tuple[int, int], image: Image, margin: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the frame's pixels under a crop, with a margin."""
    back = cv2.invertAffineTransform(np.asarray(matrix, np.float64))
    corners = (
        np.array([[0, 0], [size[0], 0], [0, size[1]], [size[0], size[1]]], np.float64) @ back[:, :2].T + back[:, 2]
    )
    left, top = (max(0, floor(edge) - margin) for edge in corners.min(axis=0))
    right = min(image.shape[1], ceil(corners[:, 0].max()) + margin)
    bottom = min(image.shape[0], ceil(corners[:, 1].max()) + margin)
    return left, top, right, bottom
