"""How a job stands: one frozen value at a time, for whoever shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

_LATELY: Final = 30.0
"""Seconds over which the rate is taken."""


class Stage(Enum):
    """What a job is at."""

    PREPARING = "preparing"
    """Reading the source, finding the person to become, loading networks."""
    SWAPPING = "swapping"
    INPAINTING = "inpainting"
    JOINING = "joining"
    """All is swapped; the file is put together."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a job. Safe to keep and to hand to any thread."""

    stage: Stage
    item: str
    """What is worked on: a file's name."""
    done: int = 0
    """Frames of a film, or pictures and films of a batch, that are done, those of earlier runs among them."""
    total: int | None = None
    """How many there are; None: unknown."""
    fps: float = 0.0
    """How many were done a second, lately."""
    elapsed_s: float = 0.0
    """Of this run."""
    eta_s: float | None = None
    """Seconds to go at that rate; None: unknown."""
    resumed: int = 0
    """How many an earlier run had done."""
    failed: int = 0
    """How many could not be done."""

    @property
    def share(self) -> float | None:
        """0..1 of the present stage; None: unknown."""
        return min(1.0, self.done / self.total) if self.total else None


OnProgress: TypeAlias = Callable[[Progress], None]
"""Called on the thread that called `run`, a few times a second."""


def nobody(progress: Progress) -> None:
    """Tells nobody."""


class Meter:
    """Makes the snapshots of one job. One thread."""

    def __init__(self, item: str, tell: OnProgress) -> None:
        self._item = item
        self._tell = tell
        self._began = time.monotonic()
        self._seen: deque[tuple[float, int]] = deque()
        self._stage = Stage.PREPARING

    def show(self, stage: Stage, done: int = 0, total: int | None = None, *, resumed: int = 0, failed: int = 0) -> None:
        """Tell how it stands now."""
        now = time.monotonic()
        if stage is not self._stage:
            self._seen.clear()
            self._stage = stage
        self._seen.append((now, done))
        while self._seen[0][0] < now - _LATELY:
            self._seen.popleft()
        (first, before), seconds = self._seen[0], now - self._seen[0][0]
        fps = (done - before) / seconds if first < now else 0.0
        eta = (total - done) / fps if total is not None and fps > 0 else None
        elapsed = now - self._began
        self._tell(Progress(stage, self._item, done, total, fps, elapsed, eta, resumed, failed))
