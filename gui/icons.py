"""Our own icons: drawn as SVG lines on a grid of 24, coloured by the theme, sharp at every scale."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_FOLDER = Path(__file__).parent / "icons"
APP = _FOLDER / "app.svg"
_DISABLED = 0.4
"""Opacity of an icon of what cannot be used now."""


class _Drawn(QIconEngine):
    """Draws one SVG in one colour at whatever size and scale is asked for."""

    def __init__(self, name: str, colour: str, on: str | None) -> None:
        super().__init__()
        self._name, self._colour, self._on = name, colour, on

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, painter.device().devicePixelRatioF()))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        colour = self._on if self._on is not None and state == QIcon.State.On else self._colour
        opacity = _DISABLED if mode == QIcon.Mode.Disabled else 1.0
        width, height = round(size.width() * scale), round(size.height() * scale)  # `size` is in logical pixels
        return _pixmap(self._name, colour, width, height, opacity)

    def clone(self) -> QIconEngine:
        return _Drawn(self._name, self._colour, self._on)


def icon(name: str, colour: str, on: str | None = None) -> QIcon:
    """The icon `name` in `colour`; in `on` while its button is checked."""
    return QIcon(_Drawn(name, colour, on))


def paint_icon(painter: QPainter, name: str, colour: str, rect: QRectF) -> None:
    """Draw the icon into `rect`."""
    scale = painter.device().devicePixelRatioF()
    pixmap = _pixmap(name, colour, round(rect.width() * scale), round(rect.height() * scale), 1.0)
    painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))


def app_icon() -> QIcon:
    """The program's own."""
    return QIcon(str(APP))


def names() -> tuple[str, ...]:
    """All icons there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.svg")))


@cache
def _pixmap(name: str, colour: str, width: int, height: int, opacity: float) -> QPixmap:
    """Rendered once: a window is painted many times, and lines of SVG are slow to draw."""
    pixmap = QPixmap(width, height)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    _renderer(name, colour).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return pixmap


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = (_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))
