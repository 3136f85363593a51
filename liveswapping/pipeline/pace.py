"""How often frames come, how long they take, and what follows for the loop of a live run."""

from __future__ import annotations

from collections import deque
from typing import Final

from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.governor import Allowance

USUAL: Final = 1 / 30
"""Seconds from frame to frame until it is known."""
_WINDOW: Final = 31
_EARLY: Final = 0.8
"""A frame that comes this share of the wanted interval after the last one is not too early: cameras are not exact."""

_MARGIN: Final = 0.001
"""Seconds by which faces shall rather be found too early than too late."""


class Pace:
    """One live run's. `comes` is called by the thread that reads frames, all else by the one that draws them."""

    def __init__(self) -> None:
        self._interval = USUAL
        self._steps: deque[float] = deque(maxlen=_WINDOW)
        self._last: Frame | None = None
        self._due = 0.0
        self._finding = self._drawing = 0.0

    def comes(self, frame: Frame, settings: Settings) -> bool:
        """Take notice of a frame; False where it is to be left out for the sake of `target_fps`."""
        if self._last is not None and frame.index > self._last.index:
            step = (frame.captured_at - self._last.captured_at) / (frame.index - self._last.index)
            if step > 0:
                self._steps.append(step)
                self._interval = sorted(self._steps)[len(self._steps) // 2]
        self._last = frame
        if settings.target_fps is None:
            return True
        wanted = 1 / settings.target_fps
        if frame.captured_at < self._due - (1 - _EARLY) * wanted:
            return False
        self._due = max(self._due, frame.captured_at - wanted) + wanted
        return True

    def took(self, finding: float, drawing: float) -> None:
        """A frame took so many seconds until its faces were found, and so many from then on."""
        self._finding, self._drawing = finding, drawing

    @property
    def interval(self) -> float:
        """Seconds from one frame of the source to the next."""
        return self._interval

    @property
    def lead(self) -> float:
        """Seconds from when a frame begins to be drawn until the next one shall be taken in.

        Its faces are then found when the drawing ends: nobody waits for them, and no frame is begun only to grow old.
        """
        return max(0.0, self._drawing - self._finding - _MARGIN)

    @property
    def work(self) -> float:
        """Seconds for which a frame keeps the loop busy: the next one's faces are looked for while it is drawn."""
        return max(self._finding, self._drawing)

    def allowance(self, settings: Settings) -> Allowance:
        """What a frame may take."""
        interval = self.interval if settings.target_fps is None else max(self.interval, 1 / settings.target_fps)
        return Allowance(max(settings.max_latency_ms / 1000, 1.2 * interval), interval)
