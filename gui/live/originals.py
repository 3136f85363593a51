"""Frames as they came, kept until the same frame comes out swapped: for comparing before and after."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from liveswapping.media.around import AroundSource

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame, Image
    from liveswapping.media.info import MediaSource

_LIMIT_BYTES = 256 * 1024 * 1024


class Originals(AroundSource):
    """Stands around a source. Written by the run's thread only; `wanted` may be set by any."""

    def __init__(self, source: MediaSource, wanted: bool = False) -> None:
        super().__init__(source)
        self._kept: deque[tuple[int, Image]] = deque()
        self.wanted = wanted
        """Whether to keep anything at all."""
        self.last_read: Frame | None = None
        """The newest frame, as it came."""

    @property
    def state(self) -> str:
        """How a camera within is doing ("live", "lost", …); "" where the source is none."""
        inner: object = self.source
        while inner is not None:
            state = getattr(inner, "state", None)
            if state is not None:
                return str(getattr(state, "value", state))
            inner = getattr(inner, "source", None)
        return ""

    def read(self, timeout: float) -> Frame | None:
        """The next frame of the source."""
        frame = super().read(timeout)
        if frame is None:
            return None
        self.last_read = frame
        if self.wanted:
            self._kept.append((frame.index, frame.image))
            while len(self._kept) * frame.image.nbytes > _LIMIT_BYTES:
                self._kept.popleft()
        elif self._kept:
            self._kept.clear()
        return frame

    def of(self, frame: Frame) -> Image | None:
        """The picture that `frame` was before; None where it was not kept. Older ones are let go."""
        while self._kept and self._kept[0][0] < frame.index:
            self._kept.popleft()
        if self._kept and self._kept[0][0] == frame.index:
            return self._kept[0][1]
        return None
