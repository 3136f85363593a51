"""A place for files: dropped here, or chosen by its button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from gui import tokens
from gui.widgets.buttons import TextButton
from gui.widgets.panels import Symbol, label, set_tone, tight

_HIGH, _LOW = 104, 56
"""Its least height, in logical pixels."""


class DropZone(QFrame):
    """Shows that it takes files, and that it would take those that hover over it."""

    dropped = Signal(list)

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        self.setMinimumHeight(_HIGH)
        self.words, self.hint = label("heading"), label("caption", wrap=True)
        self.choose = TextButton("", "plus")
        text = QVBoxLayout()
        tight(text, tokens.GAP_XS)
        text.addStretch(1)
        text.addWidget(self.words)
        text.addWidget(self.hint)
        text.addStretch(1)
        self.line = QHBoxLayout(self)
        tight(self.line, tokens.GAP_L, tokens.GAP_L)
        self.line.addWidget(Symbol(icon_name, 36, "muted"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.line.addLayout(text, 1)
        self.line.addWidget(self.choose)

    def set_low(self, low: bool) -> None:
        """Take less room, where what was dropped needs it."""
        self.setMinimumHeight(_LOW if low else _HIGH)
        above = tokens.GAP_S if low else tokens.GAP_L
        self.line.setContentsMargins(tokens.GAP_L, above, tokens.GAP_L, above)
        self.hint.setVisible(not low)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        if event.mimeData().hasUrls():
            set_tone(self, "over")
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Not here, then."""
        set_tone(self, "")

    def dropEvent(self, event: QDropEvent) -> None:
        """Here they are."""
        set_tone(self, "")
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
