"""The rail at the left: from page to page."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from gui import tokens
from gui.icons import app_icon, icon
from gui.theme import colours
from gui.widgets.buttons import describe
from gui.widgets.panels import label
from gui.widgets.translated import Translated

ICONS: Final = {
    "live": "live",
    "video": "video",
    "images": "images",
    "inpaint": "inpaint",
    "models": "models",
    "settings": "settings",
    "diagnostics": "diagnostics",
}
"""The pages by their keys, in the order of the rail, with their icons."""
_LOW: Final = "settings"
"""From this one on they stand at the bottom."""


class _NavButton(QToolButton):
    """An icon above a word."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self.setProperty("role", "nav")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(22, 22))
        self.setFixedSize(tokens.RAIL - 2 * tokens.GAP_S, 60)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """The theme may have changed."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        c = colours()
        self.setIcon(icon(self._icon_name, c.muted, c.accent_ink))


class Rail(Translated, QFrame):
    """The buttons, one for each page."""

    turned = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setFixedWidth(tokens.RAIL)
        self.buttons = {key: _NavButton(icon_name) for key, icon_name in ICONS.items()}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.GAP_S, tokens.GAP_L, tokens.GAP_S, tokens.GAP_M)
        column.setSpacing(tokens.GAP_XS)
        mark = label()
        mark.setPixmap(app_icon().pixmap(36, 36))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(mark)
        column.addSpacing(tokens.GAP_M)
        for key, button in self.buttons.items():
            if key == _LOW:
                column.addStretch(1)
            self._group.addButton(button)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            button.clicked.connect(lambda _=False, chosen=key: self.turned.emit(chosen))
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        for key, text, tip in (
            ("live", self.tr("Live"), self.tr("Swap the face of a camera's picture")),
            ("video", self.tr("Video"), self.tr("Swap the face in clips")),
            ("images", self.tr("Images"), self.tr("Swap the face in pictures")),
            ("inpaint", self.tr("Inpaint"), self.tr("Take something out of a clip")),
            ("models", self.tr("Models"), self.tr("What is here, and what can be fetched")),
            ("settings", self.tr("Settings"), self.tr("Language, theme, folders, keys")),
            ("diagnostics", self.tr("Diagnostics"), self.tr("What this machine has, and what is wrong with it")),
        ):
            self.buttons[key].setText(text)
            describe(self.buttons[key], text, tip, f"Alt+{list(ICONS).index(key) + 1}")

    def show_page(self, key: str) -> None:
        """Mark the page that is shown."""
        self.buttons[key].setChecked(True)
