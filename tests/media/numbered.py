"""Pictures that carry their number, so that a receiver can tell which came, and in which order."""

from __future__ import annotations

import threading
import time

import numpy as np

from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.protocols import Sink

BITS = 16


def numbered(number: int, size: tuple[int, int] = (64, 48), noisy: bool = False) -> Frame:
    """The number in bits, each a bar of the picture; `noisy` makes it many bytes."""
    bits = np.array([255 * (number >> place & 1) for place in range(BITS)], np.uint8)
    row = np.repeat(bits, size[0] // BITS)
    image = np.repeat(np.tile(row, (size[1], 1))[..., None], 3, axis=2)
    if noisy:
        image[: size[1] // 3] = np.random.default_rng(number).integers(0, 255, (size[1] // 3, size[0], 3))
    return Frame(image, number, time.perf_counter())


def number_in(image: Image) -> int:
    """What `numbered` wrote, through any codec."""
    middle = image[image.shape[0] // 2, :, 1]
    width = image.shape[1] // BITS
    return sum(int(middle[place * width + width // 2] > 128) << place for place in range(BITS))


class Pump:
    """Writes numbered pictures, as a live loop would, until it is told to stop."""

    def __init__(self, sink: Sink, size: tuple[int, int] = (64, 48), noisy: bool = False, pause: float = 0.002) -> None:
        self._sink, self._size, self._noisy, self._pause = sink, size, noisy, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(self._pause):
            self._sink.write(numbered(number, self._size, self._noisy))
            number += 1

    def stop(self) -> None:
        """Come to an end. Any number of times."""
        self._stop.set()
        self._thread.join()
