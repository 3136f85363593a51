"""Single frames of a clip, for the window to look at: small ones in a row, and one with the look that is set now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from gui.background import Task, Tasks
from liveswapping.domain.errors import EndOfStream, LiveSwappingError, SourceError
from liveswapping.domain.handover import LatestSlot
from liveswapping.domain.settings import Settings, same_parts

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.pipeline.pipeline import Pipeline

_PATIENCE: Final = 0.2
"""Seconds between two looks whether somebody wants an end."""
_KEPT: Final = 30.0
"""Seconds for which the networks stay in memory when nobody asks any more."""
_BACK: Final = (0.0, 0.1, 0.5, 2.0)
"""Seconds to go back from a time at which there is no picture any more."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A clip at a glance."""

    seconds: float
    """How long it is; 0: unknown."""
    fps: float


def frame_at(path: Path, seconds: float) -> Image:
    """The picture that is shown at this time, BGR. Raises SourceError."""
    from liveswapping.media.video import VideoSource

    last: SourceError | None = None
    for back in _BACK:
        start = max(0.0, seconds - back)
        try:
            source = VideoSource(path, Fraction(start).limit_denominator(1000))
        except SourceError as error:
            last = error
            continue
        try:
            frame = source.read(1.0)
        except EndOfStream:
            continue
        finally:
            source.close()
        if frame is not None:
            return frame.image
    raise last or SourceError(f"'{path}' has no picture at {seconds:g} s")


def glance(path: Path, count: int, height: int, report: Callable[[object], None]) -> Strip:
    """Report the Strip, and then `count` pairs of a number and a small picture of this height, as `fitted` makes it.

    Raises SourceError, and what `report` raises.
    """
    from liveswapping.imaging.screen import fitted
    from liveswapping.media.video import VideoSource

    source = VideoSource(path)
    info = source.info
    source.close()
    strip = Strip(float(info.duration or 0), float(info.fps or 25))
    report(strip)
    for number in range(count if strip.seconds else 1):
        image = frame_at(path, strip.seconds * (number + 0.5) / count)
        width = max(1, round(height * image.shape[1] / image.shape[0]))
        report((number, fitted(image, width, height)))
    return strip


@dataclass(frozen=True, slots=True)
class _Wish:
    """A frame, and how it shall look."""

    path: Path
    seconds: float
    settings: Settings


class LookTrial(QObject):
    """Swaps single frames on a thread beside, the newest that was asked for; networks stay open for a while."""

    shown = Signal(object, object)
    """The picture after and before the swap."""
    failed = Signal(object)
    """The LiveSwappingError."""

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._wanted: LatestSlot[_Wish] = LatestSlot()
        self._task: Task | None = None
        self._last: _Wish | None = None
        """What was asked last, until it is answered."""

    @property
    def busy(self) -> bool:
        """An answer is coming."""
        return self._last is not None

    def ask(self, path: Path, seconds: float, settings: Settings) -> None:
        """Show this frame as it would become with these settings."""
        self._last = _Wish(path, seconds, settings)
        self._wanted.put(self._last)
        self._begin()

    def _begin(self) -> None:
        if self._task is None:
            self._task = self._tasks.run(
                "look trial", self._work, failed=self._on_failed, progressed=self._on_shown, over=self._on_over
            )

    def _work(self, task: Task) -> None:
        pipeline: Pipeline | None = None
        built: Settings | None = None
        waited = 0.0
        try:
            while waited < _KEPT:
                wish = self._wanted.take(_PATIENCE)
                task.report(None)
                waited = waited + _PATIENCE if wish is None else 0.0
                if wish is None:
                    continue
                if pipeline is None or not same_parts(wish.settings, built):
                    if pipeline is not None:
                        pipeline.close()
                    pipeline, built = None, wish.settings
                    pipeline = _built(wish.settings)
                before = frame_at(wish.path, wish.seconds)
                task.report((wish, _swapped(pipeline, before, wish.settings), before))
        finally:
            if pipeline is not None:
                pipeline.close()

    def _on_shown(self, answer: tuple[_Wish, Any, Any] | None) -> None:
        if answer is not None:
            self._last = None if answer[0] is self._last else self._last
            self.shown.emit(*answer[1:])

    def _on_failed(self, error: LiveSwappingError) -> None:
        self._last = None
        self.failed.emit(error)

    def _on_over(self) -> None:
        """What was asked while the thread was about to end is answered by another one."""
        self._task = None
        if self._last is not None and not self._tasks.closing:
            self._wanted.put(self._last)
            self._begin()


def _built(settings: Settings) -> Pipeline:
    from liveswapping.build import build_pipeline, load_cast

    return build_pipeline(settings, load_cast(settings, lambda _line: None), live=False)


def _swapped(pipeline: Pipeline, image: Image, settings: Settings) -> Image:
    from liveswapping.pipeline.marking import marked_still
    from liveswapping.pipeline.timing import Laps

    done = marked_still(pipeline.process(image, settings, Laps()), image, settings)
    pipeline.reset()
    return done.image
