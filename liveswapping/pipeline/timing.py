"""How long things take: bounded rolling percentiles, and the laps of one frame."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np


class Rolling:
    """The last `size` durations. Added to by one thread; any thread may ask, and sees a value more or less."""

    def __init__(self, size: int = 512) -> None:
        self._values = np.zeros(size, np.float64)
        self._count = 0

    def add(self, value: float) -> None:
        """Put in one value, in seconds, over the oldest."""
        self._values[self._count % len(self._values)] = value
        self._count += 1

    def quantile(self, share: float) -> float:
        """The value that `share` of the values do not exceed (0.5: the median); 0 where there is none."""
        return self.quantiles(share)[0]

    def quantiles(self, *shares: float) -> list[float]:
        """The same for several shares, of values that are put in order once. Interpolates as numpy's quantile does.

        A window asks some times a second on the thread that draws it, where numpy's own would take milliseconds.
        """
        known = sorted(self._values[: min(self._count, len(self._values))].tolist())
        last = len(known) - 1
        if last < 0:
            return [0.0] * len(shares)
        answers = []
        for share in shares:
            place = int(share * last)
            rest = share * last - place
            answers.append(known[place] + rest * (known[min(last, place + 1)] - known[place]))
        return answers


class Rate:
    """How often something happens, over its last `size` times."""

    def __init__(self, size: int = 120) -> None:
        self._times = np.zeros(size, np.float64)
        self._count = 0

    def tick(self, now: float) -> None:
        """It happened, at `now` seconds."""
        self._times[self._count % len(self._times)] = now
        self._count += 1

    def per_second(self, now: float) -> float:
        """Times a second: n times enclose n - 1 intervals. Falls towards 0 when nothing happens any more."""
        known = min(self._count, len(self._times))
        if known < 2:
            return 0.0
        newest = self._times[(self._count - 1) % len(self._times)]
        oldest = self._times[(self._count - known) % len(self._times)]
        typical = (newest - oldest) / (known - 1)
        silence = max(0.0, now - newest - typical)
        duration = newest - oldest + silence
        return float((known - 1) / duration) if duration > 0 else 0.0


class Laps:
    """A stopwatch for the stages of one frame, with a rolling history of each stage."""

    def __init__(self) -> None:
        self._stages: dict[str, Rolling] = {}
        self._last = 0.0

    def start(self) -> None:
        """Begin a frame."""
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """All time since the last call belongs to `stage`."""
        now = time.perf_counter()
        self.add(stage, now - self._last)
        self._last = now

    def add(self, stage: str, seconds: float) -> None:
        """`stage` took so long, beside others."""
        history = self._stages.get(stage)
        if history is None:
            history = Rolling()
            # A new mapping, so that a thread that walks through the old one is not disturbed.
            self._stages = {**self._stages, stage: history}
        history.add(seconds)

    @property
    def stages(self) -> Mapping[str, Rolling]:
        """The histories by stage, in the order of their first lap."""
        return self._stages
