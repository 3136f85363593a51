"""What the user reads. Results go to stdout; messages of ours, and nothing else, go to stderr.

OpenCV, FFmpeg, LiteRT and Qt write to file descriptor 2 whatever they please; while a command runs that descriptor is
the log file, and our messages go to a copy of the original.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from liveswapping.domain.errors import SinkError


class Report(Protocol):
    """How far something is."""

    def __call__(self, label: str, done: int, total: int | None, pace: str = "") -> None:
        """What is done of how much (None: unknown), and how fast, in words."""
        ...


_LOG_LIMIT = 2_000_000
"""Bytes after which the log of earlier runs is put aside; one such file is kept."""

_PIPE_WIDTH = 200
"""Columns of a table that no terminal shows: wide, so that lines stay whole for grep."""


class Console:
    """The user's terminal."""

    def __init__(self, messages: TextIO, log: Path | None, events: bool = False) -> None:
        """`events`: progress goes to stderr as JSON, one object a line, in place of bars."""
        self._messages = messages
        self._events = events
        self.log = log
        """Where the chatter of libraries goes; None: nowhere."""
        self._kept: list[str] = []

    @property
    def encoding(self) -> str:
        """What the terminal shows: the encoding of its own stream, whatever messages are written in."""
        return getattr(sys.stderr, "encoding", None) or "ascii"

    def error(self, message: str) -> None:
        """Say in one line what went wrong."""
        self._write("error: " + " ".join(message.split()) + "\n")

    def inform(self, message: str) -> None:
        """Say in one line what the user must know, though nothing went wrong.

        To a person at once; to a program at the end, and only when all went well: an error stays one line.
        """
        self._kept.append(" ".join(message.split()) + "\n")
        if self._messages.isatty():
            self.finish()

    def finish(self) -> None:
        """The command went well: say what was kept back."""
        for line in self._kept:
            self._write(line)
        self._kept.clear()

    def note(self, message: str) -> None:
        """Say in one line what is going on, to a person only: nothing where stderr is not a terminal."""
        if self._messages.isatty():
            self._write(message + "\n")

    @property
    def asks(self) -> bool:
        """Whether there is a person to answer."""
        return sys.stdin.isatty() and self._messages.isatty()

    def agrees(self, lines: Sequence[str], question: str) -> bool:
        """Show `lines` to a person and ask; False at once where there is none to answer."""
        if not self.asks:
            return False
        for line in lines:
            self._write(line + "\n")
        self._write(f"{question} [y/N] ")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def trace(self, text: str) -> None:
        """Show where an error came from."""
        self._write(text)

    def event(self, values: Mapping[str, object]) -> None:
        """Tell a program, where one wants to hear of events."""
        if self._events:
            self._write(json.dumps(values) + "\n")

    def print(self, text: str) -> None:
        """Print a result."""
        print(text, flush=True)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a result as columns; headings that are all empty are left out."""
        from rich import box
        from rich.console import Console as RichConsole
        from rich.table import Table
        from rich.text import Text

        table = Table(*headings, box=box.SIMPLE, show_header=any(headings), pad_edge=False)
        for row in rows:
            table.add_row(*map(Text, row))
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        RichConsole(file=sys.stdout, width=width).print(table)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Report]:
        """Draw bars where stderr is a terminal. The value is called with a label, what is done, and how much it is."""
        if self._events or not self._messages.isatty():
            yield lambda label, done, total, pace="": None
            return
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

        shown, pace_of = TextColumn("{task.description}"), TextColumn("{task.fields[pace]}")
        columns = (shown, BarColumn(), TaskProgressColumn(), pace_of, TimeRemainingColumn())
        tasks: dict[str, TaskID] = {}
        with Progress(*columns, console=RichConsole(file=self._messages), transient=True) as bars:

            def report(label: str, done: int, total: int | None, pace: str = "") -> None:
                if label not in tasks:
                    tasks[label] = bars.add_task(label, total=total, completed=done, pace=pace)
                bars.update(tasks[label], completed=done, total=total, pace=pace)

            yield report

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._messages.write(text)
            self._messages.flush()


@contextlib.contextmanager
def open_console(level: str = "info", log_file: Path | None = None, events: bool = False) -> Iterator[Console]:
    """The user's terminal, with descriptor 2 turned to the log for as long as it is open.

    `level`: the least severe messages of ours that are logged. `log_file`: in place of the usual one; raises SinkError
    where it cannot be written. `events`: as Console's.
    """
    sys.stderr.flush()
    log = _log_file() if log_file is None else _named_log(log_file)
    messages = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace", buffering=1)
    chatter = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | (os.O_CREAT if log else 0), 0o600)
    kept = os.dup(2)
    # By the descriptor, not by sys.stderr: whoever replaced that is not to read the log.
    lines = os.fdopen(os.dup(chatter), "w", encoding="utf-8", errors="replace", buffering=1)
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root, ours = logging.getLogger(), logging.getLogger("liveswapping")
    before = ours.level
    try:
        os.dup2(chatter, 2)
        root.addHandler(handler)
        ours.setLevel(level.upper())
        yield Console(messages, log, events)
    finally:
        root.removeHandler(handler)
        lines.close()
        ours.setLevel(before)
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
        log = _rotated(folder / "liveswapping.log")
    except (OSError, ImportError):
        return None
    return log


def _named_log(log: Path) -> Path:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return _rotated(log)
    except OSError as error:
        raise SinkError(f"--log_file {log} cannot be written: {error.strerror or error}; name another file") from error


def _rotated(log: Path) -> Path:
    """The log, empty where it had grown too large; what it held is kept beside it, once."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.stem}.1{log.suffix}"))
    log.open("a", encoding="utf-8").close()
    return log
