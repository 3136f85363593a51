"""The eight ways to turn and mirror a picture, and a source that does it to every frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.around import AroundSource
from liveswapping.media.info import MediaSource, SourceInfo


@dataclass(frozen=True, slots=True)
class Orientation:
    """First rows and columns change places, then columns are reversed, then rows."""

    transposed: bool = False
    columns_reversed: bool = False
    rows_reversed: bool = False

    @classmethod
    def turned(cls, rotate: int, mirror: bool) -> Orientation:
        """Turned clockwise by `rotate` degrees (0, 90, 180, 270), then mirrored left to right."""
        if rotate not in (0, 90, 180, 270):
            raise SettingsError(f"a picture cannot be turned by {rotate} degrees: use 0, 90, 180 or 270")
        columns = (rotate in (90, 180)) != mirror
        return cls(rotate in (90, 270), columns, rotate in (180, 270))

    @classmethod
    def of_display_matrix(cls, matrix: NDArray[np.int32]) -> Orientation:
        """(9,) as in FFmpeg's libavutil/display.h and QuickTime's track header: x' = a·x + c·y, y' = b·x + d·y."""
        a, b, _, c, d = (int(value) for value in matrix[:5])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(False, a < 0, d < 0)
        return cls(True, c < 0, b < 0)

    def apply(self, image: Image) -> Image:
        """A turned copy; `image` itself where there is nothing to turn."""
        if self.transposed:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self.columns_reversed or self.rows_reversed:
            direction = 1 if not self.rows_reversed else -1 if self.columns_reversed else 0
            image = np.asarray(cv2.flip(image, direction), np.uint8)
        return image


class TurnedSource(AroundSource):
    """`source` with every frame turned. Everything else stays as it is."""

    def __init__(self, source: MediaSource, orientation: Orientation) -> None:
        super().__init__(source)
        self._orientation = orientation

    @property
    def info(self) -> SourceInfo:
        """That of the source within, in the size in which frames come out here."""
        info = self.source.info
        if not self._orientation.transposed:
            return info
        return replace(info, width=info.height, height=info.width, pixel_aspect=1 / info.pixel_aspect)

    def read(self, timeout: float) -> Frame | None:
        """The next frame, turned."""
        frame = self.source.read(timeout)
        return None if frame is None else replace(frame, image=self._orientation.apply(frame.image))
