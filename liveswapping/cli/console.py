"""What the user reads. Results go to stdout; messages of ours, and nothing else, go to stderr.

OpenCV, FFmpeg, LiteRT and Qt write to file descriptor 2 whatever they please; while a command runs that descriptor is
the log file, and our messages go to a copy of the original.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

_LOG_LIMIT = 2_000_000
"""Bytes after which the log of earlier runs is put aside; one such file is kept."""


class Console:
    """The user's terminal."""

    def __init__(self, messages: TextIO, log: Path | None) -> None:
        self._messages = messages
        self.log = log
        """Where the chatter of libraries goes; None: nowhere."""

    def error(self, message: str) -> None:
        """Say in one line what went wrong."""
        self._write("error: " + " ".join(message.split()) + "\n")

    def note(self, message: str) -> None:
        """Say in one line what is going on, to a person only: nothing where stderr is not a terminal."""
        if self._messages.isatty():
            self._write(message + "\n")

    def trace(self, text: str) -> None:
        """Show where an error came from."""
        self._write(text)

    def print(self, text: str) -> None:
        """Print a result."""
        print(text, flush=True)

    def rich(self) -> RichConsole:
        """A rich console over stderr, for progress; it draws only where stderr is a terminal."""
        from rich.console import Console as RichConsole

        return RichConsole(file=self._messages)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._messages.write(text)
            self._messages.flush()


@contextlib.contextmanager
def open_console() -> Iterator[Console]:
    """The user's terminal, with descriptor 2 turned to the log for as long as it is open."""
    sys.stderr.flush()
    log = _log_file()
    messages = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", buffering=1)
    chatter = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | (os.O_CREAT if log else 0), 0o600)
    kept = os.dup(2)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    try:
        os.dup2(chatter, 2)
        root.addHandler(handler)
        yield Console(messages, log)
    finally:
        root.removeHandler(handler)
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(chatter)
        messages.close()


def _log_file() -> Path | None:
    """The log, put aside when it has grown; None where none can be written."""
    try:
        import platformdirs

        folder = Path(platformdirs.user_log_dir("LiveSwapping", appauthor=False))
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "liveswapping.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(folder / "liveswapping.1.log")
        log.open("a", encoding="utf-8").close()
    except (OSError, ImportError):
        return None
    return log
