"""Whether a window can be opened at all: OpenCV's Qt ends the whole process where it cannot."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from liveswapping.domain.errors import SinkError

_PLUGIN = Path("qt", "plugins", "platforms", "libqxcb.so")
"""The part of OpenCV's Qt that talks to X, the only kind of display that its Linux wheels know."""
_ATTEMPTS = 5
_PAUSE = 0.1
"""Seconds: a bare X server starts anew when its last client leaves, and then refuses for a moment."""


def has_display() -> bool:
    """Whether OpenCV can open a window here."""
    try:
        Display().close()
    except SinkError:
        return False
    return True


class Display:
    """Proof that a window can be opened. On X it is a connection of its own, made the way Qt makes one."""

    def __init__(self) -> None:
        """Raises SinkError, saying why no window can be opened and what to do."""
        self._xcb: ctypes.CDLL | None = None
        if not sys.platform.startswith("linux"):
            return
        name = os.environ.get("DISPLAY", "")
        if not name:
            raise _impossible("there is no display (DISPLAY is not set); run it on a desktop, or record to a file")
        try:
            _load_plugin()
            self._xcb = _load_xcb()
        except OSError as error:
            raise _impossible(f"a library is missing ({error}); install it with the system's packages") from None
        for _ in range(_ATTEMPTS):
            self._connection = self._xcb.xcb_connect(None, None)
            if not self._xcb.xcb_connection_has_error(self._connection):
                return
            self._xcb.xcb_disconnect(self._connection)
            time.sleep(_PAUSE)
        raise _impossible(f"the display '{name}' does not answer or refuses this user; run it as the desktop's user")

    def close(self) -> None:
        """Disconnect. Any number of times."""
        xcb, self._xcb = self._xcb, None
        if xcb is not None:
            xcb.xcb_disconnect(self._connection)


def _impossible(why: str) -> SinkError:
    return SinkError(f"no window can be opened: {why}")


def _load_plugin() -> None:
    spec = find_spec("cv2")
    if spec is not None and spec.origin is not None:
        plugin = Path(spec.origin).parent / _PLUGIN
        if plugin.exists():
            ctypes.CDLL(str(plugin))


def _load_xcb() -> ctypes.CDLL:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = (ctypes.c_void_p,)
    return xcb
