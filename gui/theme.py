"""Dark, light, or as the system has it: the palette and the style sheet, switched while the window is open."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from gui.stylesheet import stylesheet
from gui.tokens import DARK, FAMILIES, LIGHT, TEXT_BODY, Colours

MODES: Final = ("system", "dark", "light")


class Theme(QObject):
    """The theme of an application, which owns it. One per application."""

    changed = Signal()

    def __init__(self, app: QApplication, mode: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self.colours = DARK
        """Those that are in use."""
        app.setStyle("Fusion")
        font = QFont()
        font.setFamilies(list(FAMILIES))
        font.setPixelSize(TEXT_BODY)
        app.setFont(font)
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply(force=True)

    @property
    def mode(self) -> str:
        """One of MODES."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Switch, at once."""
        self._mode = mode if mode in MODES else "system"
        self._apply()

    def _apply(self, _scheme: Qt.ColorScheme | None = None, *, force: bool = False) -> None:
        colours = self._wanted()
        if colours is self.colours and not force:
            return
        self.colours = colours
        self._app.setPalette(_palette(colours))
        self._app.setStyleSheet(stylesheet(colours))
        self.changed.emit()

    def _wanted(self) -> Colours:
        if self._mode == "system":
            return LIGHT if self._app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
        return LIGHT if self._mode == "light" else DARK


def colours() -> Colours:
    """The colours in use; dark where no theme was made yet."""
    app = QApplication.instance()
    theme = app.findChild(Theme) if app is not None else None
    return theme.colours if theme is not None else DARK


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, c.ground),
        (role.WindowText, c.text),
        (role.Base, c.raised),
        (role.AlternateBase, c.surface),
        (role.Text, c.text),
        (role.Button, c.raised),
        (role.ButtonText, c.text),
        (role.PlaceholderText, c.muted),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.accent_text),
        (role.Accent, c.accent),
        (role.Link, c.accent_ink),
        (role.ToolTipBase, c.raised),
        (role.ToolTipText, c.text),
        (role.Mid, c.line),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        faded = QColor(c.muted)
        faded.setAlphaF(0.6)
        palette.setColor(QPalette.ColorGroup.Disabled, which, faded)
    return palette
