"""Decoded pictures of one stream as we know them: BGR, and standing upright."""

from __future__ import annotations

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

from liveswapping.domain.frame import Image
from liveswapping.media.colour import ColourConverter
from liveswapping.media.orientation import Orientation


class UprightConverter:
    """Converts the pictures of one stream. One thread at a time."""

    def __init__(self) -> None:
        self._colours = ColourConverter()
        self._orientation: Orientation | None = None

    def to_bgr(self, picture: VideoFrame) -> Image:
        """The picture in BGR with full range, turned the way the stream's first picture says."""
        if self._orientation is None:
            # Once: after being asked, PyAV keeps a picture until Python's garbage collector comes round, and without
            # anything to collect it does not come for hundreds of megabytes.
            self._orientation = _orientation_of(picture)
        return self._orientation.apply(self._colours.to_bgr(picture))


def _orientation_of(picture: VideoFrame) -> Orientation:
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData):
        return Orientation()
    return Orientation.of_display_matrix(np.frombuffer(bytes(matrix), np.int32))
