"""All sinks of a run as one. They come and go while it runs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Sink

Ended = Callable[[SinkError | None], None]
"""Told, on any thread, that a sink has been closed: whole (None), or what went wrong with it."""


@dataclass(slots=True, eq=False)
class _Guest:
    """A sink that was added: what becomes of it is its owner's business, and never ends the run."""

    sink: Sink
    ended: Ended


@dataclass(slots=True)
class _Wishes:
    """What other threads have asked for; a deque takes and gives without a lock."""

    added: deque[_Guest] = field(default_factory=deque)
    removed: deque[Sink] = field(default_factory=deque)
    over: bool = False


class Outlets:
    """Writes each frame to every sink and closes each of them exactly once.

    `add` and `remove` may be called by any thread, everything else by the runner's.
    """

    def __init__(self, sinks: Sequence[Sink], live: bool) -> None:
        """`live`: a sink that fails is closed and left out while another works; else any failure ends the run."""
        self._sinks = list(sinks)
        self._guests: list[_Guest] = []
        self._live = live
        self._wishes = _Wishes()
        self._closers: list[threading.Thread] = []

    def add(self, sink: Sink, ended: Ended) -> None:
        """From the next frame on, write to `sink`, which is ours from now on: it is closed whatever happens.

        `ended` is called once. After the end of the run that is at once.
        """
        self._wishes.added.append(_Guest(sink, ended))
        if self._wishes.over:
            self._turn_away()

    def remove(self, sink: Sink) -> None:
        """No more frames for a sink that was added; it is closed beside the run, as finishing a file takes a while."""
        self._wishes.removed.append(sink)

    def adopt(self) -> None:
        """Let in and out who asked for it meanwhile."""
        wishes = self._wishes
        while wishes.added:
            self._guests.append(wishes.added.popleft())
        while wishes.removed:
            sink = wishes.removed.popleft()
            for guest in [one for one in self._guests if one.sink is sink]:
                self._let_out(guest, None)

    def write(self, frame: Frame) -> str:
        """Hand `frame` to every sink. Answers why one was given up, or "". Raises SinkError when it cannot go on."""
        given_up = ""
        for guest in list(self._guests):
            try:
                guest.sink.write(frame)
            except SinkError as error:
                self._let_out(guest, error)
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
        """Close every sink, whatever one of them raises, and wait for those that are being closed."""
        self._wishes.over = True
        self.adopt()
        for guest in list(self._guests):
            self._let_out(guest, None)
        with ExitStack() as all_of_them:
            for thread in self._closers:
                all_of_them.callback(thread.join)
            for sink in self._sinks:
                all_of_them.callback(sink.close)
            self._sinks = []

    def _let_out(self, guest: _Guest, error: SinkError | None) -> None:
        self._guests.remove(guest)
        closer = threading.Thread(target=_see_off, args=(guest, error), name="closing a sink", daemon=True)
        self._closers = [one for one in self._closers if one.is_alive()] + [closer]
        closer.start()

    def _turn_away(self) -> None:
        """Close whom nobody will write to any more."""
        with suppress(IndexError):  # the runner's thread, or another one, has taken it
            while True:
                _see_off(self._wishes.added.popleft(), None)


def _see_off(guest: _Guest, error: SinkError | None) -> None:
    """Close a guest's sink and tell its owner, of what failed first."""
    try:
        guest.sink.close()
    except SinkError as failure:
        error = error or failure
    guest.ended(None if error is None else error.with_traceback(None))


def _close_failed(sink: Sink) -> None:
    with suppress(SinkError):  # what is wrong with it is known already
        sink.close()
