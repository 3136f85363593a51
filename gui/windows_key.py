"""A key that works in every window of Windows: RegisterHotKey, whose messages come to the thread that asked."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, Final

ALT, CONTROL, SHIFT, META = 1, 2, 4, 8
_NO_REPEAT: Final = 0x4000
_HOTKEY: Final = 0x0312
_QUIT: Final = 0x0012


class _Message(ctypes.Structure):
    """MSG."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("kind", ctypes.c_uint),
        ("wide", ctypes.c_size_t),
        ("long", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
    )


class WindowsKey:
    """Holds one key from its making to `close`. `pressed` is called on a thread of its own."""

    def __init__(self, code: int, modifiers: int, pressed: Callable[[], object]) -> None:
        """`code`: a virtual key; `modifiers`: a sum of the constants above. Raises OSError where it is taken."""
        self._user: Any = ctypes.WinDLL("user32")  # type: ignore[attr-defined, unused-ignore]
        self._kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
        self._pressed = pressed
        self._held = False
        self._native = 0
        self._tried = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(code, modifiers), name="system key", daemon=True)
        self._thread.start()
        self._tried.wait()
        if not self._held:
            self._thread.join()
            raise OSError("another program holds this key")

    def close(self) -> None:
        """Let the key go; more than once does no harm."""
        if self._thread.is_alive():
            self._user.PostThreadMessageW(self._native, _QUIT, 0, 0)
            self._thread.join()

    def _listen(self, code: int, modifiers: int) -> None:
        message = _Message()
        # Makes the queue that PostThreadMessage needs.
        self._user.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)
        self._native = self._kernel.GetCurrentThreadId()
        self._held = bool(self._user.RegisterHotKey(None, 1, modifiers | _NO_REPEAT, code))
        self._tried.set()
        if not self._held:
            return
        while self._user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            if message.kind == _HOTKEY:
                self._pressed()
        self._user.UnregisterHotKey(None, 1)
