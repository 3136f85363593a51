"""`inspect`: whether and how a file was made, as far as it says so itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from liveswapping.cli.console import Console
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SourceError
from liveswapping.provenance.inspection import explained, inspect


def run(request: Request, console: Console) -> int:
    """Print what each file says. Raises SourceError where one cannot be read."""
    found = [inspect(path, _tags(path)) for path in map(Path, request.options["files"])]
    if request.options.get("json"):
        console.print(json.dumps([asdict(one) for one in found]))
    else:
        console.print("\n".join(line for one in found for line in explained(one)))
    return 0


def _tags(path: Path) -> dict[str, str]:
    """Of a film's container; of anything else none."""
    from liveswapping.media.container import open_media
    from liveswapping.media.images import READABLE

    if path.suffix.lower() in READABLE:
        return {}
    try:
        with open_media(path) as opened:
            return dict(opened.metadata)
    except SourceError:  # what is no film has no tags; what cannot be read is told by who reads it next
        return {}
