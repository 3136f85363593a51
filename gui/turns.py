"""Long work on the window's thread, in short pieces: between two of them the window is painted and clicked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer


class Turns(QObject):
    """Calls one function after the other, one in each turn of the event loop."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._coming: deque[Callable[[], object]] = deque()
        self._awaited = False

    def begin(self, pieces: Iterable[Callable[[], object]]) -> None:
        """Do these from now on, instead of those that are left."""
        self._coming = deque(pieces)
        self._await()

    def before(self, pieces: Iterable[Callable[[], object]]) -> None:
        """Do these before those that are left."""
        self._coming.extendleft(reversed(list(pieces)))
        self._await()

    def finish(self) -> None:
        """Do all that is left at once."""
        while self._coming:
            self._coming.popleft()()

    def _await(self) -> None:
        if self._coming and not self._awaited:
            self._awaited = True
            QTimer.singleShot(0, self, self._next)

    def _next(self) -> None:
        self._awaited = False
        if self._coming:
            self._coming.popleft()()
        self._await()
