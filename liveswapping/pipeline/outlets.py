"""All sinks of a run as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Sink


class Outlets:
    """Writes each frame to every sink and closes each of them exactly once."""

    def __init__(self, sinks: Sequence[Sink], live: bool) -> None:
        """`live`: a sink that fails is closed and left out while another works; else any failure ends the run."""
        self._sinks = list(sinks)
        self._live = live

    def write(self, frame: Frame) -> str:
        """Hand `frame` to every sink. Answers why one was given up, or "". Raises SinkError when it cannot go on."""
        given_up = ""
        for sink in list(self._sinks):
            try:
                sink.write(frame)
            except SinkError as error:
                if not self._live or len(self._sinks) == 1:
                    raise
                given_up = str(error)
                self._sinks.remove(sink)
                _close_failed(sink)
        return given_up

    def close(self) -> None:
        """Close every sink, whatever one of them raises."""
        with ExitStack() as all_of_them:
            for sink in self._sinks:
                all_of_them.callback(sink.close)
            self._sinks = []


def _close_failed(sink: Sink) -> None:
    with suppress(SinkError):  # what is wrong with it is known already
        sink.close()
