"""`plugins`: the parts that other packages bring, and those that were left out."""

from __future__ import annotations

import json
from dataclasses import asdict

from liveswapping.cli.console import Console
from liveswapping.cli.parser import Request
from liveswapping.domain.plugins import installed


def run(request: Request, console: Console) -> int:
    """List them; 0 also where some were left out."""
    states = installed().states
    if request.options.get("json"):
        console.print(json.dumps([asdict(state) for state in states]))
    elif not states:
        console.print("there are no plugins; docs/Plugins.md says how one is written")
    else:
        rows = [
            (state.name, state.package, f"left out: {state.failure}" if state.failure else "\n".join(state.parts))
            for state in states
        ]
        console.table(("plugin", "package", "what it brings"), rows)
    return 0
