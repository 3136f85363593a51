"""`gui`, and no command at all: the window."""

from __future__ import annotations

import importlib

from liveswapping.cli.console import Console
from liveswapping.cli.parser import Request


def run(request: Request, console: Console) -> int:
    """Open it and stay until it is closed. Raises SinkError where there is no screen.

    The window stands above everything else; this is the one upward call, and no import.
    """
    app = importlib.import_module("gui.app")
    code: int = app.main(log=console.log)
    return code
