"""A source that is read ahead on a thread of its own."""

from __future__ import annotations

import threading

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import BoundedQueue, Closed
from liveswapping.domain.protocols import Source


class PrefetchedSource:
    """`source`, a file, with so many frames decoded ahead as wait for their turn."""

    live = False

    def __init__(self, source: Source, size: int = 4) -> None:
        self._source = source
        self._queue: BoundedQueue[Frame] = BoundedQueue(size)
        self._failure: Exception | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._read_all, name="decode", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Nobody wants any more. Any thread."""
        return self._closed

    def read(self, timeout: float) -> Frame | None:
        """The next frame, as the source gives it."""
        try:
            return self._queue.take(timeout)
        except Closed:
            raise self._failure or EndOfStream() from None

    def close(self) -> None:
        """Stop reading, and close the source within."""
        if self._closed:
            return
        self._closed = True
        self._queue.close()
        self._thread.join()
        self._source.close()

    def _read_all(self) -> None:
        try:
            while not self._closed:
                frame = self._source.read(1.0)
                if frame is not None:
                    self._queue.put(frame)
        except Closed:
            pass
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell; `read` does
            self._failure = error.with_traceback(None)
        finally:
            self._queue.close()
