"""Where a live run's frames go: every open view, and what is plugged in and pulled out while the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from gui.live.feed import Feed, stamped
from liveswapping.domain.errors import SinkError

if TYPE_CHECKING:
    from gui.live.originals import Originals
    from liveswapping.domain.frame import Frame
    from liveswapping.domain.protocols import Sink


class Screens:
    """A sink: shows every frame in all views. The views may change at any time."""

    def __init__(self, originals: Originals) -> None:
        self._originals = originals
        self.feeds: tuple[Feed, ...] = ()
        self.last: Frame | None = None
        """The newest frame that was shown: for a screenshot."""

    def write(self, frame: Frame) -> None:
        """Hand the frame to the views; never waits."""
        self.last = frame
        shown = stamped(frame.image, self._originals.of(frame))
        for feed in self.feeds:
            feed.offer(shown)

    def close(self) -> None:
        """Let the last frame go; the views stay."""
        self.last = None


class Plugs:
    """A sink into which others are plugged by name. One that fails is pulled out; the run goes on.

    `plug` and `pull` come from one thread, `write` from another: the mapping is replaced, never changed.
    """

    def __init__(self, failed: Callable[[str, SinkError], None], pulled: Callable[[str], None]) -> None:
        """`failed` and `pulled` are told, on any thread, of what ended by itself and of what was closed well."""
        self._failed = failed
        self._pulled = pulled
        self._sinks: dict[str, Sink] = {}
        self._closers: list[threading.Thread] = []

    @property
    def names(self) -> tuple[str, ...]:
        """What is plugged in."""
        return tuple(self._sinks)

    def plug(self, name: str, sink: Sink) -> None:
        """From the next frame on, write to `sink`, which is ours from now on."""
        self._sinks = {**self._sinks, name: sink}

    def pull(self, name: str) -> None:
        """No more frames for it; it is closed on a thread beside, as finishing a file takes a while."""
        sink = self._out(name)
        if sink is not None:
            closer = threading.Thread(target=self._close, args=(name, sink), name=f"closing {name}", daemon=True)
            self._closers = [one for one in self._closers if one.is_alive()] + [closer]
            closer.start()

    def write(self, frame: Frame) -> None:
        """Hand the frame on."""
        for name, sink in self._sinks.items():
            try:
                sink.write(frame)
            except SinkError as error:
                self._out(name)
                self._failed(name, error)

    def close(self) -> None:
        """Finish everything that is plugged in, and wait for it."""
        for name in self.names:
            sink = self._out(name)
            if sink is not None:
                self._close(name, sink)
        for closer in self._closers:
            closer.join()

    def _out(self, name: str) -> Sink | None:
        sinks = dict(self._sinks)
        sink = sinks.pop(name, None)
        self._sinks = sinks
        return sink

    def _close(self, name: str, sink: Sink) -> None:
        try:
            sink.close()
        except SinkError as error:
            self._failed(name, error)
        else:
            self._pulled(name)
