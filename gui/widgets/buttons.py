"""Buttons: with an icon that follows the theme, a name for screen readers, and a tooltip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QSizePolicy, QToolButton, QWidget

from gui import tokens
from gui.icons import icon
from gui.theme import colours

_THEMED = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


def describe(widget: QWidget, name: str, tip: str, shortcut: str = "") -> None:
    """Give a widget its name for screen readers and its tooltip, with the key that does the same."""
    widget.setAccessibleName(name)
    widget.setToolTip(f"{tip} ({shortcut})" if shortcut else tip)


class IconButton(QToolButton):
    """A square button with an icon and no text."""

    def __init__(self, name: str, parent: QWidget | None = None, *, checkable: bool = False, size: int = 32) -> None:
        super().__init__(parent)
        self._name = name
        self.setCheckable(checkable)
        self.setFixedSize(size, size)
        self.setIconSize(QSize(tokens.ICON, tokens.ICON))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._dress()

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """The theme may have changed."""
        if event.type() in _THEMED:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        c = colours()
        self.setIcon(icon(self._name, c.muted if not c.dark else c.text, c.accent_ink))


class TextButton(QPushButton):
    """A button with text and, where a name is given, an icon before it. `role`: "", "primary", "start", "link"."""

    def __init__(self, role: str = "", icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role, self._icon_name = role, icon_name
        self.setProperty("role", role)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(18, 18))
        self._dress()

    def setText(self, text: str) -> None:
        """With a little distance from the icon."""
        super().setText(f" {text}" if self._icon_name else text)

    def set_look(self, icon_name: str, tone: str = "") -> None:
        """Another icon, another tone."""
        self._icon_name = icon_name
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """The theme may have changed, or whether it can be used."""
        if event.type() in (*_THEMED, QEvent.Type.EnabledChange):
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        if not self._icon_name:
            return
        c = colours()
        colour = c.text
        if self.property("tone") == "live":
            colour = c.live
        elif not self.isEnabled():
            colour = c.muted
        elif self._role in ("primary", "start"):
            colour = c.accent_text
        elif self._role == "link":
            colour = c.accent_ink
        self.setIcon(icon(self._icon_name, colour, c.accent_ink))


class Switch(QCheckBox):
    """An on/off switch with its text on the left, as wide as there is room."""

    _TRACK = (34, 20)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(tokens.CONTROL - tokens.UNIT)

    def sizeHint(self) -> QSize:
        """Text, a gap, the track."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + tokens.GAP_M + self._TRACK[0]
        return QSize(width, tokens.CONTROL - tokens.UNIT)

    def hitButton(self, _place: object) -> bool:
        """All of it can be clicked."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Text, and the switch at the right."""
        c = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        width, height = self._TRACK
        track = QRectF(self.width() - width - 1, (self.height() - height) / 2, width, height)
        words = QRectF(0, 0, track.left() - tokens.GAP_S, self.height())
        painter.setPen(QColor(c.text))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        on = self.isChecked()
        painter.setPen(QColor(c.accent_ink) if self.hasFocus() else QColor(c.accent if on else c.line))
        painter.setBrush(QColor(c.accent if on else c.hover))
        painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff" if on or not c.dark else c.muted))
        left = track.right() - height + 3 if on else track.left() + 3
        painter.drawEllipse(QRectF(left, track.top() + 3, height - 6, height - 6))
