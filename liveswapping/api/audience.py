"""Who watches: the newest picture for any number of clients, each at its own pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from liveswapping.api.refusal import Refused
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.handover import Closed, LatestSlot

MOST: Final = 16
"""Clients that may watch at once."""


@dataclass(frozen=True, slots=True)
class View:
    """How a client wants to see the picture."""

    width: int | None = None
    """In pixels, at most; None: as it is."""
    quality: int = 80
    """JPEG's, 1..100."""
    fps: float = 60.0
    """At most."""


class _Watcher:
    """One client. `offer` is called by the run's thread, the rest by the server's loop."""

    def __init__(self) -> None:
        self._slot: LatestSlot[Frame] = LatestSlot()
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """Hand over the newest picture; never waits."""
        if self._slot.put(frame):
            self._wake()

    def close(self) -> None:
        """There is nothing more to see."""
        self._slot.close()
        self._wake()

    async def next(self) -> Frame:
        """The newest picture that was not seen yet. Raises Closed."""
        while True:
            self._came.clear()
            frame = self._slot.take(timeout=0.0)
            if frame is not None:
                return frame
            await self._came.wait()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the server has gone
            self._loop.call_soon_threadsafe(self._came.set)


class Audience:
    """A sink that outlives runs: clients that watch see whatever run comes next, too."""

    def __init__(self) -> None:
        self._watchers: tuple[_Watcher, ...] = ()
        self._over = False
        self.last: Frame | None = None
        """The newest picture; None while there is no run."""

    def write(self, frame: Frame) -> None:
        """Show one frame. Never waits."""
        self.last = frame
        for watcher in self._watchers:
            watcher.offer(frame)

    def close(self) -> None:
        """A run is over; the next one may come."""

    def forget(self) -> None:
        """Keep no picture of a run that is over."""
        self.last = None

    def dismiss(self) -> None:
        """The server ends: nobody sees anything any more. From the server's loop."""
        self._over = True
        for watcher in self._watchers:
            watcher.close()

    @contextlib.contextmanager
    def _seat(self) -> Iterator[_Watcher]:
        if self._over or len(self._watchers) >= MOST:
            raise Refused(429, f"{MOST} clients watch already; close one of them")
        watcher = _Watcher()
        self._watchers = (*self._watchers, watcher)
        try:
            yield watcher
        finally:
            self._watchers = tuple(one for one in self._watchers if one is not watcher)

    async def pictures(self, view: View) -> AsyncIterator[bytes]:
        """JPEG files of what is shown, the newest each time, until the server ends. Raises Refused."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        with self._seat() as watcher, contextlib.suppress(Closed):
            while True:
                frame = await watcher.next()
                yield await asyncio.to_thread(as_jpeg, frame.image, view)
                due = max(due + 1 / view.fps, loop.time())
                await asyncio.sleep(max(0.0, due - loop.time()))


def as_jpeg(image: Image, view: View) -> bytes:
    """A JPEG file of a picture, as a client wants it. Raises Refused where JPEG cannot hold it."""
    import cv2
    import numpy as np

    from liveswapping.media.images import encode_image

    height, width = image.shape[:2]
    if view.width is not None and view.width < width:
        size = view.width, max(1, round(height * view.width / width))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    data = encode_image(image, ".jpg", view.quality)
    if data is None:
        raise Refused(422, f"a picture of {width}×{height} pixels cannot be shown; ask for a smaller width")
    return data
