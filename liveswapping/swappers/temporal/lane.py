"""Work beside the live loop: one thing at a time, its result fetched when it is there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


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
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)
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
