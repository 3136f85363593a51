"""Who does the work of a batch: this process, several of this machine, or those of a cluster."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol, TypeAlias

from liveswapping.jobs.items import Item
from liveswapping.jobs.results import Result, Status

_POLL = 0.2
"""Seconds after which somebody looks whether the batch is cancelled."""
_ATTEMPTS = 2
"""An item that two workers died of is given up."""


class Worker(Protocol):
    """Does item after item. One thread."""

    def do(self, item: Item) -> Result:
        """Work on one item. Raises nothing: a failure is a result."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


Open: TypeAlias = Callable[[], Worker]
"""Makes a worker; it can be sent to another process."""
Take: TypeAlias = Callable[[Result], None]
Stopped: TypeAlias = Callable[[], bool]


class Crew(Protocol):
    """Does all items."""

    def work(self, items: Iterable[Item], take: Take, stopped: Stopped) -> None:
        """Do items until there is none or `stopped` says so; `take` is called on this thread, in any order."""
        ...


class Alone:
    """This process."""

    def __init__(self, open_worker: Open) -> None:
        self._open = open_worker

    def work(self, items: Iterable[Item], take: Take, stopped: Stopped) -> None:
        """One after the other."""
        worker = self._open()
        try:
            for item in items:
                if stopped():
                    return
                take(worker.do(item))
        finally:
            worker.close()


@dataclass(slots=True, eq=False)
class _Hand:
    """A worker process, and what it is at."""

    process: BaseProcess
    line: Connection
    item: Item | None = None


class Processes:
    """Several processes of this machine, each with a card of its own where there are several."""

    def __init__(self, open_worker: Open, workers: int) -> None:
        self._open = open_worker
        self._workers = workers
        self._cards = cards()
        self._hired = 0

    def work(self, items: Iterable[Item], take: Take, stopped: Stopped) -> None:
        """As `Crew.work`. An item whose worker dies is done once more by another."""
        waiting = deque(items)
        died: dict[int, int] = {}
        hands: list[_Hand] = []
        try:
            while (waiting and not stopped()) or any(hand.item is not None for hand in hands):
                while waiting and not stopped() and len(hands) < self._workers:
                    hands.append(self._hire())
                for hand in hands:
                    if hand.item is None and waiting and not stopped():
                        hand.item = waiting.popleft()
                        _send(hand.line, hand.item)
                self._listen(hands, waiting, died, take)
        finally:
            for hand in hands:
                _dismiss(hand)

    def _listen(self, hands: list[_Hand], waiting: deque[Item], died: dict[int, int], take: Take) -> None:
        lines = {hand.line: hand for hand in hands}
        for line in wait(list(lines), _POLL):
            assert isinstance(line, Connection)
            hand = lines[line]
            try:
                take(line.recv())
                hand.item = None
            except (EOFError, OSError):
                hands.remove(hand)
                _dismiss(hand)
                lost(hand.item, waiting, died, take)

    def _hire(self) -> _Hand:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        card = self._cards[self._hired % len(self._cards)] if len(self._cards) > 1 else None
        self._hired += 1
        process = context.Process(target=_serve, args=(theirs, self._open, card), name="batch worker", daemon=True)
        process.start()
        theirs.close()
        return _Hand(process, ours)


def lost(item: Item | None, waiting: deque[Item], died: dict[int, int], take: Take) -> None:
    """The worker that was at `item` died: put it back, or give it up."""
    if item is None:
        return
    died[item.index] = died.get(item.index, 0) + 1
    if died[item.index] < _ATTEMPTS:
        waiting.appendleft(item)
    else:
        take(given_up(item, "the worker process died of it, twice"))


def given_up(item: Item, why: str) -> Result:
    """The result of an item that could not be done."""
    return Result(item.index, str(item.source), str(item.output), item.kind.value, Status.FAILED, why)


def cards() -> Sequence[str]:
    """Numbers of the NVIDIA cards of this machine, those that the user lets us see."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [card for card in visible.split(",") if card.strip()]
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        answer = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [str(number) for number, line in enumerate(answer.stdout.splitlines()) if line.startswith("GPU ")]


def _send(line: Connection, item: Item) -> None:
    try:
        line.send(item)
    except OSError:
        return  # it died between two items; its end of the line is read as closed next


def _serve(line: Connection, open_worker: Open, card: str | None) -> None:
    """A worker process: until the line is closed."""
    if card is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = card
    worker: Worker | None = None
    try:
        while True:
            item = line.recv()
            if worker is None:
                worker = open_worker()
            line.send(worker.do(item))
    except (EOFError, OSError, KeyboardInterrupt):
        return
    finally:
        if worker is not None:
            worker.close()


def _dismiss(hand: _Hand) -> None:
    hand.line.close()
    hand.process.join(5.0)
    if hand.process.is_alive():
        hand.process.kill()
        hand.process.join()
    hand.process.close()
