"""The command line of LiveSwapping: `python -m liveswapping.run COMMAND …`, the same as `python run.py COMMAND …`."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.cli.consent import settle
from liveswapping.cli.parser import Request, UsageError, overview, parse
from liveswapping.domain.errors import LiveSwappingError

if TYPE_CHECKING:
    from liveswapping.cli.console import Console
    from liveswapping.domain.protocols import Swapper

WITHOUT_WORDS = "gui"
"""The command where none is given: the window."""
_DONE, _FAILED, _USAGE, _INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None, *, swapper: Callable[[], Swapper] | None = None) -> int:
    """Run one command; `argv` defaults to the words after the program's name. Never raises: answers the exit code.

    `swapper`, for `realtime` alone, makes what swaps instead of the engine that the words name.
    0: done, 1: failed with one line on stderr, 2: wrong usage, 3: some items of a batch failed, 130: stopped by Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv) or [WITHOUT_WORDS]
    if words[0] in ("-h", "--help"):
        print(overview())
        return _DONE
    try:
        request = parse(words)
    except UsageError as error:
        return _complain(str(error), _USAGE)
    except LiveSwappingError as error:
        return _complain(str(error), _FAILED)
    except SystemExit as finished:  # argparse printed a help text
        return finished.code if isinstance(finished.code, int) else _FAILED
    return _run(request, swapper)


def run(argv: Sequence[str] | None = None) -> int:
    """The published name of `main`."""
    return main(argv)


def start_gui() -> int:
    """The published name of the command `gui`: the window; the exit code."""
    return main([WITHOUT_WORDS])


def cli() -> None:
    """The `liveswapping` program."""
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before a command had begun
        sys.exit(_INTERRUPTED)


def _run(request: Request, swapper: Callable[[], Swapper] | None) -> int:
    from liveswapping.cli.console import open_console
    from liveswapping.cli.interrupts import interruptible

    given = request.options
    log_file = None if given.get("log_file") is None else Path(given["log_file"])
    try:
        opened = open_console(given.get("log_level", "info"), log_file, bool(given.get("events")))
        with opened as console, interruptible():
            return _command(request, swapper, console)
    except LiveSwappingError as error:  # there is no console to say it
        return _complain(str(error), _FAILED)


def _command(request: Request, swapper: Callable[[], Swapper] | None, console: Console) -> int:
    """Run the command; whatever happens is said in one line."""
    failure: Exception
    try:
        settle(request, console)
        command: Callable[..., int] = importlib.import_module(f"liveswapping.cli.{request.command}").run
        code = command(request, console) if swapper is None else command(request, console, swapper())
        console.finish()
        return code
    except LiveSwappingError as error:
        failure, message = error, str(error)
    except KeyboardInterrupt:
        console.error("stopped; nothing half-written is left")
        return _INTERRUPTED
    except BrokenPipeError:
        return _FAILED  # whoever read our output has gone
    except MemoryError as error:
        failure, message = error, "the memory is full; close other programs, or take a smaller picture"
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback ever
        failure = error
        message = f"unexpected {type(error).__name__}: {error}; run again with --debug and report what it shows"
    if request.options.get("debug"):
        console.trace("".join(traceback.format_exception(failure)))
    console.error(message)
    return _FAILED


def _complain(message: str, code: int) -> int:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    cli()
