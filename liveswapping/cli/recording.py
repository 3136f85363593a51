"""A recording that is kept only when all of it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping.domain.frame import Frame
    from liveswapping.media.recorder import VideoRecorder


class WholeRecording:
    """The sink `recorder`, whose file appears only if `complete` answers True when the run is over."""

    def __init__(self, recorder: VideoRecorder, complete: Callable[[], bool]) -> None:
        self._recorder = recorder
        self._complete = complete

    def write(self, frame: Frame) -> None:
        """Record one frame."""
        self._recorder.write(frame)

    def close(self) -> None:
        """Finish the file, or leave nothing behind."""
        if self._complete():
            self._recorder.close()
        else:
            self._recorder.abort()
