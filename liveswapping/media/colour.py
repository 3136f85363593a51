"""Between a codec's YUV and our BGR, with the matrix and the range that belong to each other."""

from __future__ import annotations

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from liveswapping.domain.frame import Image
from liveswapping.domain.pool import ImagePool
from liveswapping.media.hdr import CURVES, tone_mapped

# Without these flags swscale takes short cuts that darken by 2 levels and shift towards green.
_EXACT = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)

_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED: the file does not say which matrix it was made with."""
_BT2020 = 9
"""AVCOL_SPC_BT2020_NCL."""
_BT709 = 1
"""AVCOL_SPC_BT709, AVCOL_PRI_BT709 and AVCOL_TRC_BT709."""
_SMPTE170M = 6
"""AVCOL_SPC_SMPTE170M, AVCOL_PRI_SMPTE170M and AVCOL_TRC_SMPTE170M: BT.601 of 525 lines."""


def is_hd(width: int, height: int) -> bool:
    """Whether a picture of this size is BT.709 where nothing is said, and BT.601 otherwise."""
    return width >= 1280 or height > 576


def colour_tag(width: int, height: int) -> int:
    """The number for matrix, primaries and transfer of a recording of this size: the three go together."""
    return _BT709 if is_hd(width, height) else _SMPTE170M


class ColourConverter:
    """Converts frame after frame of one stream. One thread at a time."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._pool = ImagePool()

    def to_bgr(self, frame: av.VideoFrame) -> Image:
        """Any decoded frame as BGR with full range; high dynamic range becomes BT.709."""
        if frame.color_trc in CURVES:
            return self._tone_mapped(frame)
        assumed = _matrix(frame.width, frame.height) if frame.colorspace == _UNSPECIFIED else None
        # Planes first: swscale writes those with vector instructions, and interleaved pixels one by one, at twice the
        # time. The numbers come out the same.
        planar = self._reformatter.reformat(
            frame,
            format="gbrp",
            src_colorspace=assumed,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
        )
        green, blue, red = (
            np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
            for plane in planar.planes
        )
        image = self._pool.empty((frame.height, frame.width, 3))
        cv2.merge((blue, green, red), image)
        return image

    def _tone_mapped(self, frame: av.VideoFrame) -> Image:
        matrix = _BT2020 if frame.colorspace == _UNSPECIFIED else None
        planar = self._reformatter.reformat(
            frame,
            format="gbrp10le",
            src_colorspace=matrix,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
        )
        green, blue, red = (
            np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, -1)[:, : plane.width]
            for plane in planar.planes
        )
        image = self._pool.empty((frame.height, frame.width, 3))
        tone_mapped(red, green, blue, frame.color_trc, image)
        return image

    def to_yuv(self, image: Image, pixels: str = "yuv420p", full_range: bool = False) -> av.VideoFrame:
        """A BGR picture as YUV in FFmpeg's pixel format `pixels`, BT.709 or BT.601 by its size; both sides are even."""
        height, width = image.shape[:2]
        matrix = _matrix(width, height)
        return self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24"),
            format=pixels,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
            interpolation=_EXACT,
        )


def _matrix(width: int, height: int) -> Colorspace:
    return Colorspace.ITU709 if is_hd(width, height) else Colorspace.ITU601
