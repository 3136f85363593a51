"""Who holds a camera."""

from __future__ import annotations

import os
from pathlib import Path


def holder_of(device: Path, processes: Path = Path("/proc")) -> str:
    """The program, other than this one, that has a device file open on Linux; "" where nobody does.

    Without privileges only the user's own programs can be seen.
    """
    if not device.exists() or not processes.is_dir():
        return ""
    for process in processes.iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid() and _holds(process, device):
            return _name(process)
    return ""


def _holds(process: Path, device: Path) -> bool:
    try:
        return any(_same(entry, device) for entry in (process / "fd").iterdir())
    except OSError:
        return False


def _same(entry: Path, device: Path) -> bool:
    try:
        return Path(os.readlink(entry)) == device  # noqa: PTH115 - Path.readlink would follow nothing more
    except OSError:
        return False


def _name(process: Path) -> str:
    return f"{_text(process / 'comm') or 'a program'} (process {process.name})"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
