"""Time on a CUDA card, and what the card can do at best."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

import torch

_SIDE: Final = 8192
_COPIED: Final = 1 << 31


def device_ms(call: Callable[[], object], repeats: int = 30) -> float:
    """Median milliseconds of `call` between events on the card, warm."""
    for _ in range(5):
        call()
    spans = [[torch.Event("cuda", enable_timing=True) for _ in range(2)] for _ in range(repeats)]
    for begin, end in spans:
        begin.record()
        call()
        end.record()
    torch.cuda.synchronize()
    return median(begin.elapsed_time(end) for begin, end in spans)


def recorded_ms(call: Callable[[], object], repeats: int = 30) -> float:
    """The same of `call` recorded as a graph and replayed."""
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(side):
        for _ in range(3):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return device_ms(graph.replay, repeats)


def host_ms(call: Callable[[], object], repeats: int = 30) -> float:
    """Median milliseconds of `call` by the wall clock, warm; it must wait for what it starts."""
    for _ in range(3):
        call()
    spans = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        spans.append(time.perf_counter() - start)
    return 1e3 * median(spans)


def matrix_rate() -> float:
    """Floating-point operations a second of a large product in half precision, random numbers."""
    left, right = (torch.randn(_SIDE, _SIDE, device="cuda", dtype=torch.float16) for _ in range(2))
    return 2.0 * float(_SIDE) ** 3 / (1e-3 * device_ms(lambda: left @ right, 10))


def copy_rate() -> float:
    """Bytes a second, read and written, of a large copy on the card."""
    here = torch.empty(_COPIED, dtype=torch.int8, device="cuda")
    there = torch.empty_like(here)
    return 2 * _COPIED / (1e-3 * device_ms(lambda: there.copy_(here), 10))
