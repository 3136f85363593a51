"""Frames' numbers, drawn into their pictures, so that whoever receives them can tell which came, and when."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.protocols import Sink

BITS = 20
ROWS = 32
"""The lowest rows of the picture hold the number: a bar for each bit, white for 1."""


def number_in(image: Image) -> int:
    """The number in a picture, through any codec."""
    row = image[-ROWS // 2, :, 1]
    width = image.shape[1] / BITS
    return sum(int(row[int((place + 0.5) * width)] > 128) << place for place in range(BITS))


class Numbering:
    """Draws every frame's index into a copy of it, and hands that on. Sinks may change while it runs."""

    def __init__(self) -> None:
        self.sinks: tuple[Sink, ...] = ()
        self.captured: dict[int, float] = {}
        """When each frame was captured, by its number; `time.perf_counter()`."""
        self.closed = threading.Event()

    def write(self, frame: Frame) -> None:
        """Number one frame."""
        self.captured[frame.index] = frame.captured_at
        image = frame.image.copy()
        height, width = image.shape[:2]
        for place in range(BITS):
            left, right = round(place * width / BITS), round((place + 1) * width / BITS)
            image[height - ROWS :, left:right] = 255 * (frame.index >> place & 1)
        numbered = replace(frame, image=np.ascontiguousarray(image))
        for sink in self.sinks:
            sink.write(numbered)

    def close(self) -> None:
        """Close all that it hands on to."""
        for sink in self.sinks:
            sink.close()
        self.closed.set()
