"""Takes in a live source: reads the next frame and has its faces found while the one before is drawn.

Frames come one at a time and only when they are asked for, so that nothing piles up, and between two of them whoever
asks has everything to himself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.protocols import Source
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.pace import Pace
from liveswapping.pipeline.pipeline import Begun

GAP: Final = 1.0
"""Seconds between captures after which a frame does not follow on from the one before: the camera was away."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A frame, and its faces; None where it does not follow on, and nobody has looked for them."""

    frame: Frame
    begun: Begun | None


class Intake:
    """One live source's. Called from one thread; owns the thread that reads and looks, until `close`."""

    def __init__(self, source: Source, pace: Pace, look: Callable[[Image, Settings], Begun], patience: float) -> None:
        """`look` finds the faces of a picture, on the thread that calls it. `patience`: seconds to wait for a frame."""
        self._source, self._pace, self._look, self._patience = source, pace, look, patience
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._errand: Future[Taken | None] | None = None
        self._wanted = threading.Event()
        self._captured_at: float | None = None

    def begin(self, settings: Settings, lead: float = 0.0) -> None:
        """Begin with the next frame, unless that was done: in `lead` seconds, or when `take` is called.

        Of a paused run it is read and left.
        """
        if self._errand is None:
            self._wanted.clear()
            self._errand = self._worker.submit(self._fetch, settings, lead)

    def take(self, timeout: float) -> Taken | None:
        """The frame that was begun, when its faces are found; None where there is none within `timeout` seconds.

        Raises EndOfStream and SourceError.
        """
        errand = self._errand
        if errand is None:
            return None
        self._wanted.set()
        if not errand.done():
            wait((errand,), timeout)
            if not errand.done():
                return None
        self._errand = None
        return errand.result()

    def settle(self) -> Taken | None:
        """The frame that was begun, however long it takes: nothing is in work then. A failure waits for `take`."""
        if self._errand is None:
            return None
        self._wanted.set()
        return None if self._errand.exception() is not None else self.take(0.0)

    def close(self) -> None:
        """End the thread. What was begun is dropped."""
        self._wanted.set()
        self._worker.shutdown()

    def _fetch(self, settings: Settings, lead: float) -> Taken | None:
        if lead > 0:
            self._wanted.wait(lead)
        frame = self._source.read(self._patience)
        if frame is None or settings.paused:
            return None
        follows = self._captured_at is None or frame.captured_at - self._captured_at <= GAP
        self._captured_at = frame.captured_at
        if not self._pace.comes(frame, settings):
            return None
        return Taken(frame, self._look(frame.image, settings) if follows else None)
