"""How much memory is free, asked of the system."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_UNKNOWN: Final = 2 << 30
"""Where the system does not say: a small machine's."""
_OF_CARD: Final = 0.8


def free_bytes() -> int:
    """Memory that can be used without pushing anything out, of the machine and of the container that we may be in."""
    left = _left_in_container()
    return _of_machine() if left is None else min(left, _of_machine())


def room_on(device: str) -> int:
    """Bytes that may be taken at once on a torch device: most of what is free of a card, half of a machine's.

    A machine has other programs, and its libraries take memory of their own beside that of a network.
    """
    return int(_OF_CARD * card_bytes()) if device == "cuda" else free_bytes() // 2


def card_bytes() -> int:
    """Bytes of the current CUDA card that this process may still take, within the limit that it was given."""
    import torch

    free, total = torch.cuda.mem_get_info()
    held = torch.cuda.memory_reserved()
    share = torch.cuda.get_per_process_memory_fraction()
    return int(min(free + held, share * total) - torch.cuda.memory_allocated())


def _left_in_container(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a container's limit leaves (cgroup version 2, seen from inside); None where there is none.

    Files that were read or written and are kept in memory count as held, but give way: `inactive_file`.
    """
    try:
        limit, held = ((root / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        counts = dict(line.split() for line in (root / "memory.stat").read_text(encoding="ascii").splitlines())
        return max(0, int(limit) - int(held) + int(counts["inactive_file"]))
    except (OSError, ValueError, KeyError):  # "max": there is no limit
        return None


def _of_machine() -> int:
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
