"""The picture: painted as it comes, with a line between before and after, and figures that nobody else sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import tokens
from gui.icons import paint_icon
from gui.live.feed import FIT, Feed, Geometry, Picture
from gui.theme import colours
from gui.widgets.preview_marks import around, corners, paint_figures, paint_hint, paint_tag

if TYPE_CHECKING:
    from liveswapping.pipeline.status import Seen

_CLICK_MS = 250
"""A second click within this time makes it a double click."""
_GRIP = 10.0
"""Logical pixels to either side of the line in which it can be taken."""


class Preview(QWidget):
    """One view of the live picture."""

    dropped = Signal(list)
    """Paths of files that were dropped here."""
    double_clicked = Signal()
    face_clicked = Signal(int)
    """The place of a face, from the left of the frame, from 0."""
    first_frame = Signal()

    def __init__(self, parent: QWidget | None = None, *, bare: bool = False) -> None:
        """`bare`: nothing but the picture, for other programs to capture."""
        super().__init__(parent)
        self._bare = bare
        self.feed = Feed(self)
        self.feed.ready.connect(self._on_ready)
        self._picture: Picture | None = None
        self._after: QImage | None = None
        self._before: QImage | None = None
        self._split = 0.5
        self._dragging = self._over = False
        self._mode, self._mirrored = FIT, False
        self._ratio = 0.0
        """Device pixels to a logical one, as the feed was told."""
        self.comparing = False
        self.rounded = True
        self.faces: Callable[[], Sequence[Seen]] = tuple
        """Where faces are in the newest frame, from left to right; they are outlined while the pointer is here."""
        self._pointer: QPointF | None = None
        self._clicked = -1
        self._click = QTimer(self)
        self._click.setSingleShot(True)
        self._click.setInterval(_CLICK_MS)
        self._click.timeout.connect(lambda: self.face_clicked.emit(self._clicked))
        self.overlay = ""
        """Lines written over the picture, here only."""
        self.hint = ("live", "", "")
        """Icon, headline and line of text while there is no picture."""
        self.face_words = "{0}"
        """What a face says that is pointed at; {0} is its number from the left."""
        self.labels = ("", "")
        """What stands over the halves: before, after."""
        self.ages: list[float] = []
        """How old each picture was when it was first painted, in seconds after the run had finished it; kept if asked
        to."""
        self.measuring = self._fresh = False
        self._corners = QPainterPath()
        self.setAcceptDrops(not bare)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """16 : 9."""
        return QSize(640, 360)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small screen."""
        return QSize(320, 180)

    @property
    def has_picture(self) -> bool:
        """Whether anything is shown."""
        return self._after is not None

    def set_view(self, mode: str, mirrored: bool) -> None:
        """How the picture lies in the view."""
        self._mode, self._mirrored = mode, mirrored
        self._tell_geometry()

    def clear(self) -> None:
        """Show the hint again."""
        self.feed.forget()
        self._picture = self._after = self._before = None
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Pictures are wanted from now on."""
        self.feed.open()
        self._tell_geometry()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self.feed.rest()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The next picture is made for the new size."""
        self._tell_geometry()
        self._corners = corners(QRectF(self.rect()))
        super().resizeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, or what to do to get one."""
        if self._ratio != self.devicePixelRatioF():  # it was moved to a screen of another density
            self._tell_geometry()
        painter = QPainter(self)
        picture, after = self._picture, self._after
        if picture is None or after is None:
            painter.fillRect(self.rect(), QColor(colours().stage))
            if not self._bare:
                paint_hint(painter, self.hint, self.size())
        else:
            self._paint_picture(painter, after)
            if self.measuring and self._fresh:
                self.ages.append(time.perf_counter() - picture.finished_at)
            self._fresh = False
            if not self._bare and self._pointer is not None and not self._dragging:
                self._paint_faces(painter, self._pointer)
            if self.overlay and not self._bare:
                paint_figures(painter, self.overlay, self.height())
        if not self._bare and self.rounded:
            self._paint_corners(painter)
        if self._over:
            painter.setPen(QColor(colours().accent_ink))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line, or begin to click on a face."""
        self._dragging = self._near_line(event.position())
        self._clicked = -1 if self._dragging else self._face_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line, or show that it can be dragged."""
        if self._dragging:
            self._split = min(0.98, max(0.02, event.position().x() / max(1, self.width())))
            self.update()
        self._pointer = event.position()
        near = self._dragging or self._near_line(event.position())
        shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if not near and self._face_at(event.position()) >= 0 else shape
        )

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of it; a click on a face counts when it does not become a double click."""
        self._dragging = False
        if self._clicked >= 0:
            self._click.start()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """For whoever wants it."""
        self._click.stop()
        self._clicked = -1
        self.double_clicked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Nobody points at anything."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        if event.mimeData().hasUrls():
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Not here, then."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Files were dropped."""
        self._over = False
        self.update()
        self.dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def _on_ready(self) -> None:
        picture = self.feed.take()
        if picture is None:
            return
        first = self._picture is None
        self._picture = picture
        self._after = _wrapped(picture.after, self.devicePixelRatioF())
        self._before = None if picture.before is None else _wrapped(picture.before, self.devicePixelRatioF())
        self._fresh = True
        self.repaint()  # now, not when Qt has nothing else to do
        if first:
            self.first_frame.emit()

    def _tell_geometry(self) -> None:
        ratio = self._ratio = self.devicePixelRatioF()
        size = round(self.width() * ratio), round(self.height() * ratio)
        self.feed.geometry = Geometry(*size, self._mode, self._mirrored)

    def _near_line(self, place: QPointF) -> bool:
        return self.comparing and self._before is not None and abs(place.x() - self._split * self.width()) < _GRIP

    def _areas(self) -> list[QRectF]:
        """Where the faces are here."""
        if self._picture is None or self._bare:
            return []
        ratio, size, view = self.devicePixelRatioF(), self._picture.source_size, self.feed.geometry
        boxes = [view.place(face.box, size) for face in self.faces()]
        return [QRectF(x1 / ratio, y1 / ratio, (x2 - x1) / ratio, (y2 - y1) / ratio) for x1, y1, x2, y2 in boxes]

    def _face_at(self, place: QPointF) -> int:
        return next((index for index, area in enumerate(self._areas()) if area.contains(place)), -1)

    def _paint_faces(self, painter: QPainter, pointer: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, area in enumerate(self._areas(), 1):
            meant = area.contains(pointer)
            painter.setPen(QPen(QColor(colours().accent if meant else "#b0ffffff"), 2.5 if meant else 1.5))
            painter.drawRoundedRect(area, tokens.RADIUS_M, tokens.RADIUS_M)
            if meant:
                text = self.face_words.format(number)
                left = area.center().x() - painter.fontMetrics().horizontalAdvance(text) / 2 - tokens.GAP_S
                paint_tag(painter, text, QPointF(left, area.bottom() + tokens.GAP_XS), lowest=self.height())
                painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_picture(self, painter: QPainter, after: QImage) -> None:
        size = after.deviceIndependentSize()
        corner = QPointF(round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2))
        for strip in around(self.rect(), QRect(corner.toPoint(), size.toSize())):
            painter.fillRect(strip, QColor(colours().stage))
        painter.drawImage(corner, after)
        if not self.comparing or self._before is None:
            return
        line = round(self._split * self.width())
        painter.save()
        painter.setClipRect(0, 0, line, self.height())
        painter.drawImage(corner, self._before)
        painter.restore()
        painter.fillRect(QRectF(line - 1, 0, 2, self.height()), QColor("#ffffff"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grip = QRectF(line - 14, self.height() / 2 - 14, 28, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(grip)
        paint_icon(painter, "compare", "#161a22", grip.adjusted(6, 6, -6, -6))
        paint_tag(painter, self.labels[0], QPointF(line - tokens.GAP_S, tokens.GAP_M), right=True)
        paint_tag(painter, self.labels[1], QPointF(line + tokens.GAP_S, tokens.GAP_M))

    def _paint_corners(self, painter: QPainter) -> None:
        """Round the picture off by painting over its corners: cheaper than a mask."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._corners, QColor(colours().ground))


def _wrapped(pixels: object, ratio: float) -> QImage:
    """The array as an image, without a copy; it is kept alive by the picture that is shown."""
    rows, columns = pixels.shape[:2]  # type: ignore[attr-defined]
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)  # type: ignore[attr-defined]
    image.setDevicePixelRatio(ratio)
    return image
