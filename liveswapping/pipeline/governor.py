"""Keeps the rate and the delay, and spends what is left on quality.

Every part that can do with less says what it would give up (`Adjustable`), and measures what that would save; together
that is a ladder. When frames come out too late or too seldom, the first rung is given up that saves enough; where none
does, the first of those that save nearly the most; on the way to it, what a part can give up of which nobody knows what
it saves is tried first. What saves next to nothing stays. It goes back up when there has
been room for a while; a rung that turned out to be too high is tried again later and later, so that it does not flap.
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
A_LITTLE: Final = 1.1
"""Up to so many times the allowance frames are late only a little, which must have lasted `ENDURANCE` seconds."""
ENDURANCE: Final = 2.0
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
COSTS: Final = 0.1
"""Share of the allowance: a rung that costs as much, where it was to save, is taken back at once."""
BELIEVED: Final = 30.0
"""Seconds after which what a rung was seen to save counts half."""
_WINDOW: Final = 9
"""Frames over which time is looked at."""
_FEW: Final = 2
"""With fewer frames nothing is said: the first one of a run, or after a change, may be slow for reasons of its own."""
NEARLY: Final = 0.8
"""Share of what is too much, or of the most that can be saved, which will do: the gentler rung of two is given up."""
WORTH: Final = 0.25
"""Share of what is too much that a rung must save, where that is known, to be of any use."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a frame may take, in seconds."""

    latency: float
    """From capture until it is ready."""
    interval: float
    """From frame to frame."""


@dataclass(frozen=True, slots=True)
class _Rung:
    """Part number `part` would do without its first `count` savings, which saves `gain` seconds a frame; 0: unknown."""

    part: int
    count: int
    gain: float


@dataclass(slots=True)
class _Try:
    """When a rung was given up, and how late frames were then and afterwards.

    Parts can tell what they save by themselves, and not what all others save because a core is free.
    """

    at: float
    before: float
    after: float | None = None

    def saved(self, now: float) -> float:
        """Seconds of latency, which are believed less and less."""
        return 0.0 if self.after is None else (self.before - self.after) * 0.5 ** ((now - self.at) / BELIEVED)


