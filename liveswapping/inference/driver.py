"""What drives the graphics card, and what the processor is: lines that change when those do."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Final

_NVIDIA: Final = Path("/proc/driver/nvidia/version")
_PROCESSOR: Final = Path("/proc/cpuinfo")
_ADAPTERS: Final = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
"""The registry's class of display adapters (Windows device setup classes)."""


def driver_version() -> str:
    """The versions of all display drivers; of the system where the drivers are part of it."""
    versions = _of_windows_adapters()
    if versions:
        return ", ".join(versions)
    try:
        return _NVIDIA.read_text(encoding="ascii").splitlines()[0]
    except (OSError, IndexError):
        return f"{platform.system()} {platform.release()}"


def processor() -> str:
    """The processor's name, as far as the system tells it, and how many cores of it may be used."""
    name = platform.processor() or platform.machine()
    try:
        text = _PROCESSOR.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return f"{found.group(1) if found else name}, {os.cpu_count()} cores"


def _of_windows_adapters() -> list[str]:
    versions: list[str] = []
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _ADAPTERS) as adapters:
            for index in range(winreg.QueryInfoKey(adapters)[0]):
                try:
                    with winreg.OpenKey(adapters, winreg.EnumKey(adapters, index)) as adapter:
                        versions.append(str(winreg.QueryValueEx(adapter, "DriverVersion")[0]))
                except OSError:
                    continue  # a subkey that is not an adapter
    return versions
