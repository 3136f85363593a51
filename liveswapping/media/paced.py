"""A file played at its own pace, as if it were a camera."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.frame import Frame
from liveswapping.media.info import MediaSource, SourceInfo
from liveswapping.media.live import LiveFeed

_PATIENCE = 1.0


class PacedSource:
    """Plays `source`, which it owns, by its time stamps; who reads too slowly misses frames, as with a camera."""

    live: Final = True

    def __init__(self, source: MediaSource) -> None:
        self._source = source
        self._feed = LiveFeed("paced", self._play)

    @property
    def info(self) -> SourceInfo:
        """As the source within, but for its sound, which does not wait for us."""
        return replace(self._source.info, path=None, audio=())

    @property
    def damaged(self) -> int:
        """As the source within."""
        return self._source.damaged

    def read(self, timeout: float) -> Frame | None:
        """The newest frame."""
        return self._feed.read(timeout)

    def close(self) -> None:
        """Stop playing and close the source within."""
        self._feed.close()

    def _play(self, feed: LiveFeed) -> None:
        began: float | None = None
        try:
            while not feed.stopping.is_set():
                frame = self._source.read(_PATIENCE)
                if frame is None or frame.pts is None:
                    continue
                now = time.perf_counter()
                began = now - float(frame.pts) if began is None else began
                feed.stopping.wait(max(0.0, began + float(frame.pts) - now))
                feed.put(frame.image, time.perf_counter())
        except EndOfStream:
            return
        finally:
            self._source.close()
