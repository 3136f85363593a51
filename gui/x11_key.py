"""A key that works in every window of an X11 desktop: XGrabKey over libxcb, without Xlib's process-wide error handler.

The libraries are those that Qt's own X11 plugin needs.
"""

from __future__ import annotations

import ctypes
import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Any, Final

_log = logging.getLogger(__name__)
SHIFT, CONTROL, ALT, META = 1, 4, 8, 64
_LOCKS: Final = (0, 2, 16, 18)
"""Caps Lock and Num Lock, on or off, do not matter."""
_KEY_PRESS: Final = 2
_ASYNC: Final = 1


class _Cookie(ctypes.Structure):
    """xcb_void_cookie_t."""

    _fields_ = (("sequence", ctypes.c_uint),)


class _Screens(ctypes.Structure):
    """xcb_screen_iterator_t; the screen's first field is its root window."""

    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int))


class X11Key:
    """Holds one key from its making to `close`. `pressed` is called on a thread of its own."""

    def __init__(self, symbol: int, modifiers: int, pressed: Callable[[], object], display: str | None = None) -> None:
        """`symbol`: X11's number of the key; `modifiers`: a sum of the constants above.

        Raises OSError where there is no X server, no such key, or another program holds it.
        """
        self._xcb, self._symbols, self._libc = _libraries()
        self._pressed = pressed
        self._connection = self._xcb.xcb_connect(None if display is None else display.encode(), None)
        try:
            self._grab(symbol, modifiers)
        except OSError:
            self._xcb.xcb_disconnect(self._connection)
            raise
        self._read, self._write = os.pipe()
        self._thread = threading.Thread(target=self._listen, name="system key", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the key go; more than once does no harm."""
        if self._connection is None:
            return
        os.write(self._write, b".")
        self._thread.join()
        os.close(self._read)
        os.close(self._write)
        self._xcb.xcb_disconnect(self._connection)
        self._connection = None

    def _grab(self, symbol: int, modifiers: int) -> None:
        xcb, connection = self._xcb, self._connection
        if xcb.xcb_connection_has_error(connection):
            raise OSError("there is no X server")
        root = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection)).data[0]
        code = self._code(symbol)
        for locks in _LOCKS:
            cookie = xcb.xcb_grab_key_checked(connection, 1, root, modifiers | locks, code, _ASYNC, _ASYNC)
            refused = xcb.xcb_request_check(connection, cookie)
            if refused:
                self._libc.free(refused)
                raise OSError("another program holds this key")

    def _code(self, symbol: int) -> int:
        table = self._symbols.xcb_key_symbols_alloc(self._connection)
        try:
            codes = self._symbols.xcb_key_symbols_get_keycode(table, symbol)
            if not codes or not codes[0]:
                raise OSError("the keyboard has no such key")
            code = int(codes[0])
            self._libc.free(codes)
            return code
        finally:
            self._symbols.xcb_key_symbols_free(table)

    def _listen(self) -> None:
        server = self._xcb.xcb_get_file_descriptor(self._connection)
        while True:
            ready, _, _ = select.select([server, self._read], [], [])
            if self._read in ready:
                return
            while event := self._xcb.xcb_poll_for_event(self._connection):
                kind = event[0] & 0x7F
                self._libc.free(event)
                if kind == _KEY_PRESS:
                    self._pressed()
            if self._xcb.xcb_connection_has_error(self._connection):
                _log.warning("the X server has gone; the key works only in the window now")
                return


def _libraries() -> tuple[Any, Any, Any]:
    """libxcb, libxcb-keysyms and the C library. Raises OSError where one lacks."""
    xcb, symbols, libc = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL("libxcb-keysyms.so.1"), ctypes.CDLL(None)
    pointer, byte, word, number = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32
    for library, name, answer, takes in (
        (xcb, "xcb_connect", pointer, (ctypes.c_char_p, pointer)),
        (xcb, "xcb_connection_has_error", ctypes.c_int, (pointer,)),
        (xcb, "xcb_disconnect", None, (pointer,)),
        (xcb, "xcb_get_setup", pointer, (pointer,)),
        (xcb, "xcb_setup_roots_iterator", _Screens, (pointer,)),
        (xcb, "xcb_grab_key_checked", _Cookie, (pointer, byte, number, word, byte, byte, byte)),
        (xcb, "xcb_request_check", pointer, (pointer, _Cookie)),
        (xcb, "xcb_get_file_descriptor", ctypes.c_int, (pointer,)),
        (xcb, "xcb_poll_for_event", ctypes.POINTER(byte), (pointer,)),
        (symbols, "xcb_key_symbols_alloc", pointer, (pointer,)),
        (symbols, "xcb_key_symbols_get_keycode", ctypes.POINTER(byte), (pointer, number)),
        (symbols, "xcb_key_symbols_free", None, (pointer,)),
        (libc, "free", None, (pointer,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = answer, takes
    return xcb, symbols, libc
