"""Holding the picture back, so that it meets a sound that comes late."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import Frame, Image

LIMIT: Final = 300_000_000
"""Bytes that all waiting frames may take."""
RAW: Final = 0.5
"""Share of that from which on newer frames are compressed."""
_QUALITY: Final = 92
_SMALL: Final = 64 * 1024
"""Bytes of a picture that is not worth compressing."""
_PACKED: Final = 0.15
"""What compressing is expected to leave of a picture, until that is known."""
_QUEUE: Final = 6
"""Pictures that wait to be compressed: with more the processor cannot keep up."""


@dataclass(slots=True, eq=False)
class _Held:
    """A frame, and its picture if that has not been given up for the packed one."""

    frame: Frame
    packing: Future[NDArray[np.uint8]] | None = None

    @property
    def size(self) -> int:
        packed = self.packing
        return packed.result().nbytes if packed is not None and packed.done() else self.frame.image.nbytes

    def settle(self) -> None:
        """Let go of the raw picture where the packed one is there."""
        if self.packing is not None and self.packing.done() and self.frame.image.size:
            self.frame = replace(self.frame, image=np.empty((0, 0, 3), np.uint8))

    def taken(self) -> Frame:
        """The frame with its picture."""
        if self.frame.image.size or self.packing is None:
            return self.frame
        image: Image = np.asarray(cv2.imdecode(self.packing.result(), cv2.IMREAD_COLOR), np.uint8)
        return replace(self.frame, image=image)


class DelayLine:
    """Frames that wait for their time, bounded in bytes. One thread at a time.

    What is too much is compressed, on a thread of its own; where even that is too much fewer frames a second are kept.
    """

    def __init__(self, limit_bytes: int = LIMIT) -> None:
        self._limit_bytes = limit_bytes
        self._waiting: deque[_Held] = deque()
        self._packer: ThreadPoolExecutor | None = None
        self._share = _PACKED

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def size(self) -> int:
        """Bytes that the waiting frames take."""
        return sum(held.size for held in self._waiting)

    def push(self, frame: Frame, delay: float) -> bool:
        """Let `frame` wait for `delay` seconds from its capture; False where it was left out for want of room.

        Room for n frames is shared out evenly: a frame nearer than delay / n to the one before is left out.
        """
        for held in self._waiting:
            held.settle()
        size = frame.image.nbytes
        packable = size > _SMALL and delay > 0
        room = max(2, int(self._limit_bytes / max(1.0, size * (self._share if packable else 1.0))))
        if self._waiting and frame.captured_at - self._waiting[-1].frame.captured_at < delay / room:
            return False
        if self._waiting and self.size + size > self._limit_bytes:
            return False
        held = _Held(frame)
        if packable and self._waiting and self.size + size > RAW * self._limit_bytes:
            if sum(one.packing is not None and not one.packing.done() for one in self._waiting) >= _QUEUE:
                return False
            held.packing = self._pack(frame.image)
        self._waiting.append(held)
        return True

    def due(self, now: float, delay: float) -> Iterator[Frame]:
        """Take out the frames whose time has come, oldest first."""
        while self._waiting and self._waiting[0].frame.captured_at + delay <= now:
            yield self._waiting.popleft().taken()

    def clear(self) -> None:
        """Drop everything."""
        self._waiting.clear()

    def close(self) -> None:
        """Drop everything and end the thread."""
        self.clear()
        if self._packer is not None:
            self._packer.shutdown()

    def _pack(self, image: Image) -> Future[NDArray[np.uint8]]:
        if self._packer is None:
            self._packer = ThreadPoolExecutor(1, thread_name_prefix="delay")

        def pack() -> NDArray[np.uint8]:
            packed = np.asarray(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1], np.uint8)
            self._share = max(0.02, 1.2 * packed.nbytes / image.nbytes)
            return packed

        return self._packer.submit(pack)
