"""A runner at work on its own thread, while the main thread looks after the user."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping.pipeline.runner import Runner
    from liveswapping.pipeline.status import Status

_POLL_S = 0.1


def run_beside(runner: Runner, attend: Callable[[], None]) -> Status:
    """Run `runner` on a worker thread and call `attend` on this one, over and over, until the run is over.

    `attend` is to take some time: it waits, or shows a window. Raises what the run raised. An exception here, Ctrl-C
    among them, stops the run, waits until everything is closed, and goes on its way.
    """
    outcome: list[Status] = []
    failure: list[BaseException] = []
    over = threading.Event()

    def work() -> None:
        try:
            outcome.append(runner.run())
        except BaseException as error:  # noqa: BLE001 - it is raised again on the main thread
            failure.append(error)
        finally:
            over.set()

    worker = threading.Thread(target=work, name="runner")
    worker.start()
    try:
        while not over.is_set():
            attend()
            over.wait(_POLL_S)  # with a time limit, as Windows hears no Ctrl-C in a wait without
    finally:
        # Not by `worker` alone: a join that Ctrl-C interrupts takes the thread for ended (CPython before 3.13).
        runner.stop()
        while not over.wait(_POLL_S):
            pass
        worker.join()
    if failure:
        raise failure[0]
    return outcome[0]
