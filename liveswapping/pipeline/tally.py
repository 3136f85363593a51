"""What the runner counts while it runs. Written by the runner's thread; any thread may ask for a snapshot."""

from __future__ import annotations

import logging
import time

from liveswapping.domain.frame import Frame
from liveswapping.pipeline.memory import Held
from liveswapping.pipeline.status import Spread, State, Status
from liveswapping.pipeline.timing import Laps, Rate, Rolling

_LOG = logging.getLogger(__name__)


class Tally:
    """Counters and clocks of one run."""

    def __init__(self) -> None:
        self.state = State.STARTING
        self.laps = Laps()
        self.exposed = self.hidden = False
        self.memory = Held(), Held()
        """What the process holds, in the machine and on cards."""
        self.provider = ""
        self._latency = Rolling()
        self._rate = Rate()
        self._frames_read = 0
        self._frames_delivered = 0
        self._frames_swapped = 0
        self._faces_swapped = 0
        self._dropped = 0
        self._rung, self._rungs_changed = "", 0
        self._frames_covered = self._faces_covered = 0
        self._failures = 0
        self._last_failure = ""
        self._sink_failure = ""
        self._ended_at: float | None = None
        self._last_index: int | None = None
        self._first_at = self._last_at = 0.0

    def read(self, frame: Frame) -> None:
        """A frame came in; a hole in the count of a live source is what was dropped before it."""
        self._frames_read += 1
        if self._last_index is not None and frame.index > self._last_index:
            self._dropped += frame.index - self._last_index - 1
        self._last_index = frame.index

    def processed(self, frame: Frame, faces: int) -> None:
        """`faces` of a frame were swapped and it is on its way."""
        self._frames_swapped += faces > 0
        self._faces_swapped += faces
        self._latency.add(time.perf_counter() - frame.captured_at)

    def covered(self, faces: int) -> None:
        """So many faces of a frame were covered; -1: all of it."""
        self._frames_covered += faces < 0
        self._faces_covered += max(0, faces)

    def rung_changed(self, words: str) -> None:
        """The governor has given up, or taken back, something: what is given up now."""
        if words != self._rung:
            self._rungs_changed += 1
            _LOG.info("for the sake of the rate: %s", words or "nothing is given up")
        self._rung = words

    def delivered(self) -> None:
        """One frame has reached the sinks."""
        self._last_at = time.perf_counter()
        if not self._frames_delivered:
            self._first_at = self._last_at
        self._frames_delivered += 1
        self._rate.tick(self._last_at)

    def failed(self, error: Exception) -> None:
        """A frame could not be processed. Logged in full once, until another kind of failure comes."""
        self._failures += 1
        self.note(f"{type(error).__name__}: {error}", error)

    def note(self, message: str, error: Exception | None = None) -> None:
        """Something went wrong that the run goes on without."""
        if message != self._last_failure:
            _LOG.warning("%s", message, exc_info=error)
        self._last_failure = message

    def sink_lost(self, message: str) -> None:
        """A sink was given up; the others go on."""
        self._sink_failure = message
        self.note(message)

    def loop_ended(self) -> None:
        """No frame comes any more: the rate stays what it was."""
        self._ended_at = time.perf_counter()

    def snapshot(self) -> Status:
        """How it stands, now."""
        return Status(
            state=self.state,
            frames_read=self._frames_read,
            frames_delivered=self._frames_delivered,
            frames_swapped=self._frames_swapped,
            faces_swapped=self._faces_swapped,
            dropped=self._dropped,
            failures=self._failures,
            last_failure=self._last_failure,
            sink_failure=self._sink_failure,
            fps=self._rate.per_second(self._ended_at or time.perf_counter()),
            mean_fps=self._mean_fps(),
            latency=_spread(self._latency),
            frames_covered=self._frames_covered,
            faces_covered=self._faces_covered,
            exposed=self.exposed,
            rung=self._rung,
            memory_mb=round(self.memory[0].now_mb, 1),
            memory_high_mb=round(self.memory[0].high_mb, 1),
            card_memory_mb=round(self.memory[1].now_mb, 1),
            card_memory_high_mb=round(self.memory[1].high_mb, 1),
            provider=self.provider,
            rungs_changed=self._rungs_changed,
            hidden=self.hidden,
            stages={name: _spread(history) for name, history in self.laps.stages.items()},
        )

    def _mean_fps(self) -> float:
        duration = self._last_at - self._first_at
        return (self._frames_delivered - 1) / duration if duration > 0 else 0.0


def _spread(history: Rolling) -> Spread:
    return Spread(*(round(1000 * seconds, 3) for seconds in history.quantiles(0.5, 0.95)))
