"""What holds other widgets: cards, pages, rows, and what stands where nothing is yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui import tokens
from gui.icons import paint_icon
from gui.theme import colours
from gui.widgets.translated import Translated

_NARROWEST = 80
"""Logical pixels of a box that still can be read."""


def label(role: str = "", *, wrap: bool = False) -> QLabel:
    """A label of a role: "", caption, muted, heading, title, display, step."""
    made = QLabel()
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if role == "step":
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


class ElidedLabel(QLabel):
    """A line that gives way: what there is no room for ends in …, and all of it is in the tooltip."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def setText(self, text: str) -> None:
        """The whole line."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As much of it as there is room for."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), text)


def set_tone(widget: QWidget, tone: str) -> None:
    """Another tone: "", good, warn, bad."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def tight(layout: QBoxLayout, gap: int = tokens.GAP_S, margin: int = 0) -> QBoxLayout:
    """`layout` with these distances."""
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    return layout


def row(*widgets: QWidget | int, gap: int = tokens.GAP_S) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    made = QHBoxLayout()
    tight(made, gap)
    for widget in widgets:
        if isinstance(widget, int):
            made.addStretch(widget)
        else:
            made.addWidget(widget)
    return made


def field(name: QLabel, box: QWidget, width: int) -> QHBoxLayout:
    """A name at the left, and at the right what is chosen, `width` wide, or less where the name is long."""
    box.setMinimumWidth(min(width, _NARROWEST))
    box.setMaximumWidth(width)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    made = row(name, box)
    made.setStretch(1, 1)
    return made


def rule() -> QFrame:
    """A thin line."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


class Symbol(QWidget):
    """An icon that is only looked at. `tone`: accent, muted, good, warn, live."""

    def __init__(self, name: str, size: int = tokens.ICON, tone: str = "accent_ink") -> None:
        super().__init__()
        self._name, self._tone = name, tone
        self.setFixedSize(size, size)

    def show_as(self, name: str, tone: str) -> None:
        """Another icon."""
        self._name, self._tone = name, tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """In the theme's colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(painter, self._name, getattr(colours(), self._tone), QRectF(self.rect()))


class Card(QFrame):
    """A panel; its heading has an icon or a number, or is not there.

    `header` takes more widgets at its right, `body` everything else.
    """

    def __init__(self, icon_name: str = "", step: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        tight(outer, tokens.GAP_M, tokens.GAP_L)
        self.heading = label("heading")
        self.header = QHBoxLayout()
        tight(self.header)
        if step:
            number = label("step")
            number.setText(step)
            self.header.addWidget(number)
        elif icon_name:
            self.header.addWidget(Symbol(icon_name))
        if step or icon_name:
            self.header.addWidget(self.heading)
            self.header.addStretch(1)
        if step or icon_name:
            outer.addLayout(self.header)
        self.body = QVBoxLayout()
        tight(self.body)
        outer.addLayout(self.body)


class Page(Translated, QWidget):
    """One page of the window. `retranslate` sets every text; it is called again when the language changes."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def retranslate(self) -> None:
        """Set all texts."""

    def pieces(self) -> Iterable[Callable[[], object]]:
        """What is still to be made of it, each short, to be called one after the other."""
        return ()

    def settle(self) -> None:
        """Work out styles and layouts of what is there, though nobody sees it yet."""
        self.grab()


def scrolled(content: QLayout, width: int | None = None) -> QScrollArea:
    """`content` in an area that scrolls up and down where it does not fit."""
    inner = QWidget()
    inner.setProperty("role", "scrolled")
    inner.setLayout(content)
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    if width is not None:
        area.setFixedWidth(width)
    return area


class TitledPage(Page):
    """A page with a title, a line that says what it is for, and a column of content that scrolls."""

    WIDTH = 920

    def __init__(self) -> None:
        super().__init__()
        self.title = label("title")
        self.lead = label("muted", wrap=True)
        self.content = QVBoxLayout()
        tight(self.content, tokens.GAP_L)
        column = QWidget()
        column.setMaximumWidth(self.WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inside = QVBoxLayout(column)
        inside.setContentsMargins(tokens.GAP_XL, tokens.GAP_XL, tokens.GAP_XL, tokens.GAP_XL)
        inside.setSpacing(tokens.GAP_L)
        head = QVBoxLayout()
        tight(head, tokens.GAP_XS)
        self.buttons = QHBoxLayout()
        tight(self.buttons)
        top = row(self.title, 1)
        top.addLayout(self.buttons)
        head.addLayout(top)
        head.addWidget(self.lead)
        inside.addLayout(head)
        inside.addLayout(self.content)
        inside.addStretch(1)
        centred = QHBoxLayout()
        tight(centred, 0)
        centred.addStretch(1)
        centred.addWidget(column, 100)
        centred.addStretch(1)
        outer = QVBoxLayout(self)
        tight(outer, 0)
        outer.addWidget(scrolled(centred))


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, what to do, and room for a button below."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        tight(self._layout, tokens.GAP_S, tokens.GAP_XL)
        self._layout.addStretch(1)
        self._layout.addWidget(Symbol(icon_name, 40, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.words = label("muted", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._layout.addWidget(self.words)
        self._layout.addStretch(1)

    def add(self, widget: QWidget) -> None:
        """Something to click below the words."""
        self._layout.insertWidget(self._layout.count() - 1, widget, 0, Qt.AlignmentFlag.AlignHCenter)

    def minimumSizeHint(self) -> QSize:
        """Room for the words."""
        return QSize(200, 140)
