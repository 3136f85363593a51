"""The faces to become: a grid of people, filled by dropping, choosing, pasting, or a picture from the camera."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QImageReader,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from gui import tokens
from gui.people import SAMPLE, SAMPLE_BOX, Person
from gui.theme import colours

TILE = QSize(80, 104)
_PICTURE = 72
_KEY, _IMAGE, _PAINTED = (Qt.ItemDataRole.UserRole + number for number in range(3))


class _Tile(QStyledItemDelegate):
    """Paints one person: a rounded picture, a ring where chosen, the name below."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw it."""
        c = colours()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        place = QRectF(area.x() + (area.width() - _PICTURE) / 2, area.y() + 4, _PICTURE, _PICTURE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(place.topLeft(), _rounded(index, painter.device().devicePixelRatioF(), QColor(c.raised)))
        if chosen or state & (QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver):
            painter.setPen(QPen(QColor(c.accent if chosen else c.muted), 3 if chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), tokens.RADIUS_L - 1, tokens.RADIUS_L - 1)
        font = painter.font()
        font.setPixelSize(tokens.TEXT_CAPTION)
        painter.setFont(font)
        painter.setPen(QColor(c.accent_ink if chosen else c.muted))
        words = QRect(area.x(), int(place.bottom()) + 4, area.width(), 18)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All alike."""
        return TILE


def _rounded(index: QModelIndex | QPersistentModelIndex, scale: float, ground: QColor) -> QPixmap:
    """The person's picture as it is painted, made once: it is painted with everything around it."""
    model = index.model()
    known = index.data(_PAINTED)
    if isinstance(known, QPixmap) and known.devicePixelRatio() == scale:
        return known
    made = QPixmap(round(_PICTURE * scale), round(_PICTURE * scale))
    made.setDevicePixelRatio(scale)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    place = QRectF(0, 0, _PICTURE, _PICTURE)
    shape = QPainterPath()
    shape.addRoundedRect(place, tokens.RADIUS_L, tokens.RADIUS_L)
    painter.setClipPath(shape)
    painter.fillRect(place, ground)
    pixmap = index.data(_IMAGE)
    if isinstance(pixmap, QPixmap) and not pixmap.isNull():
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
        model.blockSignals(True)  # it looks as it did: nothing is to be painted again
        model.setData(index, made, _PAINTED)
        model.blockSignals(False)
    painter.end()
    return made


class Gallery(QListWidget):
    """The grid itself."""

    dropped = Signal(list, str)
    """Paths, and the key of the person on whom they fell, or ""."""

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setGridSize(TILE + QSize(4, 0))
        self.setItemDelegate(_Tile(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget { background: transparent; outline: none; }")
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self._over: QRect | None = None

    def show_people(self, people: tuple[Person, ...], chosen: str, names: dict[str, str]) -> list[Person]:
        """List them; answers those whose pictures are not here yet. `names`: for those without one."""
        blocked = self.blockSignals(True)
        kept = {self.item(i).data(_KEY): self.item(i).data(_IMAGE) for i in range(self.count())}
        self.clear()
        lacking = []
        for person in people:
            item = QListWidgetItem(names.get(person.key) or person.name)
            item.setData(_KEY, person.key)
            item.setData(_IMAGE, kept.get(person.key))
            item.setToolTip(item.text())
            self.addItem(item)
            if person.key == chosen:
                self.setCurrentItem(item)
            if kept.get(person.key) is None:
                lacking.append(person)
        self.blockSignals(blocked)
        return lacking

    def show_picture(self, key: str, image: QImage) -> None:
        """The picture of a person has been loaded."""
        for i in range(self.count()):
            if self.item(i).data(_KEY) == key:
                self.item(i).setData(_IMAGE, QPixmap.fromImage(image))
                self.item(i).setData(_PAINTED, None)

    def choose(self, key: str) -> None:
        """Mark this person; nobody is told."""
        blocked = self.blockSignals(True)
        for i in range(self.count()):
            if self.item(i).data(_KEY) == key:
                self.setCurrentRow(i)
        self.blockSignals(blocked)
        self.viewport().update()

    @property
    def key(self) -> str:
        """The chosen person's, or ""."""
        item = self.currentItem()
        return "" if item is None else str(item.data(_KEY))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The people, and where files that hover would go: to one of them, or beside them."""
        super().paintEvent(event)
        if self._over is not None:
            c = colours()
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(c.accent), 2, Qt.PenStyle.DashLine))
            tint = QColor(c.accent)
            tint.setAlphaF(0.12)
            painter.setBrush(tint)
            painter.drawRoundedRect(QRectF(self._over).adjusted(1, 1, -1, -1), tokens.RADIUS_M, tokens.RADIUS_M)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped."""
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Anywhere."""
        if event.mimeData().hasUrls():
            item = self.itemAt(event.position().toPoint())
            on_person = item is not None and item.data(_KEY) != SAMPLE
            self._show_over(self.visualItemRect(item) if item and on_person else self.viewport().rect())
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Not here, then."""
        self._show_over(None)

    def _show_over(self, area: QRect | None) -> None:
        if area != self._over:
            self._over = area
            self.viewport().update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Onto a person: more photographs of them; else: new people."""
        self._show_over(None)
        item = self.itemAt(event.position().toPoint())
        key = "" if item is None else str(item.data(_KEY))
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        self.dropped.emit(paths, "" if key == SAMPLE else key)
        event.acceptProposedAction()

    def viewportEvent(self, event: QEvent) -> bool:
        """Repaint when the theme changes."""
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
        return super().viewportEvent(event)


def thumbnail(person: Person) -> QImage:
    """A square picture of a person, for a thread of its own; null where there is none to be read."""
    if not person.photos or not Path(person.photos[0]).is_file():
        return QImage()
    reader = QImageReader(person.photos[0])
    reader.setAutoTransform(True)
    size = reader.size()
    if person.key == SAMPLE:
        reader.setClipRect(SAMPLE_BOX)
    elif min(size.width(), size.height()) > 4 * _PICTURE:
        reader.setScaledSize(size.scaled(3 * _PICTURE, 3 * _PICTURE, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    side = min(image.width(), image.height())
    top = (image.height() - side) // 4  # faces are rather at the top
    return image.copy((image.width() - side) // 2, top, side, side).scaled(
        2 * _PICTURE,
        2 * _PICTURE,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
