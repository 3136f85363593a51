"""A source that ends early."""

from __future__ import annotations

from typing import NoReturn

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Source


class Limited:
    """Ends `source` after so many frames read, or so many seconds of it, whichever comes first (None: never)."""

    def __init__(self, source: Source, frames: int | None, seconds: float | None) -> None:
        self._source = source
        self._left = frames
        self._seconds = seconds
        self._began: float | None = None
        self.ended = False
        """The source, or the limit, was reached: nothing is missing."""

    @property
    def live(self) -> bool:
        """As the source within."""
        return self._source.live

    def read(self, timeout: float) -> Frame | None:
        """The next frame, as the source gives it."""
        if self._left == 0:
            self._end()
        try:
            frame = self._source.read(timeout)
        except EndOfStream:
            self._end()
        if frame is None:
            return None
        now = frame.captured_at if frame.pts is None else float(frame.pts)
        if self._began is None:
            self._began = now
        if self._seconds is not None and now - self._began >= self._seconds:
            self._end()
        if self._left is not None:
            self._left -= 1
        return frame

    def close(self) -> None:
        """Close the source within."""
        self._source.close()

    def _end(self) -> NoReturn:
        self.ended = True
        raise EndOfStream
