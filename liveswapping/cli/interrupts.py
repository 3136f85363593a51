"""Ctrl-C, and the system's wish that the process end: an exception on the main thread that always arrives."""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

_COMPILERS: Final = ("numba", "llvmlite")
"""Libraries that call back from C: an exception there is dropped, or ends the process by a fault."""
_AGAIN_S: Final = 0.05


class Interrupted(KeyboardInterrupt):
    """The user, or the system, wants the command to stop.

    Of its own type: a plain KeyboardInterrupt that has crossed an `exec` of text (dataclasses are made so) makes
    CPython 3.11 to 3.13 end the process by the signal, whatever was caught and whatever exit code was asked for.
    """


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """SIGINT and SIGTERM raise Interrupted in the block; on another thread than the main one: no change."""
    if threading.current_thread() is not threading.main_thread():  # whoever called handles signals
        yield
        return
    later: list[threading.Timer] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not _compiling(frame):
            raise Interrupted
        again = threading.Timer(_AGAIN_S, _send, (number,))
        again.daemon = True
        again.start()
        later[:] = [again]

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for timer in later:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(number: int) -> None:
    """To the main thread, also where it waits."""
    if sys.platform == "win32":
        _thread.interrupt_main(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def _compiling(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in _COMPILERS:
            return True
        frame = frame.f_back
    return False
