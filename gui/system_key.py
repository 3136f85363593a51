"""The key that hides, also while another program is in front, where the system allows that."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence

_log = logging.getLogger(__name__)
_X11_NAMED: Final = {
    Qt.Key.Key_Escape: 0xFF1B,
    Qt.Key.Key_Space: 0x20,
    Qt.Key.Key_Pause: 0xFF13,
    Qt.Key.Key_Insert: 0xFF63,
    Qt.Key.Key_Delete: 0xFFFF,
    Qt.Key.Key_Home: 0xFF50,
    Qt.Key.Key_End: 0xFF57,
}
"""keysymdef.h."""
_WINDOWS_NAMED: Final = {
    Qt.Key.Key_Escape: 0x1B,
    Qt.Key.Key_Space: 0x20,
    Qt.Key.Key_Pause: 0x13,
    Qt.Key.Key_Insert: 0x2D,
    Qt.Key.Key_Delete: 0x2E,
    Qt.Key.Key_Home: 0x24,
    Qt.Key.Key_End: 0x23,
}
"""Virtual-Key Codes of winuser.h."""
_X11_F1, _WINDOWS_F1 = 0xFFBE, 0x70


class _Held(Protocol):
    """A key that is held until it is closed."""

    def close(self) -> None: ...


class SystemKey(QObject):
    """Holds one key at a time for the whole desktop, while that is wanted."""

    pressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: _Held | None = None
        self.problem = ""
        """Why the key works only in the window, after `hold` has answered False."""

    @property
    def possible(self) -> bool:
        """This system lets programs have such keys."""
        return _taker() is not None

    def hold(self, sequence: str) -> bool:
        """Have this key from now on, such as "Ctrl+Shift+H"; "": none. False where that cannot be."""
        self.release()
        self.problem = ""
        taker, keys = _taker(), QKeySequence(sequence)
        if taker is None or keys.isEmpty():
            return False
        combination = keys[0]  # type: ignore[index, unused-ignore]
        try:
            self._held = taker(combination.key(), combination.keyboardModifiers(), self.pressed.emit)
        except (OSError, ValueError) as error:
            self.problem = str(error)
            _log.warning("%s works only while the window is in front: %s", sequence, error)
        return self._held is not None

    def release(self) -> None:
        """Let it go."""
        held, self._held = self._held, None
        if held is not None:
            held.close()


_Take = Callable[[Qt.Key, Qt.KeyboardModifier, Callable[[], object]], _Held]


def _taker() -> _Take | None:
    if sys.platform == "win32":
        return _windows
    return _x11 if QGuiApplication.platformName() == "xcb" else None


def _x11(key: Qt.Key, modifiers: Qt.KeyboardModifier, pressed: Callable[[], object]) -> _Held:
    from gui import x11_key

    return x11_key.X11Key(x11_symbol(key), _sum(modifiers, x11_key), pressed)


def _windows(key: Qt.Key, modifiers: Qt.KeyboardModifier, pressed: Callable[[], object]) -> _Held:
    from gui import windows_key

    return windows_key.WindowsKey(windows_code(key), _sum(modifiers, windows_key), pressed)


def x11_symbol(key: Qt.Key) -> int:
    """X11's number of a key. Raises ValueError for one that is not known here."""
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return _X11_F1 + key - Qt.Key.Key_F1
    if key in _X11_NAMED:
        return _X11_NAMED[key]
    return ord(_character(key).lower())


def windows_code(key: Qt.Key) -> int:
    """The virtual key. Raises ValueError for one that is not known here."""
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F24:
        return _WINDOWS_F1 + key - Qt.Key.Key_F1
    if key in _WINDOWS_NAMED:
        return _WINDOWS_NAMED[key]
    return ord(_character(key))


def _character(key: Qt.Key) -> str:
    """A letter or digit, as Qt numbers it: large."""
    if not (Qt.Key.Key_0 <= key <= Qt.Key.Key_9 or Qt.Key.Key_A <= key <= Qt.Key.Key_Z):
        raise ValueError("this key cannot be had by programs that are not in front")
    return chr(key)


def _sum(modifiers: Qt.KeyboardModifier, numbers: object) -> int:
    found = 0
    for modifier, name in (
        (Qt.KeyboardModifier.ShiftModifier, "SHIFT"),
        (Qt.KeyboardModifier.ControlModifier, "CONTROL"),
        (Qt.KeyboardModifier.AltModifier, "ALT"),
        (Qt.KeyboardModifier.MetaModifier, "META"),
    ):
        if modifiers & modifier:
            found |= getattr(numbers, name)
    return found
