"""Encodes a film in segments, each by an encoder of its own, so that any of them can be made again alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av.error
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.chatter import hear_ffmpeg, reason
from liveswapping.media.codecs import Chosen, open_encoder
from liveswapping.media.colour import ColourConverter, colour_tag
from liveswapping.media.info import SourceInfo
from liveswapping.media.segment import SegmentWriter

_FINE: Final = Fraction(1, 90000)
"""The unit of time stamps where the source has none: 24, 25, 30, 30000/1001 and 60 frames a second are whole in it."""
_FINEST: Final = 1_000_000
"""Largest denominator of a unit that is taken over from the source."""
_USUAL_FPS: Final = Fraction(30)


@dataclass(frozen=True, slots=True)
class Form:
    """What a film's pictures are."""

    chosen: Chosen
    width: int
    height: int
    """Even, whatever the pictures are: their last pixels are repeated."""
    base: Fraction
    """The unit of its time stamps, in seconds."""
    fps: Fraction
    aspect: Fraction
    """Width of a pixel by its height."""

    @classmethod
    def like(cls, image: Image, info: SourceInfo, chosen: Chosen) -> Form:
        """The form of a film whose first picture is `image`, out of a source that says `info` of itself."""
        height, width = image.shape[:2]
        return cls(
            chosen, width + width % 2, height + height % 2, time_unit(info), info.fps or _USUAL_FPS, info.pixel_aspect
        )

    def encoder(self) -> VideoCodecContext:
        """A fresh encoder."""
        size = self.width, self.height
        return open_encoder(self.chosen, size, self.base, self.fps, self.aspect, self.colour)

    @property
    def colour(self) -> int:
        """As `colour_tag`."""
        return colour_tag(self.width, self.height)


def time_unit(info: SourceInfo) -> Fraction:
    """The unit that a film counts its time in: its source's, where that is a usual one."""
    base = info.time_base
    return _FINE if base is None or base.denominator > _FINEST else Fraction(1, base.denominator)


class FilmEncoder:
    """Writes segment after segment. One thread calls; a picture is encoded on another while the next is converted.

    Raises SinkError, that of a picture perhaps with the next call.
    """

    def __init__(self, form: Form, last: int | None = None) -> None:
        """`last`: the time stamp of the last picture of the segments that are there already."""
        hear_ffmpeg()
        self.form = form
        self.last = last
        """The time stamp of the last picture, in the film's unit."""
        self._converter = ColourConverter()
        self._context: VideoCodecContext | None = None
        self._segment: SegmentWriter | None = None
        self._coder = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._coding: Future[None] | None = None

    def begin(self, path: Path) -> None:
        """Begin a segment."""
        self._context = self.form.encoder()
        with _one_line(path):
            self._context.open()
        self._segment = SegmentWriter(path, self._context.extradata or b"")

    def write(self, frame: Frame) -> None:
        """Encode the next picture."""
        assert self._context is not None
        assert self._segment is not None
        form = self.form
        ticks = round((frame.pts or Fraction(0)) / form.base)
        self.last = ticks if self.last is None else max(ticks, self.last + 1)
        picture = self._converter.to_yuv(self._fitted(frame.image), form.chosen.kind.pixels, form.chosen.full_range)
        picture.pts, picture.time_base = self.last, form.base
        picture.duration = max(1, round(1 / form.fps / form.base))
        self._wait()
        self._coding = self._coder.submit(self._code, self._context, self._segment, picture)

    def end(self) -> None:
        """Close the segment: it is on the disk when this returns."""
        assert self._context is not None
        assert self._segment is not None
        self._wait()
        self._code(self._context, self._segment, None)
        self._segment.close()
        self._context = self._segment = None

    def close(self) -> None:
        """Let go of everything, and of a segment that is open."""
        self._coder.shutdown()
        if self._segment is not None:
            self._segment.abandon()
        self._context = self._segment = None

    def _wait(self) -> None:
        coding, self._coding = self._coding, None
        if coding is not None:
            coding.result()

    @staticmethod
    def _code(context: VideoCodecContext, segment: SegmentWriter, picture: VideoFrame | None) -> None:
        with _one_line(segment.path):
            segment.add(context.encode(picture))

    def _fitted(self, image: Image) -> Image:
        form = self.form
        height, width = image.shape[:2]
        if (width + width % 2, height + height % 2) != (form.width, form.height):
            size = form.width, form.height
            return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        if width % 2 or height % 2:
            padded = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
            return np.asarray(padded, np.uint8)
        return image


@contextlib.contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """FFmpeg's errors as SinkError."""
    try:
        yield
    except av.error.FFmpegError as error:
        raise SinkError(f"encoding '{path.stem}' failed: {reason(error)}") from error
