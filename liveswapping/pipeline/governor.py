"""Keeps the rate and the delay, and spends what is left on quality.

Every part that can do with less says what it would give up (`Adjustable`); together that is a ladder. The governor
goes down a rung when frames come out too late or too seldom, and back up when there has been room for a while. A rung
that turned out to be too high is tried again later and later, so that it does not flap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liveswapping.domain.protocols import Adjustable

PAUSE: Final = 1.0
"""Seconds between two changes, at least."""
PATIENCE: Final = 0.3
"""Seconds for which frames must have been too late before something is given up."""
FAR_OVER: Final = 3.0
"""So many times the allowance, and it is given up at once."""
CALM: Final = 3.0
"""Seconds of room before something is taken back, to begin with."""
LONGEST: Final = 120.0
"""The same at most: it doubles when taking back was wrong."""
REGRET: Final = 10.0
"""Seconds within which having to give up again means that."""
FULL: Final = 0.97
ROOM: Final = 0.75
"""Shares of the allowance: above the first there is too little, below the second there is room."""
_WINDOW: Final = 9
"""Frames over which time is looked at."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a frame may take, in seconds."""

    latency: float
    """From capture until it is ready."""
    interval: float
    """From frame to frame."""


class Governor:
    """One pipeline's ladder. Called after every frame, from one thread."""

    def __init__(self, parts: Sequence[Adjustable]) -> None:
        """`parts`: whatever can do with less, in the order in which it shall."""
        self._rungs = [(part, count, name) for part in parts for count, name in enumerate(part.savings, 1)]
        self._given_up: list[int] = []
        self._latencies: deque[float] = deque(maxlen=_WINDOW)
        self._work: deque[float] = deque(maxlen=_WINDOW)
        self._changed_at = self._over_since = self._calm_since = -1e9
        self._over = self._calm = False
        self._taken_back_at = -1e9
        self._wait = CALM
        self.changes = 0
        """How often a rung was changed."""

    @property
    def words(self) -> str:
        """What was given up, the last first; empty: nothing."""
        return ", ".join(self._rungs[index][2] for index in reversed(self._given_up))

    def observe(self, now: float, latency: float, work: float, allowance: Allowance) -> bool:
        """Take in one frame: how late it was and for how long it kept the loop busy. True where a rung was changed."""
        self._latencies.append(latency)
        self._work.append(work)
        load = max(
            float(np.median(self._latencies)) / allowance.latency, float(np.median(self._work)) / allowance.interval
        )
        over, calm = load > FULL, load < ROOM
        self._over_since = self._over_since if over and self._over else now
        self._calm_since = self._calm_since if calm and self._calm else now
        self._over, self._calm = over, calm
        if now - self._changed_at < PAUSE:
            return False
        if over and (load > FAR_OVER or now - self._over_since >= PATIENCE):
            return self._give_up(now)
        if calm and now - self._calm_since >= self._wait:
            return self._take_back(now, allowance)
        return False

    def release(self) -> bool:
        """Take everything back at once (the user wants quality fixed). True where something changed."""
        changed = bool(self._given_up)
        while self._given_up:
            self._take(self._given_up[-1], back=True)
        return changed

    def _give_up(self, now: float) -> bool:
        useful = (
            index
            for index, (part, count, _) in enumerate(self._rungs)
            if index not in self._given_up and part.cost(count) >= 0
        )
        index = next(useful, None)
        if index is None:
            return False
        self._wait = min(LONGEST, 2 * self._wait) if now - self._taken_back_at < REGRET else self._wait
        self._take(index, back=False)
        self._note(now)
        return True

    def _take_back(self, now: float, allowance: Allowance) -> bool:
        if not self._given_up:
            return False
        part, count, _ = self._rungs[self._given_up[-1]]
        if float(np.median(self._work)) + part.cost(count) > FULL * allowance.interval:
            return False
        self._take(self._given_up[-1], back=True)
        self._taken_back_at = now
        self._note(now)
        return True

    def _take(self, index: int, *, back: bool) -> None:
        """Give rung `index` up, or take it back."""
        part, count, _ = self._rungs[index]
        if back:
            self._given_up.remove(index)
        else:
            self._given_up.append(index)
        part.save(count - 1 if back else count)

    def _note(self, now: float) -> None:
        self._changed_at = self._over_since = self._calm_since = now
        self._latencies.clear()
        self._work.clear()
        self.changes += 1