class Governor:
    """One pipeline's ladder. Called after every frame, from one thread."""

    def __init__(self, parts: Sequence[Adjustable]) -> None:
        """`parts`: whatever can do with less, in the order in which it shall."""
        self._parts = list(parts)
        self._saved = [0] * len(self._parts)
        self._given_up: list[int] = []
        """Numbers of the parts that do with less now, the one that was changed last at the end."""
        self._latencies: deque[float] = deque(maxlen=_WINDOW)
        self._work: deque[float] = deque(maxlen=_WINDOW)
        self._changed_at = self._over_since = self._calm_since = -1e9
        self._over = self._calm = False
        self._taken_back_at = -1e9
        self._wait = CALM
        self._tried: dict[int, _Try] = {}
        """What came of giving up rungs: the last one of each part."""
        self.changes = 0
        """How often a rung was changed."""

    @property
    def words(self) -> str:
        """What was given up, the last first; empty: nothing."""
        return ", ".join(self._parts[part].savings[self._saved[part] - 1] for part in reversed(self._given_up))

    def observe(self, now: float, latency: float, work: float, allowance: Allowance) -> bool:
        """Take in one frame: how late it was and for how long it kept the loop busy. True where a rung was changed."""
        self._latencies.append(latency)
        self._work.append(work)
        usual, busy = _usual(self._latencies), _usual(self._work)
        self._learn(now, usual)
        load = max(usual / allowance.latency, busy / allowance.interval)
        over, calm = load > FULL, load < ROOM
        self._over_since = self._over_since if over and self._over else now
        self._calm_since = self._calm_since if calm and self._calm else now
        self._over, self._calm = over, calm
        if now - self._changed_at < PAUSE or len(self._work) < _FEW:
            return False
        if self._put_right(COSTS * allowance.interval):
            self._note(now)
            return True
        patience = 0.0 if load > FAR_OVER else PATIENCE if load > A_LITTLE else ENDURANCE
        if over and now - self._over_since >= patience:
            return self._give_up(now, max(usual - FULL * allowance.latency, busy - FULL * allowance.interval))
        if calm and now - self._calm_since >= self._wait:
            room = Allowance(FULL * allowance.latency - usual, FULL * allowance.interval - busy)
            return self._take_back(now, room)
        return False

    def release(self) -> bool:
        """Take everything back at once (the user wants quality fixed). True where something changed."""
        changed = bool(self._given_up)
        for part in list(self._given_up):
            self._save(part, 0)
        return changed

    def _give_up(self, now: float, missing: float) -> bool:
        """Save what is `missing`, in seconds a frame, or as much of it as one rung can."""
        rung = self._rung_for(missing)
        if rung is None:
            return False
        self._wait = min(LONGEST, 2 * self._wait) if now - self._taken_back_at < REGRET else self._wait
        self._tried[rung.part] = _Try(now, _usual(self._latencies))
        self._save(rung.part, rung.count)
        self._note(now)
        return True

    def _put_right(self, least: float) -> bool:
        """Take back what is measured, now, to cost so many seconds a frame instead of saving any. True: it was."""
        for part in reversed(self._given_up):
            for count in range(self._saved[part]):
                if self._gain(part, count, self._saved[part]) < -least:
                    self._save(part, count)
                    return True
        return False

    def _rung_for(self, missing: float) -> _Rung | None:
        below = [
            _Rung(part, count, self._gain(part, self._saved[part], count))
            for part, saved in enumerate(self._saved)
            for count in range(saved + 1, len(self._parts[part].savings) + 1)
        ]
        most = max((rung.gain for rung in below), default=0.0)
        if most > WORTH * missing:
            chosen = next(rung for rung in below if rung.gain >= NEARLY * min(missing, most))
            untried = (
                rung for rung in below if rung.part == chosen.part and rung.count < chosen.count and not rung.gain
            )
            return next(untried, chosen)
        return next((rung for rung in below if rung.gain == 0.0), None)

    def _learn(self, now: float, latency: float) -> None:
        """Note how late frames are since a rung was given up, when what was in work then is done."""
        for attempt in self._tried.values():
            if len(self._latencies) == _WINDOW and (attempt.after is None or now - attempt.at <= PAUSE):
                attempt.after = latency

    def _take_back(self, now: float, room: Allowance) -> bool:
        """Go back up, as far as what that costs is known to fit into so many seconds of a frame's time, or a rung."""
        for part in reversed(self._given_up):
            if self._tried[part].saved(now) > room.latency:
                continue
            costs = {count: self._gain(part, count, self._saved[part]) for count in range(self._saved[part])}
            known = (count for count, cost in costs.items() if 0 < cost <= room.interval)
            unknown = (count for count, cost in reversed(costs.items()) if cost <= 0)
            count = next(known, next(unknown, None))
            if count is not None:
                self._save(part, count)
                self._taken_back_at = now
                self._note(now)
                return True
        return False

    def _gain(self, part: int, fewer: int, more: int) -> float:
        """Seconds a frame between doing without the first `fewer` savings of a part and without the first `more`."""
        return sum(self._parts[part].cost(count) for count in range(fewer + 1, more + 1))

    def _save(self, part: int, count: int) -> None:
        """Have a part do without its first `count` savings."""
        if part in self._given_up:
            self._given_up.remove(part)
        if count:
            self._given_up.append(part)
        self._saved[part] = count
        self._parts[part].save(count)

    def _note(self, now: float) -> None:
        self._changed_at = self._over_since = self._calm_since = now
        self._latencies.clear()
        self._work.clear()
        self.changes += 1


def _usual(times: Sequence[float]) -> float:
    """The median; of two the lower one."""
    return float(np.quantile(times, 0.5, method="lower"))
