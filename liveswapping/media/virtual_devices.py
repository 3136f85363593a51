"""Virtual cameras of this machine: what there is, and what to do where there is none."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "pyvirtualcam==0.15.0"
LABEL: Final = "LiveSwapping"
"""The name under which other programs see our camera on Linux, where it can be chosen."""
_OBS_WINDOWS = r"CLSID\{A3FCE0F5-3493-419F-958A-ABA1250EC20B}\InprocServer32"
"""Where OBS registers its virtual camera (a DirectShow filter)."""
_OBS_MACOS = Path("/Applications/OBS.app")
_LOOPBACKS = Path("/sys/devices/virtual/video4linux")

INSTALL: Final = {
    "Linux": "load v4l2loopback: `sudo apt install v4l2loopback-dkms && "
    f"sudo modprobe v4l2loopback exclusive_caps=1 card_label={LABEL}`",
    "Windows": "install OBS Studio (28 or newer) from obsproject.com: its installer brings the virtual camera",
    "Darwin": "install OBS Studio (30 or newer) from obsproject.com, press 'Start Virtual Camera' in it once, allow "
    "the extension in System Settings, then stop it there",
}
"""How to get a virtual camera, per system."""
FREE: Final = {
    "Linux": "close the program that feeds it, or run `sudo usermod -aG video $USER` and log in again",
    "Windows": "press 'Stop Virtual Camera' in OBS",
    "Darwin": "press 'Stop Virtual Camera' in OBS, and allow its camera extension in System Settings",
}
"""What keeps us from one that is there."""


@dataclass(frozen=True, slots=True)
class VirtualDevice:
    """A virtual camera that could be fed."""

    device: str
    """What pyvirtualcam calls it."""
    name: str
    """What other programs call it."""


def virtual_devices(system: str | None = None, video: Path = _LOOPBACKS) -> tuple[VirtualDevice, ...]:
    """The virtual cameras of this machine, ours first. `system` is "Linux", "Windows" or "Darwin"."""
    system = system or platform.system()
    if system == "Linux":
        devices = sorted(video.iterdir()) if video.is_dir() else []
        found = [VirtualDevice(f"/dev/{one.name}", _text(one / "name")) for one in devices]
        return tuple(sorted(found, key=lambda one: LABEL not in one.name))
    there = _registered(_OBS_WINDOWS) if system == "Windows" else _OBS_MACOS.exists()
    return (VirtualDevice("OBS Virtual Camera", "OBS Virtual Camera"),) if there else ()


def advice(system: str | None = None, video: Path = _LOOPBACKS) -> str:
    """What the user can do for a virtual camera that cannot be opened."""
    system = system or platform.system()
    cures = FREE if virtual_devices(system, video) else INSTALL
    return cures.get(system, "this system has no virtual camera that can be fed")


def install_package() -> str:
    """The command that brings pyvirtualcam into the environment that runs."""
    return f"`{sys.executable} -m pip install {PACKAGE}`"


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
