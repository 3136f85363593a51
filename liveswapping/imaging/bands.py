"""Runs a compiled kernel over bands of rows on two threads.

numba's own parallel loops need a threading layer that is safe to enter from several threads at once, which the
one that every wheel carries is not; kernels compiled with `nogil=True` on plain threads need none.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

BANDS = 2
"""Two cores are what we promise real time on; more bands cost more to start than they save."""
MIN_ROWS = 48
"""Below this a band is done before another thread has woken."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(BANDS - 1, thread_name_prefix="bands")


def run_bands(kernel: Callable[[int, int], None], rows: int) -> None:
    """Call `kernel(first_row, end_row)` so that 0..rows is covered once. Returns when all of it is done."""
    if rows < BANDS * MIN_ROWS:
        kernel(0, rows)
        return
    middle = rows // BANDS
    other = _pool().submit(kernel, middle, rows)
    kernel(0, middle)
    other.result()
