"""Has somebody look at every picture beside the loop, so that what is seen is there when the picture is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.bands import at_work

Look = Callable[[Image], Sequence[F32]]
"""Answers with boxes (4,) of whatever may be a face."""


class Watching:
    """One stream's. One thread begins and one asks; owns the thread that looks, until `close`."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lookout")
        self._begun: deque[tuple[Image, Future[Sequence[F32]]]] = deque()

    def begin(self, image: Image) -> None:
        """Begin to look at the next picture; each must be asked for or left out, once, and is held until then."""
        self._begun.append((image, self._worker.submit(self._aside, image)))

    def seen(self, image: Image) -> Sequence[F32]:
        """What was seen in a picture that was begun; one that was not is looked at now. Raises what looking raised."""
        if all(image is not begun for begun, _ in tuple(self._begun)):
            return self._worker.submit(self._aside, image).result()
        while True:
            begun, looking = self._begun.popleft()
            if begun is image:
                return looking.result()

    def leave_out(self, image: Image) -> None:
        """Nobody will ask for this picture, nor for those before it; what has not begun is not done."""
        if all(image is not begun for begun, _ in tuple(self._begun)):
            return
        while True:
            begun, looking = self._begun.popleft()
            looking.cancel()
            if begun is image:
                return

    def close(self) -> None:
        """End the thread."""
        self._begun.clear()
        self._worker.shutdown()

    def _aside(self, image: Image) -> Sequence[F32]:
        with at_work():
            return self._look(image)
