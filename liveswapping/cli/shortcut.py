"""`shortcut`: LiveSwapping in the system's menu, with its icon."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from liveswapping.cli.console import Console
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SinkError

_NAME: Final = "LiveSwapping"
_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_ICONS: Final = _CHECKOUT / "gui" / "icons"
_ICNS_TYPE: Final = b"ic08"
"""A PNG of 256 × 256 in an .icns file (Apple's Icon Image format)."""
_LINK: Final = """
$shell = New-Object -ComObject WScript.Shell
$link = $shell.CreateShortcut($env:LS_LINK)
$link.TargetPath = $env:LS_PROGRAM
$link.Arguments = $env:LS_ARGUMENTS
$link.WorkingDirectory = $env:LS_FOLDER
$link.IconLocation = $env:LS_ICON
$link.Save()
"""


def run(request: Request, console: Console) -> int:
    """Make the entry, or remove it. Raises SinkError."""
    remove = bool(request.options.get("remove"))
    try:
        place = _SYSTEMS[_system()](Path.home(), os.environ, remove)
    except OSError as error:
        raise SinkError(f"the menu cannot be changed: {error.filename or ''} ({error.strerror or error})") from error
    console.print(f"removed {place}" if remove else f"{_NAME} is in the menu now: {place}")
    return 0


def _system() -> str:
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def program() -> list[str]:
    """What starts the window: the checkout's front door, or the installed package."""
    door = _CHECKOUT / "run.py"
    python = Path(sys.executable)
    if sys.platform == "win32":
        windowed = python.with_name("pythonw.exe")
        python = windowed if windowed.is_file() else python
    return [str(python), str(door)] if door.is_file() else [str(python), "-m", "liveswapping.run"]


def linux_entry(home: Path, environment: Mapping[str, str], remove: bool) -> Path:
    """A file of the Desktop Entry Specification 1.5, and the icon beside; answers where the entry is."""
    share = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    entry = share / "applications" / "liveswapping.desktop"
    picture = share / "icons" / "hicolor" / "scalable" / "apps" / "liveswapping.svg"
    if remove:
        entry.unlink(missing_ok=True)
        picture.unlink(missing_ok=True)
        return entry
    for path in (entry, picture):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_ICONS / "app.svg", picture)
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name={_NAME}",
        "Comment=Swap a face, live",
        "Comment[ru]=Замена лица вживую",
        f"Exec={' '.join(map(_quoted, program()))}",
        f"Path={_CHECKOUT}",
        f"Icon={picture}",
        "Terminal=false",
        "Categories=AudioVideo;Video;",
        "StartupWMClass=liveswapping",
    )
    entry.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return entry


def windows_entry(home: Path, environment: Mapping[str, str], remove: bool) -> Path:
    """A shortcut in the start menu, made by the Windows Script Host; answers where it is."""
    data = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    link = data / "Microsoft" / "Windows" / "Start Menu" / "Programs" / f"{_NAME}.lnk"
    icon = data / _NAME / "app.ico"
    if remove:
        link.unlink(missing_ok=True)
        icon.unlink(missing_ok=True)
        return link
    icon.parent.mkdir(parents=True, exist_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    icon.write_bytes(ico((_ICONS / "app-256.png").read_bytes()))
    words = program()
    values = {
        "LS_LINK": str(link),
        "LS_PROGRAM": words[0],
        "LS_ARGUMENTS": subprocess.list2cmdline(words[1:]),
        "LS_FOLDER": str(_CHECKOUT),
        "LS_ICON": str(icon),
    }
    _powershell(_LINK, {**environment, **values})
    return link


def macos_entry(home: Path, _environment: Mapping[str, str], remove: bool) -> Path:
    """A bundle in the user's Applications that starts the program; answers where it is."""
    bundle = home / "Applications" / f"{_NAME}.app"
    if remove:
        shutil.rmtree(bundle, ignore_errors=True)
        return bundle
    contents = bundle / "Contents"
    for folder in ("MacOS", "Resources"):
        (contents / folder).mkdir(parents=True, exist_ok=True)
    (contents / "Resources" / "app.icns").write_bytes(icns((_ICONS / "app-256.png").read_bytes()))
    description = {
        "CFBundleName": _NAME,
        "CFBundleIdentifier": "org.liveswapping.desktop",
        "CFBundleExecutable": _NAME,
        "CFBundleIconFile": "app.icns",
        "CFBundlePackageType": "APPL",
        "NSCameraUsageDescription": "LiveSwapping swaps the face in the camera's picture.",
    }
    (contents / "Info.plist").write_bytes(plistlib.dumps(description))
    script = contents / "MacOS" / _NAME
    script.write_text(f"#!/bin/sh\ncd {shlex.quote(str(_CHECKOUT))}\nexec {shlex.join(program())}\n", encoding="utf-8")
    script.chmod(0o755)
    return bundle


def ico(png: bytes) -> bytes:
    """An .ico file with one PNG of 256 × 256 in it."""
    header = struct.pack("<HHH", 0, 1, 1)
    return header + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(png), len(header) + 16) + png


def icns(png: bytes) -> bytes:
    """An .icns file with one PNG of 256 × 256 in it."""
    element = struct.pack(">4sI", _ICNS_TYPE, 8 + len(png)) + png
    return struct.pack(">4sI", b"icns", 8 + len(element)) + element


def _powershell(program_text: str, environment: Mapping[str, str]) -> None:
    command: Sequence[str] = ("powershell", "-NoProfile", "-NonInteractive", "-Command", program_text)
    answer = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SinkError(f"the shortcut could not be made: {' '.join(answer.stderr.split())[:200] or 'no reason given'}")


def _quoted(word: str) -> str:
    """By the rules for the key Exec: in quotes, with what is special escaped, and no field codes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return (
        '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'
        if escaped != word
        else f'"{word.replace("%", "%%")}"'
    )


_SYSTEMS: Final = {"linux": linux_entry, "windows": windows_entry, "macos": macos_entry}
