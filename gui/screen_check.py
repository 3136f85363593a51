"""Whether Qt can open a window here: where it cannot it ends the whole process, so it is asked before."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping

from liveswapping.doctor.checks import WINDOW_LIBRARIES
from liveswapping.domain.errors import SinkError


def check_screen(environment: Mapping[str, str]) -> None:
    """Raise SinkError, saying what to do, where no window can be opened."""
    if not sys.platform.startswith("linux"):
        return
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform.startswith(("offscreen", "minimal", "vnc")):
        return
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        raise SinkError(
            "no window can be opened: there is no display; start it on a desktop, or see `python run.py --help` "
            "for what works without one"
        )
    if environment.get("WAYLAND_DISPLAY") and not environment.get("DISPLAY"):
        return
    missing = [name for name in WINDOW_LIBRARIES if not _loads(name)]
    if missing:
        raise SinkError(
            f"no window can be opened: {', '.join(missing)} missing; `python run.py doctor` names the packages"
        )


def without_foreign_qt(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables to remove: OpenCV points Qt at plugins of its own."""
    names = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "QT_PLUGIN_PATH")
    return {name: environment[name] for name in names if "cv2" in environment.get(name, "")}


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def scrub() -> None:
    """Remove them."""
    for name in without_foreign_qt(os.environ):
        del os.environ[name]
