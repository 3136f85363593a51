"""The newest frame, made into the very pixels of a view on a thread beside, so that painting is only a copy."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from gui.background import begin
from gui.promptness import be_prompt
from liveswapping.domain.handover import Closed, LatestSlot

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image

_log = logging.getLogger(__name__)
_PATIENCE = 0.5
_PATIENCE_CLOSING = 2.0
FIT, FILL, ACTUAL = "fit", "fill", "actual"
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame to look at, and the same before the swap where that is wanted."""

    after: Image
    before: Image | None
    finished_at: float
    """`time.perf_counter()` when the run had finished it."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """The view: size in device pixels, how the picture lies in it, and whether it is mirrored."""

    width: int
    height: int
    mode: str = FIT
    mirrored: bool = False

    def place(self, box: Box, size: tuple[int, int]) -> Box:
        """Where a box (x1, y1, x2, y2) of a frame of this `size` lies in the view, in device pixels."""
        columns, rows = size
        fits = self.width / columns, self.height / rows
        scale = {FIT: min(fits), FILL: max(fits), ACTUAL: 1.0}[self.mode]
        x1, x2 = ((x - columns / 2) * scale * (-1 if self.mirrored else 1) + self.width / 2 for x in (box[0], box[2]))
        y1, y2 = ((y - rows / 2) * scale + self.height / 2 for y in (box[1], box[3]))
        return min(x1, x2), y1, max(x1, x2), y2


@dataclass(frozen=True, slots=True)
class Picture:
    """What is painted: uint8 h×w×4 (blue, green, red, unused) in device pixels, each at most as large as the view."""

    after: Image
    before: Image | None
    source_size: tuple[int, int]
    """Width and height of the frame itself."""
    finished_at: float


class Feed(QObject):
    """For one view. `offer` is called on the run's thread, `take` on the window's."""

    ready = Signal()
    """A picture waits. Without payload: nothing can pile up in Qt's queue."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.geometry = Geometry(0, 0)
        self._frames: LatestSlot[tuple[int, Shown]] = LatestSlot()
        self._pictures: LatestSlot[tuple[int, Picture]] = LatestSlot()
        self._show = 0
        """Counts up with every `forget`: what belongs to an earlier one is not shown."""
        self._seen = False
        self._working = False
        self._ended = threading.Event()
        self._ended.set()

    def open(self) -> None:
        """Somebody looks: pictures are made from now on."""
        self._seen = True
        if not self._working:
            self._working = True
            self._ended.clear()
            begin(threading.Thread(target=self._run, name="preview", daemon=True))

    def rest(self) -> None:
        """Nobody looks: nothing is made. The thread stays, as starting one takes a while on a busy machine."""
        self._seen = False

    def close(self, *, wait: bool = False) -> None:
        """End the thread, for good, after the picture in work; `wait` for that."""
        self._seen = False
        self._frames.close()
        if wait:
            self._ended.wait(_PATIENCE_CLOSING)

    def offer(self, shown: Shown) -> None:
        """Take the newest frame; never waits."""
        if self._seen:
            self._frames.put((self._show, shown))

    def forget(self) -> None:
        """Nothing that was offered so far is shown any more, also what is in work."""
        self._show += 1

    def take(self) -> Picture | None:
        """The newest picture, once."""
        taken = self._pictures.take(0.0)
        return None if taken is None or taken[0] != self._show else taken[1]

    def _run(self) -> None:
        try:
            be_prompt()
            self._work()
        except Closed:
            pass
        finally:
            self._ended.set()

    def _work(self) -> None:
        while True:
            taken = self._frames.take(_PATIENCE)
            if taken is None or not self.geometry.width:
                continue
            show, shown = taken
            try:
                self._announce((show, _picture(shown, self.geometry)))
            except RuntimeError:  # the view has gone
                return
            except Exception:  # noqa: BLE001 - one bad frame is no reason to show none
                _log.exception("a frame could not be shown")

    def _announce(self, picture: tuple[int, Picture]) -> None:
        if self._pictures.put(picture):
            self.ready.emit()


def _picture(shown: Shown, view: Geometry) -> Picture:
    from liveswapping.imaging.screen import fitted  # which needs OpenCV: not before there is a frame

    height, width = shown.after.shape[:2]
    make = [fitted(image, view.width, view.height, view.mode, mirrored=view.mirrored) for image in _both(shown)]
    return Picture(make[0], make[1] if len(make) > 1 else None, (width, height), shown.finished_at)


def _both(shown: Shown) -> list[Image]:
    return [shown.after] if shown.before is None else [shown.after, shown.before]


def stamped(after: Image, before: Image | None) -> Shown:
    """A frame that is finished now."""
    return Shown(after, before, time.perf_counter())
