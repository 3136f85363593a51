"""Where a live run's frames go: every open view, and what is plugged in and pulled out while the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from gui.background import begin
from gui.live.feed import Feed, stamped
from liveswapping.domain.errors import SinkError

if TYPE_CHECKING:
    from gui.live.originals import Originals
    from liveswapping.domain.frame import Frame
    from liveswapping.domain.protocols import Sink
    from liveswapping.pipeline.runner import Runner


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
    """Outputs by name, plugged into a run and pulled out while it goes on. For the window's thread.

    Opening one happens on a thread beside, as it may take a while; the run closes them.
    """

    def __init__(self, runner: Runner, failed: Callable[[str, SinkError], None], pulled: Callable[[str], None]) -> None:
        """`failed` and `pulled` are told, on any thread, of what ended by itself and of what was closed well."""
        self._runner = runner
        self._failed = failed
        self._pulled = pulled
        self._wanted: dict[str, object] = {}
        self._open: dict[str, Sink] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What is plugged in, or about to be."""
        return tuple(self._wanted)

    def plug(self, name: str, make: Callable[[], Sink]) -> None:
        """Open an output and write to it from the next frame on; `failed` is told where that cannot be."""
        ticket = self._wanted[name] = object()
        begin(threading.Thread(target=self._plug, args=(name, make, ticket), name=f"opening {name}", daemon=True))

    def pull(self, name: str) -> None:
        """No more frames for it; `pulled` is told when it is whole."""
        self._wanted.pop(name, None)
        self._take_out(name)

    def _plug(self, name: str, make: Callable[[], Sink], ticket: object) -> None:
        try:
            sink = make()
        except SinkError as error:
            self._forget(name, ticket)
            self._failed(name, error)
            return
        self._open[name] = sink
        self._runner.add(sink, lambda error: self._ended(name, sink, ticket, error))
        if self._wanted.get(name) is not ticket:  # it was pulled before it was open
            self._take_out(name)

    def _take_out(self, name: str) -> None:
        sink = self._open.pop(name, None)
        if sink is not None:
            self._runner.remove(sink)

    def _ended(self, name: str, sink: Sink, ticket: object, error: SinkError | None) -> None:
        if self._open.get(name) is sink:
            del self._open[name]
        self._forget(name, ticket)
        if error is None:
            self._pulled(name)
        else:
            self._failed(name, error)

    def _forget(self, name: str, ticket: object) -> None:
        if self._wanted.get(name) is ticket:
            del self._wanted[name]
