"""A runner at work on its own thread, while the main thread looks after the user."""

from __future__ import annotations

import threading
from collections.abc import Callable

from liveswapping.pipeline.runner import Runner
from liveswapping.pipeline.status import Status


def run_beside(runner: Runner, attend: Callable[[Runner], None]) -> Status:
    """Run `runner` on a worker thread and call `attend` on this one, over and over, until the run is over.

    `attend` should take some time (it polls a window or waits). Raises what the run raised. An exception here,
    Ctrl-C among them, stops the run, waits until everything is closed, and goes on its way.
    """
    outcome: list[Status] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(runner.run())
        except BaseException as error:  # noqa: BLE001 - it is raised again on the main thread
            failure.append(error)

    worker = threading.Thread(target=work, name="runner")
    worker.start()
    try:
        while worker.is_alive():
            attend(runner)
    finally:
        runner.stop()
        worker.join()
    if failure:
        raise failure[0]
    return outcome[0]
