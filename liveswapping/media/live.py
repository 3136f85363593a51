"""A thread that brings pictures, and the newest of them for whoever reads: the base of every live source."""

from __future__ import annotations

import enum
import logging
import threading
from collections.abc import Callable

from liveswapping.domain.errors import EndOfStream, LiveSwappingError, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.handover import Closed, LatestSlot

_CLOSE_WITHIN = 2.0
"""Seconds to wait for the thread. A driver that hangs cannot be interrupted: its thread ends when it comes back."""

_log = logging.getLogger(__name__)


class LiveState(enum.Enum):
    """How a live source is doing."""

    OPENING = "opening"
    LIVE = "live"
    BLACK = "black"
    """It delivers, but nothing can be seen: a cover, or a virtual camera that nobody feeds."""
    LOST = "lost"
    """Unplugged, cut off or hung; we keep trying."""
    CLOSED = "closed"


class LiveFeed:
    """Runs `produce(feed)` on its own thread; the newest frame wins.

    `produce` calls `put` with every picture and returns soon after `stopping` is set. It owns its device: opens it,
    reads it and releases it, all on that thread. Its return is the end of the stream; `read` raises what it raises.
    """

    def __init__(self, name: str, produce: Callable[[LiveFeed], None]) -> None:
        self.stopping = threading.Event()
        self._slot: LatestSlot[Frame] = LatestSlot()
        self._count = 0
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(produce,), name=name, daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that a newer one replaced before they were read."""
        return self._slot.dropped

    def put(self, image: Image, captured_at: float) -> None:
        """Hand over a picture. From `produce` only."""
        self._slot.put(Frame(image, self._count, captured_at))
        self._count += 1

    def read(self, timeout: float) -> Frame | None:
        """The newest frame. Raises what `produce` raised, and EndOfStream after its end."""
        try:
            return self._slot.take(timeout)
        except Closed:
            if self._error is not None:
                raise self._error from None
            raise EndOfStream from None

    def close(self) -> None:
        """Stop the thread and wait for it, but not for ever. Any thread, more than once."""
        self.stopping.set()
        self._slot.close()
        if self._thread is not threading.current_thread():
            self._thread.join(_CLOSE_WITHIN)

    def _run(self, produce: Callable[[LiveFeed], None]) -> None:
        try:
            produce(self)
        except LiveSwappingError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            _log.exception("a live source failed")
            self._error = SourceError(f"the source failed ({type(error).__name__}: {error}); see the log")
        finally:
            self._slot.close()
