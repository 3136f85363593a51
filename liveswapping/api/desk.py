"""Jobs in line: one at a time on a thread of its own, each with its progress."""

from __future__ import annotations

import enum
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from liveswapping.api.orders import Made, Order, Work
from liveswapping.api.refusal import Refused
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.handover import BoundedQueue, Closed
from liveswapping.jobs.progress import Progress

_LOG = logging.getLogger(__name__)
WAITING: Final = 100
"""Jobs that may wait."""
KEPT: Final = 500
"""Jobs that are over, and can still be asked about."""
_NOTES: Final = 20


class JobState(enum.Enum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    """A batch, some of whose files could not be done."""
    CANCELLED = "cancelled"
    FAILED = "failed"


OVER: Final = (JobState.DONE, JobState.PARTIAL, JobState.CANCELLED, JobState.FAILED)


@dataclass(slots=True, eq=False)
class Job:
    """One order in line. Written by the thread that works on it; anybody may read."""

    id: str
    order: Order
    created: float
    """Seconds since 1970."""
    state: JobState = JobState.WAITING
    progress: Progress | None = None
    made: Made | None = None
    why: str = ""
    """One line, where it failed."""
    notes: tuple[str, ...] = ()
    cancelled: threading.Event = field(default_factory=threading.Event)
    work: Work | None = None


class JobDesk:
    """Takes orders and works on them. Its methods are for the server's loop alone; `close` waits."""

    def __init__(self, work: Callable[..., Work] = Work) -> None:
        """`work` makes what does an order."""
        self.jobs: dict[str, Job] = {}
        self._make = work
        self._line: BoundedQueue[Job] = BoundedQueue(WAITING)
        self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)
        self._thread.start()

    def add(self, order: Order) -> Job:
        """Put an order in line. Raises Refused where the line is full."""
        job = Job(secrets.token_hex(8), order, time.time())
        if not self._line.put(job, timeout=0.0):
            raise Refused(429, f"{WAITING} jobs are waiting already; come again when some are done")
        self.jobs[job.id] = job
        over = [one.id for one in self.jobs.values() if one.state in OVER]
        for old in over[: max(0, len(self.jobs) - KEPT - WAITING)]:
            del self.jobs[old]
        return job

    def find(self, job_id: str) -> Job:
        """The job of that name. Raises Refused."""
        try:
            return self.jobs[job_id]
        except KeyError:
            raise Refused(404, f"there is no job '{job_id[:80]}'") from None

    def cancel(self, job_id: str) -> Job:
        """End a job soon; one that is over stays as it is. Raises Refused."""
        job = self.find(job_id)
        _cancel(job)
        return job

    def remove(self, job_id: str) -> None:
        """Forget a job that is over; its result stays. Raises Refused."""
        if self.find(job_id).state not in OVER:
            raise Refused(409, "the job is not over; cancel it first")
        del self.jobs[job_id]

    def close(self) -> None:
        """Cancel everything, and wait until the job in work has let go of its files."""
        self._line.close()
        for job in self.jobs.values():
            _cancel(job)
        self._thread.join()

    def _serve(self) -> None:
        try:
            while True:
                job = self._line.take(timeout=1.0)
                if job is not None:
                    self._do(job)
        except Closed:
            return

    def _do(self, job: Job) -> None:
        if job.cancelled.is_set():
            job.state = JobState.CANCELLED
            return
        job.state = JobState.RUNNING

        def tell(progress: Progress) -> None:
            job.progress = progress

        def say(line: str) -> None:
            job.notes = (*job.notes, line)[-_NOTES:]

        try:
            job.work = self._make(job.order, tell, say)
            if job.cancelled.is_set():
                job.work.cancel()
            made = job.made = job.work.run()
            job.why = f"all {made.total} failed; the report says why" if _all_failed(made) else ""
            job.state = _state_of(made)
        except LiveSwappingError as error:
            job.why = " ".join(str(error).split())
            job.state = JobState.FAILED
        except MemoryError:
            job.why, job.state = "the memory is full; take a smaller picture", JobState.FAILED
        except Exception as error:  # noqa: BLE001 - whatever one job does, the others are done
            _LOG.exception("a job failed")
            job.why = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}; see the log"
            job.state = JobState.FAILED
        finally:
            job.work = None


def _cancel(job: Job) -> None:
    job.cancelled.set()
    work = job.work
    if work is not None:
        work.cancel()
    if job.state is JobState.WAITING:
        job.state = JobState.CANCELLED


def _state_of(made: Made) -> JobState:
    if not made.complete:
        return JobState.CANCELLED
    if _all_failed(made):
        return JobState.FAILED
    return JobState.PARTIAL if made.kind == "batch" and made.failed else JobState.DONE


def _all_failed(made: Made) -> bool:
    return made.kind == "batch" and 0 < made.total == made.failed
