"""A picture on which a box is drawn with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import colours
from gui.widgets.preview_marks import corners, paint_hint

_LEAST = 6
"""Logical pixels per side; less is a click, which takes the box away."""


class BoxPicture(QWidget):
    """Shows an image as large as fits. `box` is in the clip's own pixels."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(420)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.hint = ("inpaint", "", "")
        """Icon, headline and line of text while there is no picture."""
        self._image = QImage()
        self._own = QSize()
        self._start: QPoint | None = None
        self._drawn = QRect()
        """In the clip's own pixels."""

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """Left, top, width and height; None: nothing is drawn."""
        drawn = self._drawn
        return None if drawn.isEmpty() else (drawn.left(), drawn.top(), drawn.width(), drawn.height())

    def show_image(self, image: QImage, own: QSize) -> None:
        """Another picture; `own`: the clip's own size. The box is taken away."""
        self._image, self._own, self._drawn = image, own, QRect()
        self.update()
        self.changed.emit()

    def draw(self, box: QRect) -> None:
        """A box in the clip's own pixels, as if by the mouse."""
        self._drawn = box & QRect(QPoint(), self._own)
        self.update()
        self.changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A box begins."""
        if not self._image.isNull() and event.button() == Qt.MouseButton.LeftButton:
            self._start = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It grows."""
        if self._start is not None:
            self._take(QRect(self._start, event.position().toPoint()).normalized())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It is done."""
        if self._start is not None:
            self._take(QRect(self._start, event.position().toPoint()).normalized())
            self._start = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, and the box over it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours().stage))
        if self._image.isNull():
            paint_hint(painter, self.hint, self.size())
            self._paint_corners(painter)
            return
        place = self._place()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if self._drawn.isEmpty():
            self._paint_corners(painter)
            return
        scale = place.width() / self._own.width()
        left, top, width, height = (round(side * scale) for side in self._drawn.getRect())  # type: ignore[attr-defined]
        shown = QRect(place.left() + left, place.top() + top, width, height)
        tint = QColor(colours().accent)
        painter.setPen(QPen(tint, 2))
        tint.setAlphaF(0.25)
        painter.fillRect(shown, tint)
        painter.drawRect(shown)
        self._paint_corners(painter)

    def _paint_corners(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(corners(QRectF(self.rect())), QColor(colours().ground))

    def _take(self, drawn: QRect) -> None:
        """A rectangle on the widget."""
        if min(drawn.width(), drawn.height()) < _LEAST:
            self.draw(QRect())
            return
        place = self._place()
        scale = self._own.width() / max(1, place.width())
        drawn.translate(-place.topLeft())
        left, top, width, height = (round(side * scale) for side in drawn.getRect())  # type: ignore[attr-defined]
        self.draw(QRect(left, top, width, height))

    def _place(self) -> QRect:
        size = self._own.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = QPoint((self.width() - size.width()) // 2, (self.height() - size.height()) // 2)
        return QRect(corner, size)
