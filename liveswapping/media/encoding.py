"""One video file being made: H.264, every picture at its time, a file's sound beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from av.packet import Packet

from liveswapping.domain.frame import Frame, Image
from liveswapping.media.chatter import hear_ffmpeg
from liveswapping.media.colour import ColourConverter, colour_tag
from liveswapping.media.info import SourceInfo
from liveswapping.media.part_file import WholeFile
from liveswapping.media.sound import Sound

_FINE = Fraction(1, 90000)
"""The unit of time stamps where the source has none: 24, 25, 30, 30000/1001 and 60 frames a second are whole in it."""
_FINEST = 1_000_000
"""Largest denominator of a unit that is taken over from the source."""
_USUAL_FPS = Fraction(30)
_LIMITED_RANGE = 1
"""AVCOL_RANGE_MPEG."""
_BUFFER_BYTES = 1 << 20


class Encoding:
    """Encodes into an existing, empty file. Raises OSError and FFmpegError as they come. One thread at a time."""

    def __init__(
        self,
        path: Path,
        container: str,
        first: Image,
        like: SourceInfo,
        options: dict[str, str],
        say: Callable[[str], None],
    ) -> None:
        """`container` is FFmpeg's name of the format, `options` are x264's; `first` gives the size of all frames.

        `say` is told what the recording does not take over as it is.
        """
        self._say = say
        self._size = first.shape[1], first.shape[0]
        self._step = 1 / (like.fps or _USUAL_FPS)
        self._base = _unit(like.time_base)
        self._last_ticks: int | None = None
        self._began: float | None = None
        self._end = Fraction(0)
        self._converter = ColourConverter()
        self._sound: Sound | None = None
        self._file = WholeFile(str(path), "r+")
        hear_ffmpeg()
        try:
            self._container = av.open(
                self._file,
                "w",
                format=container,
                options={} if container == "matroska" else {"movflags": "+faststart"},
                io_open=lambda url, flags, options: _reopened(path),  # to move the index to the front
                buffer_size=_BUFFER_BYTES,
            )
            self._add_video(options, like)
            if like.path is not None and like.audio:
                self._sound = Sound(like.path, self._container, say)
        except BaseException:
            self.abandon()
            raise

    def write(self, frame: Frame) -> None:
        """Encode one frame, with the sound before it."""
        time = self._time(frame)
        ticks = round(time / self._base)
        if self._last_ticks is not None:
            ticks = max(ticks, self._last_ticks + 1)
        self._last_ticks = ticks
        picture = self._converter.to_yuv(self._fitted(frame.image))
        picture.pts, picture.time_base = ticks, self._base
        picture.duration = max(1, round(self._step / self._base))
        if self._sound is not None:
            self._mux(self._sound.until(time))
        self._mux(self._video.encode(picture))
        self._end = ticks * self._base + self._step

    def finish(self) -> None:
        """Encode what is under way, write the rest of the sound and the file's index."""
        self._mux(self._video.encode(None))
        if self._sound is not None:
            self._mux(self._sound.rest(self._end))
            self._sound.close()
        self._container.close()
        self._file.close()

    def abandon(self) -> None:
        """Let go of everything without finishing. Any number of times."""
        self._file.close()  # first: PyAV then leaves the index unwritten
        if self._sound is not None:
            self._sound.close()
            self._sound = None

    def _add_video(self, options: dict[str, str], like: SourceInfo) -> None:
        width, height = self._size
        even = width + width % 2, height + height % 2
        if even != self._size:
            self._say(
                f"the picture is {width}×{height} and H.264 needs even sides: "
                f"it was recorded as {even[0]}×{even[1]}, its last pixels repeated"
            )
        self._video = self._container.add_stream("libx264", rate=1 / self._step, options=options)
        context = self._video.codec_context
        context.width, context.height = even
        context.pix_fmt = "yuv420p"
        context.time_base = self._video.time_base = self._base
        context.sample_aspect_ratio = like.pixel_aspect
        context.color_range = _LIMITED_RANGE
        context.colorspace = context.color_primaries = context.color_trc = colour_tag(*even)

    def _time(self, frame: Frame) -> Fraction:
        if frame.pts is not None:
            return frame.pts
        if self._began is None:
            self._began = frame.captured_at
        return Fraction(frame.captured_at - self._began)

    def _fitted(self, image: Image) -> Image:
        width, height = self._size
        if image.shape[:2] != (height, width):
            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        if width % 2 or height % 2:
            padded = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
            image = np.asarray(padded, np.uint8)
        return image

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)


def _unit(source: Fraction | None) -> Fraction:
    if source is None or source.denominator > _FINEST:
        return _FINE
    return Fraction(1, source.denominator)


def _reopened(path: Path) -> BinaryIO:
    return path.open("rb")
