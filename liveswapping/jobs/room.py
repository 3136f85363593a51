"""How much memory is free, asked of the system."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_UNKNOWN: Final = 2 << 30
"""Where the system does not say: a small machine's."""


def free_bytes() -> int:
    """Memory that can be used without pushing anything out."""
    if sys.platform == "win32":
        return _windows()
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4
    except (OSError, ValueError):
        return _UNKNOWN


if sys.platform == "win32":

    class _Status(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "page", "pages", "own", "owns", "more")),
        )

    def _windows() -> int:
        status = _Status()
        status.length = ctypes.sizeof(status)
        found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.available) if found else _UNKNOWN
