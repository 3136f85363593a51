"""What is painted around and over the live picture, and never leaves with it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath

from gui import tokens
from gui.icons import paint_icon
from gui.theme import colours

_TAG_HEIGHT = 24.0


def paint_tag(painter: QPainter, text: str, place: QPointF, *, right: bool = False, lowest: float = 1e6) -> None:
    """A few words on a dark ground, with their left (or `right`) upper corner at `place`, but not below `lowest`."""
    width = painter.fontMetrics().horizontalAdvance(text) + 2 * tokens.GAP_S
    top = min(place.y(), lowest - _TAG_HEIGHT - tokens.GAP_XS)
    area = QRectF(place.x() - width if right else place.x(), top, width, _TAG_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 150))
    painter.drawRoundedRect(area, tokens.RADIUS_S, tokens.RADIUS_S)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def paint_figures(painter: QPainter, text: str, height: float) -> None:
    """Lines at the left below, in a view of this height."""
    lines = text.split("\n")
    font = QFont("DejaVu Sans Mono")
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(12)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    size = max(metrics.horizontalAdvance(line) for line in lines), len(lines) * metrics.height()
    width, tall = size[0] + 2 * tokens.GAP_S, size[1] + tokens.GAP_S
    place = QRectF(tokens.GAP_M, height - tall - tokens.GAP_M, width, tall)
    painter.fillRect(place, QColor(0, 0, 0, 160))
    painter.setPen(QColor("#ffffff"))
    inside = place.adjusted(tokens.GAP_S, tokens.GAP_XS, 0, 0)
    painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)


def paint_hint(painter: QPainter, hint: tuple[str, str, str], area: QSize) -> None:
    """An icon, a headline and a line of text in the middle: what to do where there is no picture."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    name, headline, words = hint
    middle = QPointF(area.width() / 2, area.height() / 2)
    paint_icon(painter, name, colours().stage_text, QRectF(middle.x() - 28, middle.y() - 76, 56, 56))
    font = QFont(painter.font())
    font.setPixelSize(tokens.TEXT_TITLE)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#eceef3"))
    centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    painter.drawText(QRectF(24, middle.y() - 4, area.width() - 48, 32), centred, headline)
    font.setPixelSize(tokens.TEXT_BODY)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colours().stage_text))
    painter.drawText(QRectF(48, middle.y() + 32, area.width() - 96, 60), centred, words)


def corners(area: QRectF) -> QPainterPath:
    """What a rounded rectangle leaves of a rectangle: four small pieces."""
    square, rounded = QPainterPath(), QPainterPath()
    size = tokens.RADIUS_L
    for x in (area.left(), area.right() - size):
        for y in (area.top(), area.bottom() - size):
            square.addRect(QRectF(x, y, size, size))
    rounded.addRoundedRect(area, size, size)
    return square.subtracted(rounded)


def around(whole: QRect, inner: QRect) -> list[QRect]:
    """What of `whole` is not `inner`: it is filled rather than all of it, as the picture is painted many times."""
    middle = whole.left(), inner.top(), whole.width(), inner.height()
    strips = [
        QRect(whole.left(), whole.top(), whole.width(), inner.top() - whole.top()),
        QRect(whole.left(), inner.bottom() + 1, whole.width(), whole.bottom() - inner.bottom()),
        QRect(middle[0], middle[1], inner.left() - whole.left(), middle[3]),
        QRect(inner.right() + 1, middle[1], whole.right() - inner.right(), middle[3]),
    ]
    return [strip for strip in strips if not strip.isEmpty()]
