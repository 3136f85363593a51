"""What happens to a run that is used: other people, other engines, sinks that come, fail and go."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Sink
from liveswapping.domain.settings import Settings
from liveswapping.media.info import SourceInfo
from liveswapping.outputs import browser, recording
from liveswapping.pipeline.queued import QueuedSink
from liveswapping.pipeline.runner import Runner
from scripts.measures.people import path_of

FAILS_AFTER: Final = 5
"""Frames that a sink that fails has taken."""


@dataclass(slots=True)
class Failing:
    """A sink that fails, as one whose disk is full or whose server has gone."""

    written: int = 0

    def write(self, frame: Frame) -> None:
        """Take a frame, or fail."""
        self.written += 1
        if self.written > FAILS_AFTER:
            raise SinkError("this sink fails")

    def close(self) -> None:
        """Nothing to release."""


@dataclass(slots=True)
class Changes:
    """So many changes, spread evenly over a run's frames. Called from one thread; a folder on disk until `close`."""

    frames: int
    count: int
    sources: Sequence[str]
    size: tuple[int, int]
    done: int = 0
    came: int = 0
    """Sinks that were added."""
    ended: list[SinkError | None] = field(default_factory=list)
    """How those ended, as the run has told on threads of its own."""
    _shown: Sink | None = None
    _folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)

    def attend(self, runner: Runner, delivered: int) -> None:
        """Make the next change if its frame has come."""
        if self.done < self.count and delivered * (self.count + 1) >= self.frames * (self.done + 1):
            runner.update(self._other_parts(runner.settings))
            self._other_sink(runner)
            self.done += 1

    def close(self) -> None:
        """Delete what was recorded."""
        self._folder.cleanup()

    def _other_parts(self, settings: Settings) -> Settings:
        """Another person, and the built-in engine at once or beside the picture."""
        source = (str(path_of(self.sources[self.done // 2 % len(self.sources)])),)
        return replace(settings, sources=source, temporal="off" if self.done % 2 else "on")

    def _other_sink(self, runner: Runner) -> None:
        """The one that is there goes, and another kind comes: a server, a recording, or one that is going to fail."""
        if self._shown is not None:
            runner.remove(self._shown)
        kinds: tuple[Callable[[], Sink], ...] = (self._server, self._recording, self._failing)
        self._shown = kinds[self.done % len(kinds)]()
        self.came += 1
        runner.add(self._shown, self.ended.append)

    def _server(self) -> Sink:
        return browser(0, lambda _: None)

    def _recording(self) -> Sink:
        for older in Path(self._folder.name).glob("*.mp4"):
            older.unlink()
        path = Path(self._folder.name, f"{self.done}.mp4")
        return recording(path, SourceInfo("soak", *self.size, fps=Fraction(30)), lambda _: None)

    def _failing(self) -> Sink:
        return QueuedSink(Failing(), live=True)
