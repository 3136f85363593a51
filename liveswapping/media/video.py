"""Video files: every frame, in order, at its own time."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.clock import ClockState, PictureClock
from liveswapping.media.decoder import Decoder
from liveswapping.media.info import SourceInfo
from liveswapping.media.upright import UprightConverter


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a file can be taken up again, before the frame `index`."""

    index: int
    stamp: int | None
    """The picture's own time stamp, in the stream's unit."""
    clock: ClockState
    """Of the file's clock before that picture."""
    damaged: int
    digest: str = ""
    """Of the frame's pixels, so that the right one is found again."""

    def signed(self, image: Image) -> Bookmark:
        """With the digest of the picture there."""
        return replace(self, digest=_digest(image))


class VideoSource:
    """A video file, upright. Damaged pictures are counted; good ones all come, at their own time.

    A picture that FFmpeg could mend is delivered, so that time goes on, and counted as damaged too.
    """

    live: Final = False

    def __init__(self, path: str | Path, start: Fraction | None = None) -> None:
        """Reads the first frame, so that what is no video raises SourceError here.

        `start`: the frames before this time, in seconds, are left out, and `index` counts from 0 there.
        """
        self._path = Path(path)
        self._start = start
        self._mark = Bookmark(0, None, (None, None), 0)
        self._open()
        self._begin(self._decoded(self._after_start(), None))

    @classmethod
    def at(cls, path: str | Path, start: Fraction | None, mark: Bookmark) -> VideoSource:
        """The same file from a bookmark on. Raises SourceError where that frame is not in it any more."""
        source = cls.__new__(cls)
        source._path, source._start = Path(path), start
        source._open()
        after = None if mark.stamp is None or source._decoder.untimed else mark.stamp - 1
        if after is not None:
            source._begin(source._decoded(after, mark))
            if source._is_at(mark):
                return source
            source.close()
            source._open()
        source._begin(source._decoded(source._after_start(), None))
        while source._waiting is not None and not source._is_at(mark):
            source._waiting = next(source._frames, None)
        if source._waiting is None:
            raise SourceError(f"'{path}' is not the file that was begun with; begin anew")
        return source

    @property
    def bookmark(self) -> Bookmark:
        """Where to begin again with the frame that was read last; to be `signed` with its picture."""
        return self._mark

    def _open(self) -> None:
        self._decoder = Decoder(self._path)
        self._converter = UprightConverter()
        self._closed = False
        self._late = 0

    def _is_at(self, mark: Bookmark) -> bool:
        waiting = self._waiting
        return waiting is not None and waiting.index == mark.index and _digest(waiting.image) == mark.digest

    def _after_start(self) -> int | None:
        """The stamp after which the pictures from `start` on lie, and perhaps some before; None: from the beginning."""
        base = self._decoder.info.time_base
        if self._start is None or base is None or self._decoder.untimed:
            return None
        return int((self._start + self._decoder.origin) / base) - 1

    def _begin(self, frames: Generator[Frame, None, None]) -> None:
        self._frames = frames
        self._waiting = next(self._frames, None)
        if self._waiting is None:
            count = f" ({self.damaged} damaged)" if self.damaged else ""
            if self._start:
                raise SourceError(f"'{self._path}' ends before {float(self._start):g} s; begin earlier")
            raise SourceError(f"'{self._path}' holds no picture that can be decoded{count}; use another file")
        self.info = _as_delivered(self._decoder.info, self._waiting.image)

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be decoded, or only in part."""
        return self._decoder.damaged + self._late

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

    def _decoded(self, after: int | None, mark: Bookmark | None) -> Generator[Frame, None, None]:
        clock = PictureClock(self._decoder)
        index, start = 0, self._start or Fraction(0)
        if mark is not None:
            clock.state, index, self._decoder.damaged = mark.clock, mark.index, mark.damaged
        with contextlib.closing(self._decoder.pictures(after)) as pictures:
            for picture in pictures:
                captured_at, state, damaged = time.perf_counter(), clock.state, self.damaged
                pts = clock.time(picture)
                if pts is None:
                    self._late += 1
                    continue
                if pts < start:
                    continue
                self._mark = Bookmark(index, picture.pts, state, damaged)
                yield Frame(self._converter.to_bgr(picture), index, captured_at, pts)
                index += 1


def _digest(image: Image) -> str:
    return hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).hexdigest()


def _as_delivered(info: SourceInfo, first: Image) -> SourceInfo:
    height, width = first.shape[:2]
    lies = (info.width, info.height) != (width, height) and (info.height, info.width) == (width, height)
    return replace(info, width=width, height=height, pixel_aspect=1 / info.pixel_aspect if lies else info.pixel_aspect)
