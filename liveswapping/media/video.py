"""Video files: every frame, in order, at its own time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from av.video.frame import VideoFrame

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.colour import ColourConverter
from liveswapping.media.decoder import Decoder
from liveswapping.media.info import SourceInfo
from liveswapping.media.orientation import orientation_of

_USUAL_FPS = Fraction(25)


class VideoSource:
    """A video file, upright. Damaged pictures are counted; good ones all come, at their own time.

    A picture that FFmpeg could mend is delivered, so that time goes on, and counted as damaged too.
    """

    live: Final = False

    def __init__(self, path: str | Path) -> None:
        """Reads the first frame, so that what is no video raises SourceError here."""
        self._decoder = Decoder(Path(path))
        self._converter = ColourConverter()
        self._closed = False
        self._frames = self._decoded()
        self._waiting = next(self._frames, None)
        if self._waiting is None:
            count = f" ({self.damaged} damaged)" if self.damaged else ""
            raise SourceError(f"'{path}' holds no picture that can be decoded{count}; use another file")
        self.info: Final = _as_delivered(self._decoder.info, self._waiting.image)

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be decoded, or only in part."""
        return self._decoder.damaged

    def read(self, timeout: float) -> Frame | None:
        """The next frame; a file does not keep one waiting, so `timeout` plays no part."""
        frame, self._waiting = self._waiting, None
        try:
            if self._closed:
                raise EndOfStream
            return frame or next(self._frames)
        except StopIteration:
            raise EndOfStream from None
        finally:
            if self._closed:
                self._release()

    def close(self) -> None:
        """Release the file: now, or as soon as a read that another thread is in comes back."""
        self._closed = True
        self._waiting = None
        self._release()

    def _release(self) -> None:
        with contextlib.suppress(ValueError):  # "generator already executing": the thread in `read` will release
            self._frames.close()

    def _decoded(self) -> Generator[Frame, None, None]:
        clock = _Clock(self._decoder.origin, self._decoder.info.fps or _USUAL_FPS)
        with contextlib.closing(self._decoder.pictures()) as pictures:
            for index, picture in enumerate(pictures):
                now = time.perf_counter()
                image = orientation_of(picture).apply(self._converter.to_bgr(picture))
                yield Frame(image, index, now, clock.time(picture))


class _Clock:
    """Times of pictures from the file's beginning. It goes on where a file has no times or jumps back."""

    def __init__(self, origin: Fraction, fps: Fraction) -> None:
        self._offset = -origin
        self._step = 1 / fps
        self._last: Fraction | None = None

    def time(self, picture: VideoFrame) -> Fraction:
        expected = Fraction(0) if self._last is None else self._last + self._step
        if picture.pts is None or picture.time_base is None:
            self._last = expected
        else:
            raw = picture.pts * picture.time_base
            if self._last is not None and raw + self._offset <= self._last:
                self._offset = expected - raw
            self._last = raw + self._offset
        return self._last


def _as_delivered(info: SourceInfo, first: Image) -> SourceInfo:
    height, width = first.shape[:2]
    lies = (info.width, info.height) != (width, height) and (info.height, info.width) == (width, height)
    return replace(info, width=width, height=height, pixel_aspect=1 / info.pixel_aspect if lies else info.pixel_aspect)
