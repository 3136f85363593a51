"""The work of a batch spread over a Ray cluster, by the extra `cluster`; every machine must see the files."""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Iterable
from typing import Any

from liveswapping.domain.errors import SettingsError
from liveswapping.jobs.crew import Open, Stopped, Take, lost
from liveswapping.jobs.items import Item

_POLL = 0.2
_ANSWERS_WITHIN = 10.0
"""Seconds that a cluster's head may take to answer."""


class Cluster:
    """Workers of a Ray cluster. What dies is replaced, and its item done by another."""

    def __init__(self, open_worker: Open, workers: int, address: str = "") -> None:
        """`address` of the cluster's head; empty: one that runs here, or else a local one of its own.

        Raises SettingsError where Ray is not installed, or no cluster answers.
        """
        try:
            import ray
        except ImportError:
            raise SettingsError("--cluster needs Ray: install liveswapping[cluster], or use --workers") from None
        self._ray: Any = ray
        self._open = open_worker
        self._workers = workers
        self._ours = not ray.is_initialized()
        if self._ours:
            _join(ray, address, workers)

    def work(self, items: Iterable[Item], take: Take, stopped: Stopped) -> None:
        """As `Crew.work`."""
        waiting, died = deque(items), dict[int, int]()
        busy: dict[Any, tuple[Any, Item]] = {}
        try:
            free = [self._hire() for _ in range(min(self._workers, len(waiting)))]
            while busy or (waiting and not stopped()):
                while free and waiting and not stopped():
                    hand, item = free.pop(), waiting.popleft()
                    busy[hand.do.remote(item)] = hand, item
                done, _ = self._ray.wait(list(busy), num_returns=1, timeout=_POLL)
                for answer in done:
                    hand, item = busy.pop(answer)
                    try:
                        take(self._ray.get(answer))
                        free.append(hand)
                    except self._ray.exceptions.RayError:
                        lost(item, waiting, died, take)
                        free.append(self._hire())
        finally:
            self.close()

    def close(self) -> None:
        """Leave the cluster. Any number of times."""
        if self._ours and self._ray.is_initialized():
            self._ray.shutdown()

    def _hire(self) -> Any:  # noqa: ANN401 - Ray's handle of an actor
        cards = 1 if self._ray.cluster_resources().get("GPU", 0) >= self._workers else 0
        return self._ray.remote(num_cpus=1, num_gpus=cards)(_Hand).remote(self._open)


class _Hand:
    """A worker in a process of the cluster."""

    def __init__(self, open_worker: Open) -> None:
        self._worker = open_worker()

    def do(self, item: Item) -> object:
        """As `Worker.do`."""
        return self._worker.do(item)


def _knock(address: str) -> None:
    """Raise OSError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host, int(port)), _ANSWERS_WITHIN):
            pass


def _join(ray: Any, address: str, workers: int) -> None:  # noqa: ANN401 - a module
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False, "include_dashboard": False}
    try:
        if address:
            _knock(address)
            ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
        else:
            ray.init(num_cpus=workers, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise SettingsError(f"--cluster {address}: no cluster answers ({error}); start one with `ray start`") from error
