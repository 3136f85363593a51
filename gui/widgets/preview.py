"""The picture: painted as it comes, with a line between before and after, and figures that nobody else sees."""

from __future__ import annotations

import time

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import tokens
from gui.icons import paint_icon
from gui.live.feed import FIT, Feed, Geometry, Picture
from gui.theme import colours

_GRIP = 10.0
"""Logical pixels to either side of the line in which it can be taken."""


class Preview(QWidget):
    """One view of the live picture."""

    dropped = Signal(list)
    """Paths of files that were dropped here."""
    double_clicked = Signal()
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
        self.comparing = False
        self.rounded = True
        self.overlay = ""
        """Lines written over the picture, here only."""
        self.hint = ("live", "", "")
        """Icon, headline and line of text while there is no picture."""
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
        self.feed.close()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The next picture is made for the new size."""
        self._tell_geometry()
        self._corners = _corners(QRectF(self.rect()))
        super().resizeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, or what to do to get one."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours().stage))
        picture, after = self._picture, self._after
        if picture is None or after is None:
            self._paint_hint(painter)
        else:
            self._paint_picture(painter, after)
            if self.measuring and self._fresh:
                self.ages.append(time.perf_counter() - picture.finished_at)
            self._fresh = False
            if self.overlay and not self._bare:
                self._paint_overlay(painter)
        if not self._bare and self.rounded:
            self._paint_corners(painter)
        if self._over:
            painter.setPen(QColor(colours().accent_ink))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line."""
        self._dragging = self._near_line(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line, or show that it can be dragged."""
        if self._dragging:
            self._split = min(0.98, max(0.02, event.position().x() / max(1, self.width())))
            self.update()
        near = self._dragging or self._near_line(event.position())
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of it."""
        self._dragging = False

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """For whoever wants it."""
        self.double_clicked.emit()

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
        ratio = self.devicePixelRatioF()
        size = round(self.width() * ratio), round(self.height() * ratio)
        self.feed.geometry = Geometry(*size, self._mode, self._mirrored)

    def _near_line(self, place: QPointF) -> bool:
        return self.comparing and self._before is not None and abs(place.x() - self._split * self.width()) < _GRIP

    def _paint_picture(self, painter: QPainter, after: QImage) -> None:
        size = after.deviceIndependentSize()
        corner = QPointF(round((self.width() - size.width()) / 2), round((self.height() - size.height()) / 2))
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
        self._paint_tag(painter, self.labels[0], line - tokens.GAP_S, right=True)
        self._paint_tag(painter, self.labels[1], line + tokens.GAP_S, right=False)

    def _paint_corners(self, painter: QPainter) -> None:
        """Round the picture off by painting over its corners: cheaper than a mask."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._corners, QColor(colours().ground))

    def _paint_tag(self, painter: QPainter, text: str, x: float, *, right: bool) -> None:
        width = painter.fontMetrics().horizontalAdvance(text) + 2 * tokens.GAP_S
        place = QRectF(x - width if right else x, tokens.GAP_M, width, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(place, 6, 6)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_overlay(self, painter: QPainter) -> None:
        lines = self.overlay.split("\n")
        font = QFont("DejaVu Sans Mono")
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(12)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in lines) + 2 * tokens.GAP_S
        height = len(lines) * metrics.height() + tokens.GAP_S
        place = QRectF(tokens.GAP_M, self.height() - height - tokens.GAP_M, width, height)
        painter.fillRect(place, QColor(0, 0, 0, 160))
        painter.setPen(QColor("#ffffff"))
        inside = place.adjusted(tokens.GAP_S, tokens.GAP_XS, 0, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.overlay)

    def _paint_hint(self, painter: QPainter) -> None:
        if self._bare:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name, headline, words = self.hint
        middle = QPointF(self.rect().center())
        paint_icon(painter, name, colours().stage_text, QRectF(middle.x() - 28, middle.y() - 76, 56, 56))
        font = QFont(painter.font())
        font.setPixelSize(tokens.TEXT_TITLE)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor("#eceef3"))
        centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(24, middle.y() - 4, self.width() - 48, 32), centred, headline)
        font.setPixelSize(tokens.TEXT_BODY)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours().stage_text))
        painter.drawText(QRectF(48, middle.y() + 32, self.width() - 96, 60), centred, words)


def _corners(area: QRectF) -> QPainterPath:
    """What a rounded rectangle leaves of a rectangle: four small pieces."""
    square, rounded = QPainterPath(), QPainterPath()
    size = tokens.RADIUS_L
    for x in (area.left(), area.right() - size):
        for y in (area.top(), area.bottom() - size):
            square.addRect(QRectF(x, y, size, size))
    rounded.addRoundedRect(area, size, size)
    return square.subtracted(rounded)


def _wrapped(pixels: object, ratio: float) -> QImage:
    """The array as an image, without a copy; it is kept alive by the picture that is shown."""
    rows, columns = pixels.shape[:2]  # type: ignore[attr-defined]
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)  # type: ignore[attr-defined]
    image.setDevicePixelRatio(ratio)
    return image
