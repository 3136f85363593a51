"""Stages of a film's job that share nothing: each sleeps, as others wait for a card or an encoder of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.settings import Settings
from liveswapping.jobs.memory import Memories
from liveswapping.media.prefetch import PrefetchedSource
from liveswapping.pipeline.film import FilmPipeline
from liveswapping.pipeline.queued import QueuedSink
from liveswapping.pipeline.runner import Runner

_PICTURE: Image = np.zeros((96, 96, 3), np.uint8)
_POINTS = np.array([[35, 40], [55, 40], [45, 50], [37, 60], [53, 60]], np.float32)
_FACE = Face(np.array([20, 20, 70, 70], np.float32), _POINTS, 1.0)
_FULL = 0.2
"""Of the frames, at either end, while the stages fill and empty."""


def share_of_slowest(frames: int, decode: float, analyse: float, swap: float, encode: float) -> float:
    """How fast the whole goes, by how fast its slowest stage goes alone; the stages take so many seconds a frame."""
    sink = _Encoder(encode)
    looking, engine = _Analyser(analyse), _Engine(swap)
    pipeline = FilmPipeline(looking, engine, Identity("nobody", ()), keeper=Memories(10**9, 0), longest_gap=4)
    source = PrefetchedSource(_Decoder(decode, frames))
    Runner(source, pipeline, [QueuedSink(sink, live=False)], Settings()).run()
    first, last = int(_FULL * frames), int((1 - _FULL) * frames)
    return (last - first) * max(decode, analyse, swap, encode) / (sink.moments[last] - sink.moments[first])


class _Decoder:
    live = False

    def __init__(self, seconds: float, frames: int) -> None:
        self._seconds, self._frames, self._index = seconds, frames, -1

    def read(self, timeout: float) -> Frame | None:
        self._index += 1
        if self._index == self._frames:
            raise EndOfStream
        time.sleep(self._seconds)
        return Frame(_PICTURE, self._index, 0.0, Fraction(self._index, 30))

    def close(self) -> None:
        pass


class _Analyser:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def faces(self, image: Image) -> Sequence[Face]:
        time.sleep(self._seconds)
        return [_FACE]

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


class _Engine:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        time.sleep(self._seconds)
        mask = np.ones((8, 8), np.float32)
        return [Patch(_PICTURE[:8, :8], np.eye(2, 3, dtype=np.float32), mask) for _ in targets]

    def close(self) -> None:
        pass


class _Encoder:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.moments: list[float] = []

    def write(self, frame: Frame) -> None:
        time.sleep(self._seconds)
        self.moments.append(time.perf_counter())

    def close(self) -> None:
        pass
