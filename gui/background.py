"""Work beside the window: functions on threads of their own, whose answers come back to the window's thread."""

from __future__ import annotations

import _thread
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from liveswapping.domain.errors import LiveSwappingError

T = TypeVar("T")
_log = logging.getLogger(__name__)


def begin(thread: threading.Thread) -> None:
    """Start it without waiting for it. `Thread.start` waits until the thread is there: on a busy machine, for long."""
    _thread.start_new_thread(thread.start, ())


class Cancelled(Exception):
    """Somebody does not want the answer any more. Raised inside the work, never shown."""


class Task(QObject):
    """One piece of work. Its callbacks are called on the thread that made it."""

    _told = Signal(str, object)

    def __init__(
        self, name: str, work: Callable[[Task], Any], callbacks: Mapping[str, Callable[[Any], object]]
    ) -> None:
        """`callbacks`: "done" with the answer, "failed" with a LiveSwappingError, "progressed", "over"."""
        super().__init__()
        self._work = work
        self._callbacks = callbacks
        self.awaited = True
        """The process does not end before."""
        self._cancelled = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    @property
    def running(self) -> bool:
        """Whether it is at work, or about to be."""
        return not self._ended.is_set() or self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        begin(self._thread)

    def cancel(self) -> None:
        """Ask for an end. The work notices at its next report; neither "done" nor "failed" follows."""
        self._cancelled.set()

    def wait(self, timeout: float) -> bool:
        """Wait for the thread; False where it is still at work after `timeout` seconds."""
        if not self._ended.wait(timeout):
            return False
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def report(self, progress: object) -> None:
        """From the work: how far it is. Raises Cancelled."""
        if self.cancelled:
            raise Cancelled
        self._tell("progressed", progress)

    def _run(self) -> None:
        try:
            self._tell("done", self._work(self))
        except Cancelled:
            pass
        except LiveSwappingError as error:
            self._tell("failed", error.with_traceback(None))
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            _log.exception("%s failed", self._thread.name)
            self._tell("failed", LiveSwappingError(f"unexpected {type(error).__name__}: {error}; see the log"))
        finally:
            self._ended.set()
            self._tell("over", self)

    def _tell(self, what: str, value: object) -> None:
        try:
            self._told.emit(what, value)
        except RuntimeError:  # the window, and this object with it, has gone meanwhile
            _log.debug("nobody is left to hear of it")

    def _hear(self, what: str, value: object) -> None:
        callback = self._callbacks.get(what)
        if callback is not None and (what == "over" or not self.cancelled):
            callback(value)


class Tasks(QObject):
    """All work of a window, so that closing it can end all."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks: list[Task] = []
        self.closing = False
        """All was asked for an end: nothing is to begin any more."""

    def run(
        self,
        name: str,
        work: Callable[[Task], T],
        done: Callable[[T], object] | None = None,
        failed: Callable[[LiveSwappingError], object] | None = None,
        progressed: Callable[[Any], object] | None = None,
        over: Callable[[], object] | None = None,
        awaited: bool = True,
    ) -> Task:
        """Begin `work` on a thread called `name`; the callbacks come on this thread, `over` whatever happened.

        `awaited` False: nothing is lost where the process ends before the work does.
        """

        def end(task: Task) -> None:
            self._tasks.remove(task)
            task.wait(1.0)
            if over is not None:
                over()

        callbacks: dict[str, Callable[[Any], object]] = {"over": end}
        wanted = {"done": done, "failed": failed, "progressed": progressed}
        callbacks |= {what: callback for what, callback in wanted.items() if callback is not None}
        task = Task(name, work, callbacks)
        task.awaited = awaited
        self._tasks.append(task)
        task.start()
        return task

    @property
    def running(self) -> tuple[Task, ...]:
        """Those at work."""
        return tuple(task for task in self._tasks if task.running)

    def cancel_all(self) -> None:
        """Ask all for an end."""
        self.closing = True
        for task in self._tasks:
            task.cancel()
