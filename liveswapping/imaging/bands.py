"""Shares work out to the machine's cores, where one of them has nothing better to do.

A compiled kernel runs over bands of rows on two threads. numba's own parallel loops need a threading layer that is
safe to enter from several threads at once, which the one that every wheel carries is not; kernels compiled with
`nogil=True` on plain threads need none.

While two pictures are in work each has a core already, and cutting work into pieces then costs switches and gains
nothing. So the threads that lead a piece of work say so (`at_work`), and whoever could share it asks first (`spare`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import get_ident

BANDS = 2
"""Two cores are what we promise real time on; more bands cost more to start than they save."""
MIN_ROWS = 48
"""Below this a band is done before another thread has woken."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(BANDS - 1, thread_name_prefix="bands")


@cache
def _leading() -> set[int]:
    """The threads that lead a piece of work. Only ever one thread at a time adds or takes away its own number."""
    return set()


@cache
def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def at_work() -> Iterator[None]:
    """The calling thread leads a piece of work meanwhile and keeps a core busy. Not to be nested."""
    _leading().add(get_ident())
    try:
        yield
    finally:
        _leading().discard(get_ident())


def spare() -> bool:
    """Whether a core is left for half of the caller's work."""
    return len(_leading()) < max(2, _cores())


def run_bands(kernel: Callable[[int, int], None], rows: int) -> None:
    """Call `kernel(first_row, end_row)` so that 0..rows is covered once. Returns when all of it is done."""
    if rows < BANDS * MIN_ROWS or not spare():
        kernel(0, rows)
        return
    middle = rows // BANDS
    other = _pool().submit(kernel, middle, rows)
    kernel(0, middle)
    other.result()
