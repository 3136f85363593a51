"""A masker by a network of the user's: an occluder or a parser."""

from __future__ import annotations

from math import ceil, floor

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.imaging.align import FFHQ, crop
from liveswapping.inference.onnx_mask import OnnxMask


class NetworkMasker:
    """Masker over five keypoints, by a network that it owns. Every frame is judged by itself. One thread at a time."""

    def __init__(self, network: OnnxMask) -> None:
        self.network = network
        """What it runs on, and why not on something faster, is the network's to say."""
        self._image: Image | None = None

    def start(self, image: Image) -> None:
        """A new picture."""
        self._image = image

    def mask(self, image: Image, face: Face) -> Mask | None:
        """What of `face` is visible; None where the face lies outside the picture."""
        size = self.network.size
        matrix = FFHQ.matrix(face.keypoints, size)
        region = _region(matrix, size, image)
        if not region.width or not region.height:
            return None
        shares = self.network.run(crop(image, matrix, size))
        return Mask(region, _in_region(shares, matrix, region))

    def reset(self) -> None:
        """Nothing is kept from frame to frame."""

    def close(self) -> None:
        """Release the network."""
        self.network.close()


def _region(matrix: F32, size: int, image: Image) -> Region:
    """The frame's pixels under the crop."""
    back = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float32) @ back[:, :2].T + back[:, 2]
    left, top = max(0, floor(corners[:, 0].min())), max(0, floor(corners[:, 1].min()))
    right, bottom = min(image.shape[1], ceil(corners[:, 0].max())), min(image.shape[0], ceil(corners[:, 1].max()))
    return Region(left, top, max(0, right - left), max(0, bottom - top))


def _in_region(shares: F32, matrix: F32, region: Region) -> F32:
    """The crop's values at the frame's pixels; 1 where the crop does not reach."""
    shifted = matrix.astype(np.float64).copy()
    shifted[:, 2] += shifted[:, :2] @ (region.left, region.top)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (region.width, region.height)
    values = cv2.warpAffine(shares, shifted, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    return np.asarray(values, np.float32)
