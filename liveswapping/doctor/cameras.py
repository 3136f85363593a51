"""Cameras, real and virtual, and who holds them."""

from __future__ import annotations

import os
from pathlib import Path

_OBS_WINDOWS = r"CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}\InprocServer32"
"""Where OBS registers its virtual camera (a DirectShow filter)."""
_OBS_MACOS = Path("/Applications/OBS.app")


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


def virtual_cameras(system: str, video: Path = Path("/sys/devices/virtual/video4linux")) -> tuple[str, ...]:
    """The names of virtual cameras that could be fed."""
    if system == "Linux":
        devices = sorted(video.iterdir()) if video.is_dir() else []
        return tuple(f"/dev/{device.name} ({_text(device / 'name')})" for device in devices)
    if system == "Windows":
        return ("OBS Virtual Camera",) if _registered(_OBS_WINDOWS) else ()
    return ("OBS Virtual Camera",) if _OBS_MACOS.exists() else ()


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


def _registered(key: str) -> bool:
    try:
        import winreg
    except ImportError:
        return False
    try:
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, key))  # type: ignore[attr-defined, unused-ignore]
    except OSError:
        return False
    return True
