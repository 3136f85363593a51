"""A clip from its beginning to its end: small pictures, where one looks, and the part that is wanted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import tokens
from gui.theme import colours

PICTURES = 12
"""How many small pictures there is room for."""
STRIP = 64
"""Height of the pictures, in logical pixels."""
_HANDLE = 10.0
_HEAD = 8.0
_SHORTEST = 0.1
"""Seconds of the shortest part."""
_STEP, _LEAP = 1.0, 10.0
"""Seconds that an arrow key moves; with Shift held."""


class Timeline(QWidget):
    """Drag the ends to keep a part; click or drag anywhere else to look there. Arrow keys, I and O do the same."""

    sought = Signal(float)
    """Seconds from the beginning."""
    trimmed = Signal(float, float)
    """From and to, in seconds, when a handle was let go."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.start, self.end = 0.0, 0.0
        self.position = 0.0
        self._pictures: dict[int, QImage] = {}
        self._dragged = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(STRIP + int(_HEAD) + tokens.GAP_XS)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(480, self.height())

    def begin(self, seconds: float) -> None:
        """Another clip, of this length."""
        self.seconds = self.end = seconds
        self.start = self.position = 0.0
        self._pictures.clear()
        self.update()

    def put_picture(self, number: int, image: QImage) -> None:
        """One of PICTURES small pictures."""
        self._pictures[number] = image
        self.update()

    def put_part(self, start: float, end: float) -> None:
        """The part that is wanted, in seconds; nobody is told."""
        self.start, self.end = max(0.0, start), min(self.seconds, end) if end > 0 else self.seconds
        self.update()

    def put_position(self, seconds: float) -> None:
        """Look there; nobody is told."""
        self.position = min(self.seconds, max(0.0, seconds))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a handle, or look where the pointer is."""
        if self.seconds <= 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self._dragged = self._what_is_at(event.position().x())
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it, or show that it can be dragged."""
        if self._dragged:
            self._drag(event.position().x())
        handle = (self._dragged or self._what_is_at(event.position().x())) != "position"
        self.setCursor(Qt.CursorShape.SizeHorCursor if handle else Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let it go."""
        dragged, self._dragged = self._dragged, ""
        if dragged in ("start", "end"):
            self.trimmed.emit(self.start, self.end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End look elsewhere; I and O begin and end the part here."""
        key = event.key()
        leap = _LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        places = {
            Qt.Key.Key_Left: self.position - leap,
            Qt.Key.Key_Right: self.position + leap,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: self.seconds,
        }
        if key in places:
            self._seek(places[Qt.Key(key)])
        elif key == Qt.Key.Key_I:
            self.begin_here()
        elif key == Qt.Key.Key_O:
            self.end_here()
        else:
            super().keyPressEvent(event)

    def begin_here(self) -> None:
        """The part begins where one looks."""
        self._trim(self.position, self.end)

    def end_here(self) -> None:
        """The part ends where one looks."""
        self._trim(self.start, self.position)

    def all_of_it(self) -> None:
        """The whole clip is wanted."""
        self._trim(0.0, self.seconds)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Pictures, what is left out, handles, and where one looks."""
        c = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        strip = self._strip()
        shape = QPainterPath()
        shape.addRoundedRect(strip, tokens.RADIUS_S, tokens.RADIUS_S)
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(strip, QColor(c.raised))
        width = strip.width() / PICTURES
        for number, image in self._pictures.items():
            _fill(painter, image, QRectF(strip.left() + number * width, strip.top(), width, strip.height()))
        if self.seconds > 0:
            shade = QColor(c.ground)
            shade.setAlphaF(0.75)
            left, right = self._x(self.start), self._x(self.end)
            painter.fillRect(QRectF(strip.left(), strip.top(), left - strip.left(), strip.height()), shade)
            painter.fillRect(QRectF(right, strip.top(), strip.right() - right, strip.height()), shade)
        painter.restore()
        if self.seconds > 0:
            self._paint_part(painter, strip)

    def _paint_part(self, painter: QPainter, strip: QRectF) -> None:
        c = colours()
        left, right, here = self._x(self.start), self._x(self.end), self._x(self.position)
        accent = QColor(c.accent_ink if self.hasFocus() else c.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRect(QRectF(left, strip.top(), right - left, 2))
        painter.drawRect(QRectF(left, strip.bottom() - 2, right - left, 2))
        for x in (left - _HANDLE, right):
            painter.setBrush(accent)
            painter.drawRoundedRect(QRectF(x, strip.top(), _HANDLE, strip.height()), 4, 4)
            painter.setBrush(QColor(c.accent_text))
            painter.drawRoundedRect(QRectF(x + _HANDLE / 2 - 1, strip.center().y() - 8, 2, 16), 1, 1)
        painter.setBrush(QColor(c.text))
        painter.drawRect(QRectF(here - 1, strip.top() - 2, 2, strip.height() + 4))
        top = [QPointF(here - 6, 0), QPointF(here + 6, 0), QPointF(here, _HEAD)]
        painter.drawPolygon(QPolygonF(top))

    def changeEvent(self, event: QEvent) -> None:
        """The theme may have changed."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _strip(self) -> QRectF:
        return QRectF(_HANDLE, _HEAD, max(1.0, self.width() - 2 * _HANDLE), STRIP)

    def _x(self, seconds: float) -> float:
        strip = self._strip()
        return strip.left() + strip.width() * (seconds / self.seconds if self.seconds else 0.0)

    def _time(self, x: float) -> float:
        strip = self._strip()
        return min(1.0, max(0.0, (x - strip.left()) / strip.width())) * self.seconds

    def _what_is_at(self, x: float) -> str:
        if self._x(self.start) - _HANDLE <= x <= self._x(self.start):
            return "start"
        if self._x(self.end) <= x <= self._x(self.end) + _HANDLE:
            return "end"
        return "position"

    def _drag(self, x: float) -> None:
        seconds = self._time(x)
        if self._dragged == "start":
            self.start = min(seconds, self.end - _SHORTEST)
        elif self._dragged == "end":
            self.end = max(seconds, self.start + _SHORTEST)
        self._seek(seconds)

    def _seek(self, seconds: float) -> None:
        self.put_position(seconds)
        self.sought.emit(self.position)

    def _trim(self, start: float, end: float) -> None:
        if end - start >= _SHORTEST:
            self.start, self.end = start, end
            self.update()
            self.trimmed.emit(start, end)


def _fill(painter: QPainter, image: QImage, place: QRectF) -> None:
    """The middle of the image, as large as the place."""
    scale = max(place.width() / image.width(), place.height() / image.height())
    width, height = place.width() / scale, place.height() / scale
    source = QRectF((image.width() - width) / 2, (image.height() - height) / 2, width, height)
    painter.drawImage(place, image, source)
