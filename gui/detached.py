"""The second window: nothing but the picture, for other programs to capture."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from gui.widgets.preview import Preview

_SIZE = (960, 540)


class Detached(Preview):
    """Goes when it is closed."""

    gone = Signal()

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent, bare=True)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("LiveSwapping")
        self.setWindowTitle(title)
        self.resize(*_SIZE)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the main window."""
        self.feed.close()
        self.gone.emit()
        super().closeEvent(event)
