"""Work beside the live loop: one thing at a time, its result fetched when it is there."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, Protocol, TypeVar

T = TypeVar("T")
BEHIND: Final = 5
"""By so much "nicer" than the live loop slow work is where cores are short, where that can be said of one thread."""


class Beside(Protocol[T]):
    """Does one job at a time. Called from one thread."""

    @property
    def busy(self) -> bool:
        """A job is being done, or its result was not yet fetched."""
        ...

    def begin(self, job: Callable[[], T]) -> None:
        """Begin a job. Not to be called while busy."""
        ...

    def result(self) -> T | None:
        """What the job answered, once; None while there is nothing. Raises what the job raised."""
        ...

    def close(self) -> None:
        """Wait for the job and end."""
        ...


class SlowLane(Generic[T]):
    """Beside on a thread of its own."""

    def __init__(self, name: str) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=_stand_behind)
        self._job: Future[T] | None = None

    @property
    def busy(self) -> bool:
        """A job is being done, or its result was not yet fetched."""
        return self._job is not None

    def begin(self, job: Callable[[], T]) -> None:
        """Begin a job. Not to be called while busy."""
        self._job = self._worker.submit(job)

    def result(self) -> T | None:
        """What the job answered, once; None while there is nothing. Raises what the job raised."""
        if self._job is None or not self._job.done():
            return None
        job, self._job = self._job, None
        return job.result()

    def close(self) -> None:
        """Wait for the job and end."""
        self._worker.shutdown()
        self._job = None


def _stand_behind() -> None:
    """Let the calling thread, and those that it starts, go behind the live loop where cores are short."""
    if sys.platform == "linux":  # elsewhere this call is for whole processes, or absent
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
