"""A source that ends early."""

from __future__ import annotations

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

    @property
    def live(self) -> bool:
        return self._source.live

    def read(self, timeout: float) -> Frame | None:
        """The next frame, as the source gives it."""
        if self._left == 0:
            raise EndOfStream
        frame = self._source.read(timeout)
        if frame is None:
            return None
        now = frame.captured_at if frame.pts is None else float(frame.pts)
        if self._began is None:
            self._began = now
        if self._seconds is not None and now - self._began >= self._seconds:
            raise EndOfStream
        if self._left is not None:
            self._left -= 1
        return frame

    def close(self) -> None:
        self._source.close()
