"""A sink for measuring: it takes frames and forgets them."""

from __future__ import annotations

from liveswapping.domain.frame import Frame


class NullSink:
    """Counts frames."""

    def __init__(self) -> None:
        self._frames = 0

    @property
    def frames(self) -> int:
        """How many came."""
        return self._frames

    def write(self, frame: Frame) -> None:
        """Count one more."""
        self._frames += 1

    def close(self) -> None:
        """There is nothing to close."""
