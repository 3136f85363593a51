"""Holding the picture back, so that it meets a sound that comes late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from liveswapping.domain.frame import Frame


class DelayLine:
    """Frames that wait for their time. Bounded in bytes: a long delay of large frames keeps fewer of them a second."""

    def __init__(self, limit_bytes: int = 512 * 1024 * 1024) -> None:
        self._limit_bytes = limit_bytes
        self._waiting: deque[Frame] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, frame: Frame, delay: float) -> bool:
        """Let `frame` wait for `delay` seconds from its capture; False where it was left out for want of room.

        Room for n frames is shared out evenly: a frame nearer than delay / n to the one before is left out.
        """
        room = max(2, self._limit_bytes // max(1, frame.image.nbytes))
        if self._waiting and frame.captured_at - self._waiting[-1].captured_at < delay / room:
            return False
        self._waiting.append(frame)
        return True

    def due(self, now: float, delay: float) -> Iterator[Frame]:
        """Take out the frames whose time has come, oldest first."""
        while self._waiting and self._waiting[0].captured_at + delay <= now:
            yield self._waiting.popleft()

    def clear(self) -> None:
        """Drop everything."""
        self._waiting.clear()
