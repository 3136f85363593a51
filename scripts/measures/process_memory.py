"""What this process takes of memory. Linux."""

from __future__ import annotations

from pathlib import Path


def in_memory(entry: str) -> float:
    """MiB of an entry of this process's status, such as VmRSS."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(entry))) / 1024
