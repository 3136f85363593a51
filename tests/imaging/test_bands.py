"""Who gets a second core."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from liveswapping.imaging import bands
from liveswapping.imaging.bands import MIN_ROWS, at_work, run_bands, spare


def threads_of(rows: int) -> tuple[list[int], set[str]]:
    """How often each row is covered, and the threads that ran the kernel."""
    times, names = np.zeros(rows, int), set()

    def kernel(first: int, end: int) -> None:
        times[first:end] += 1
        names.add(threading.current_thread().name)

    run_bands(kernel, rows)
    return times.tolist(), names


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on the machine that real time is promised on."""
    monkeypatch.setattr(bands, "_cores", lambda: 2)


def in_another_thread_at_work(then: threading.Event) -> threading.Thread:
    """A thread that is at work until `then` is set."""
    begun = threading.Event()

    def work() -> None:
        with at_work():
            begun.set()
            then.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    return thread


@pytest.mark.parametrize("rows", [0, 1, 2 * MIN_ROWS, 501])
def test_every_row_is_covered_once(rows: int) -> None:
    assert threads_of(rows)[0] == [1] * rows


def test_one_piece_of_work_uses_both_cores() -> None:
    with at_work():
        assert len(threads_of(400)[1]) == 2


def test_beside_another_piece_of_work_nothing_is_split() -> None:
    over = threading.Event()
    other = in_another_thread_at_work(over)
    try:
        with at_work():
            assert not spare()
            assert threads_of(400) == ([1] * 400, {threading.current_thread().name})
    finally:
        over.set()
        other.join()
    assert spare()


def test_work_that_fails_gives_its_core_back() -> None:
    with pytest.raises(ValueError, match="mid-way"), at_work():
        raise ValueError("mid-way")
    assert not bands._leading()
