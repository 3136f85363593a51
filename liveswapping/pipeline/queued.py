"""A slow sink on a thread of its own, behind a bounded queue."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Final

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import BoundedQueue, Closed
from liveswapping.domain.protocols import Sink

_NICE: Final = 8
"""A sixth of what another thread gets while both have work (the scheduler's weights: 172 to 1024)."""


class QueuedSink:
    """Writes to `sink` from its own thread, which also closes it.

    A full queue drops the frame of a live run, whose loop must never wait; with a file the loop waits.
    """

    def __init__(
        self, sink: Sink, live: bool, size: int = 8, close_within: float | None = None, yielding: bool = False
    ) -> None:
        """`close_within`: seconds that `close` waits at most; what hangs longer ends by itself. None: for ever.

        `yielding`: where cores are short, others come first (Linux); rather a frame too few here than a late picture.
        """
        self._sink = sink
        self._yielding = yielding
        self._patience = 0.0 if live else None
        self._close_within = close_within
        self._queue: BoundedQueue[Frame] = BoundedQueue(size)
        self._error: Exception | None = None
        self._dropped = 0
        self._thread = threading.Thread(target=self._work, name="sink", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that the sink was too slow for."""
        return self._dropped

    def write(self, frame: Frame) -> None:
        """Queue one frame. Raises what the sink raised for an earlier one."""
        with suppress(Closed):
            self._dropped += not self._queue.put(frame, self._patience)
            return
        self._raise()  # not while `Closed` is handled, whose traceback would hold the whole run

    def close(self) -> None:
        """Write what is queued, then close the sink. Raises what the sink raised."""
        self._queue.close()
        self._thread.join(self._close_within)
        self._raise()

    def _work(self) -> None:
        if self._yielding:
            _let_others_go_first()
        for step in (self._write_all, self._queue.close, self._sink.close):
            try:
                step()
            except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
                self._error = self._error or error.with_traceback(None)  # a traceback would hold the frame

    def _write_all(self) -> None:
        try:
            while True:
                frame = self._queue.take(timeout=1.0)
                if frame is not None:
                    self._sink.write(frame)
        except Closed:
            pass

    def _raise(self) -> None:
        error, self._error = self._error, None
        if isinstance(error, SinkError):
            raise error
        if error is not None:
            raise SinkError(f"writing failed ({type(error).__name__}: {error})") from error


def _let_others_go_first() -> None:
    """For this thread and those that it starts, as an encoder's. Elsewhere than on Linux a thread has no nice value."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
