"""Who watches the picture over HTTP, and what motion JPEG is: whatever server carries it takes both from here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.handover import LatestSlot
from liveswapping.media.images import encode_image

MOST: Final = 16
"""Viewers that may watch at once."""
_BOUNDARY: Final = b"liveswapping-frame"
MOTION: Final = f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}"
"""The kind of content that pictures one after the other are."""
HEAD: Final = b"--" + _BOUNDARY + b"\r\n"
"""Comes before the first picture."""


def part(picture: bytes) -> bytes:
    """A picture with the boundary of the next one, which browsers wait for before they show this one."""
    head = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
    return head + picture + b"\r\n" + HEAD


@dataclass(frozen=True, slots=True)
class View:
    """How a viewer wants to see the picture."""

    width: int | None = None
    """In pixels, at most; None: as it is."""
    quality: int = 85
    """JPEG's, 1..100."""


class Shown:
    """One picture. Its JPEG files are made once for whoever wants the same. Any thread."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._made: dict[View, Future[bytes]] = {}

    def jpeg(self, view: View) -> bytes:
        """It as `view` has it; waits while another thread is making just that. Raises SourceError."""
        mine: Future[bytes] = Future()
        made = self._made.setdefault(view, mine)
        if made is mine:
            try:
                mine.set_result(_jpeg(self._image, view))
            except BaseException as error:
                mine.set_exception(error)
                raise
        return made.result()


class Seat:
    """One viewer's place: the newest picture that it has not seen. `take` is the viewer's, the rest its `Viewers`'."""

    def __init__(self, woken: Callable[[], None]) -> None:
        self._slot: LatestSlot[Shown] = LatestSlot()
        self._woken = woken

    def take(self, timeout: float) -> Shown | None:
        """The newest picture, or None after `timeout` seconds. Raises Closed when there is nothing more to see."""
        return self._slot.take(timeout)

    def offer(self, shown: Shown) -> None:
        """Hand over the newest picture; never waits."""
        if self._slot.put(shown):
            self._woken()

    def close(self) -> None:
        """There is nothing more to see."""
        self._slot.close()
        self._woken()


class Viewers:
    """A sink that outlives runs: those who watch see whatever run comes next, too. Any thread."""

    def __init__(self, usual: View | None = None) -> None:
        """`usual`: as most will want it: that is made by who writes, so that no viewer's thread has to."""
        self._usual = usual
        self._seats: dict[Seat, None] = {}
        self._over = False
        self.last: Shown | None = None
        """The newest picture; None while there is no run."""

    def __len__(self) -> int:
        return len(self._seats)

    def write(self, frame: Frame) -> None:
        """Show one frame. Waits for nobody. Raises SourceError where it cannot be shown as usual."""
        self.last = shown = Shown(frame.image)
        seats = tuple(self._seats)
        if seats and self._usual is not None:
            shown.jpeg(self._usual)
        for seat in seats:
            seat.offer(shown)

    def close(self) -> None:
        """A run is over; the next one may come."""

    def forget(self) -> None:
        """Keep no picture of a run that is over."""
        self.last = None

    def dismiss(self) -> None:
        """Nobody sees anything any more."""
        self._over = True
        for seat in tuple(self._seats):
            seat.close()

    def enter(self, woken: Callable[[], None] = lambda: None) -> Seat | None:
        """A seat, to be left; None where there are too many viewers. `woken` is called when it was empty and is not."""
        if self._over or len(self._seats) >= MOST:
            return None
        seat = Seat(woken)
        self._seats[seat] = None
        return seat

    def leave(self, seat: Seat) -> None:
        """A viewer has gone."""
        self._seats.pop(seat, None)


def _jpeg(image: Image, view: View) -> bytes:
    height, width = image.shape[:2]
    if view.width is not None and view.width < width:
        size = view.width, max(1, round(height * view.width / width))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    data = encode_image(image, ".jpg", view.quality)
    if data is None:
        raise SourceError(f"a picture of {width}×{height} pixels cannot be shown as JPEG; make it smaller")
    return data
