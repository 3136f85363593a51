"""The networks that find faces: on the processor by LiteRT, or on a CUDA card, where an engine has it already."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32
from liveswapping.inference.litert import LiteRtModel

_log = logging.getLogger(__name__)
_AGREES: Final = 1e-3
"""How far a card's answer may be off the processor's, as a share of the largest number in it: a tenth of a pixel."""


class SmallNetwork(Protocol):
    """A network with one input of pictures. One thread at a time."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, height, width, channels)."""
        ...

    @property
    def batches(self) -> bool:
        """Several pictures at once take little longer than one."""
        ...

    def __call__(self, values: F32) -> tuple[F32, ...]:
        """(n, height, width, channels) float32 -> the outputs in the file's order, n rows each."""
        ...


Load = Callable[[Path, Sequence[int]], SmallNetwork]
"""Opens a .tflite file for so many pictures at once (each number that will come often). Raises ModelLoadError."""


def on_processor(path: Path, counts: Sequence[int] = (1,)) -> SmallNetwork:
    """By LiteRT, on one thread."""
    return LiteRtModel(path)


def on_card(path: Path, counts: Sequence[int] = (1,)) -> SmallNetwork:
    """On the CUDA card that torch has, where that gives what LiteRT gives; else as `on_processor`."""
    here = LiteRtModel(path)
    try:
        from liveswapping.inference.cuda.small import RecordedNetwork

        there = RecordedNetwork(path, counts)
        pictures = np.random.default_rng(0).random(here.input_shape, np.float32)
        off = max(_off(a, b) for a, b in zip(there(pictures), here(pictures), strict=True))
    except (RuntimeError, ImportError, ModelLoadError) as error:
        _log.info("%s: not on the card: %s", path.name, error)
        return here
    if not off <= _AGREES:
        _log.info("%s: not on the card: its answer is off by %.3g", path.name, off)
        return here
    return there


def _off(answer: F32, right: F32) -> float:
    return float(np.abs(answer - right).max() / np.abs(right).max())
