"""The terms on the command line: a person is asked once, a program is told, and neither waits for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liveswapping.cli.flag import RUNS
from liveswapping.domain.errors import SettingsError
from liveswapping.provenance.consent import NOTICE, TERMS, given, record

if TYPE_CHECKING:
    from liveswapping.cli.console import Console
    from liveswapping.cli.parser import Request


def settle(request: Request, console: Console) -> None:
    """Before a command that swaps faces. Raises SettingsError where a person says no.

    `demo` asks nobody: it shows faces that may be used.
    """
    if request.options.get("accept_terms"):
        if not record():
            console.inform("that you accept the terms cannot be kept: the folder for settings is not writable")
        return
    if request.command not in (*RUNS, "serve") or given():
        return
    if request.command == "demo" or not console.asks:
        console.inform(NOTICE)
    elif console.agrees(TERMS, "Do you agree?"):
        record()
    else:
        raise SettingsError("nothing was done, as you did not agree to the terms")
