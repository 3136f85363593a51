"""A slider with its name, its value, and its resting place."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QVBoxLayout, QWidget

from gui import tokens
from gui.theme import colours
from gui.widgets.panels import label, row, tight

_STEPS = 100
_INSET = 7.0
"""From the end of the line to the middle of the knob there."""


class _Line(QSlider):
    """The line itself: painted by us, moved by Qt. A click goes there; a double click goes back to rest."""

    def __init__(self, rest: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.rest = rest
        self.setRange(0, _STEPS)
        self.setPageStep(10)
        self.setFixedHeight(tokens.ICON)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, tokens.ICON)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move from where the pointer is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self.isSliderDown():
            self._go_to(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Stay here."""
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Back to rest."""
        self.setValue(self.rest)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the panel; it changes a value only where the slider has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A thin line, filled up to the knob, with a dot at rest."""
        c = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        middle, left, right = self.height() / 2, 0.0, float(self.width())
        knob = _INSET + (right - 2 * _INSET) * self.value() / _STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.line if c.dark else c.hover))
        painter.drawRoundedRect(QRectF(left, middle - 2, right - left, 4), 2, 2)
        painter.setBrush(QColor(c.accent))
        painter.drawRoundedRect(QRectF(left, middle - 2, knob - left, 4), 2, 2)
        if self.value() != self.rest:
            painter.setBrush(QColor(c.muted))
            rest = _INSET + (right - 2 * _INSET) * self.rest / _STEPS
            painter.drawEllipse(QPointF(rest, middle), 2, 2)
        painter.setBrush(QColor("#ffffff"))
        painter.setPen(QColor(c.accent_ink if self.hasFocus() else c.accent))
        painter.drawEllipse(QPointF(knob, middle), 6.5, 6.5)

    def _go_to(self, place: QPointF) -> None:
        share = (place.x() - _INSET) / max(1.0, self.width() - 2 * _INSET)
        self.setValue(round(_STEPS * min(1.0, max(0.0, share))))


class Slider(QWidget):
    """A value from 0 to 1. `moved` comes while it is dragged, `settled` when it stays."""

    moved = Signal(float)
    settled = Signal()

    def __init__(self, rest: float) -> None:
        super().__init__()
        self.name = label()
        self._value = label("caption")
        self.line = _Line(round(rest * _STEPS))
        outer = QVBoxLayout(self)
        tight(outer, 0)
        outer.addLayout(row(self.name, 1, self._value))
        outer.addWidget(self.line)
        self.line.valueChanged.connect(self._on_value)
        self.line.sliderReleased.connect(self.settled)
        self.set_value(rest)
        self._show()

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.line.value() / _STEPS

    def set_value(self, value: float) -> None:
        """Move it without telling anybody."""
        blocked = self.line.blockSignals(True)
        self.line.setValue(round(value * _STEPS))
        self.line.blockSignals(blocked)
        self.line.update()
        self._show()

    def describe(self, name: str, tip: str) -> None:
        """Its name and what it does."""
        self.name.setText(name)
        self.line.setAccessibleName(name)
        for widget in (self, self.line):
            widget.setToolTip(tip)

    def _on_value(self, _value: int) -> None:
        self._show()
        self.moved.emit(self.value)
        if not self.line.isSliderDown():
            self.settled.emit()

    def _show(self) -> None:
        self._value.setText(f"{self.line.value()} %")
