"""Child processes of this package's own modules: `python -m liveswapping.…`."""

from __future__ import annotations

import os
from pathlib import Path


def environment() -> dict[str, str]:
    """The child must find this package, also where it is not installed and started from another folder."""
    package = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))}
