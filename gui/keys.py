"""Keys and what they do: one table, changed by the user in the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.preferences import Preferences

KEYS: Final[dict[str, tuple[str, str]]] = {
    "start": ("Ctrl+Return", str(QT_TRANSLATE_NOOP("Keys", "Go live, or stop"))),
    "hide": ("Ctrl+Shift+H", str(QT_TRANSLATE_NOOP("Keys", "Hide: nothing that the camera sees leaves any more"))),
    "record": ("Ctrl+R", str(QT_TRANSLATE_NOOP("Keys", "Record, or end the recording"))),
    "snapshot": ("Ctrl+S", str(QT_TRANSLATE_NOOP("Keys", "Save the picture that is shown"))),
    "compare": ("Ctrl+B", str(QT_TRANSLATE_NOOP("Keys", "Compare before and after"))),
    "fullscreen": ("F11", str(QT_TRANSLATE_NOOP("Keys", "Fill the screen, or leave that"))),
    "paste": ("Ctrl+V", str(QT_TRANSLATE_NOOP("Keys", "Paste a picture as a new face"))),
    "undo": ("Ctrl+Z", str(QT_TRANSLATE_NOOP("Keys", "Undo the last change of the look"))),
    "redo": ("Ctrl+Shift+Z", str(QT_TRANSLATE_NOOP("Keys", "Redo the change of the look"))),
}
"""Name: the key at first, and what it does (English; `described` translates)."""


class Keys(QObject):
    """The keys of one window. They work wherever the focus is, while the window is in front."""

    changed = Signal()

    def __init__(self, window: QWidget, preferences: Preferences) -> None:
        super().__init__(window)
        self._preferences = preferences
        self._actions: dict[str, QAction] = {}
        for name in KEYS:
            action = QAction(self)
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
            action.setShortcut(QKeySequence(self.of(name)))
            window.addAction(action)
            self._actions[name] = action

    def on(self, name: str, run: Callable[[], object]) -> None:
        """Do this when the key is pressed."""
        self._actions[name].triggered.connect(lambda: run())

    def of(self, name: str) -> str:
        """The key, in the form in which it is kept."""
        return self._preferences.values.shortcuts.get(name, KEYS[name][0])

    def shown(self, name: str) -> str:
        """The key, as this system writes it."""
        return QKeySequence(self.of(name)).toString(QKeySequence.SequenceFormat.NativeText)

    def put(self, name: str, key: str) -> str:
        """Another key; answers the name of what has this key already, and then nothing is changed."""
        taken = next((other for other in KEYS if other != name and key and self.of(other) == key), "")
        if not taken:
            self._preferences.change(shortcuts={**self._preferences.values.shortcuts, name: key})
            self._actions[name].setShortcut(QKeySequence(key))
            self.changed.emit()
        return taken


def described(name: str) -> str:
    """What the key does, in the user's language."""
    return QCoreApplication.translate("Keys", KEYS[name][1])
