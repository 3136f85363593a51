"""A sink for eyes: it keeps the newest picture for whoever shows it, and never waits."""

from __future__ import annotations

from collections.abc import Callable

from liveswapping.domain.frame import Frame
from liveswapping.domain.handover import LatestSlot


class Preview:
    """Holds the newest frame. `announce`, if given, is called when a frame comes and none was waiting."""

    def __init__(self, announce: Callable[[], None] | None = None) -> None:
        self._slot: LatestSlot[Frame] = LatestSlot()
        self._announce = announce

    def write(self, frame: Frame) -> None:
        """Take the newest frame."""
        if self._slot.put(frame) and self._announce is not None:
            self._announce()

    def take(self, timeout: float) -> Frame | None:
        """The newest frame, from another thread; None after `timeout` seconds. Raises Closed when the run is over."""
        return self._slot.take(timeout)

    def close(self) -> None:
        """No more frames will come."""
        self._slot.close()
