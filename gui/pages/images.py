"""Pictures in, pictures out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QIcon, QImage, QImageReader, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QProgressBar

from gui.background import Task
from gui.choices import settings_of
from gui.desk import Desk
from gui.file_work import PictureDone, swap_pictures
from gui.pages.ask import ask_files, ask_folder, first_folder
from gui.pages.person_box import PersonBox
from gui.people import PICTURES, pictures_among
from gui.theme import colours
from gui.widgets.banner import Action
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Card, EmptyState, TitledPage, label, row

_TILE = QSize(272, 136)


class ImagesPage(TitledPage):
    """Drop pictures, go, and see before beside after."""

    WIDTH = 1200

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._sources: list[Path] = []
        self._folder: Path | None = None
        self._task: Task | None = None
        self._done = self._good = 0
        self.zone = DropZone("images")
        self._become, self._into = label("muted"), label("muted")
        self.person = PersonBox(desk.people)
        self.where = TextButton("", "folder")
        self.start, self.cancel, self.clear = TextButton("primary", "play"), TextButton("", "stop"), IconButton("trash")
        self.bar = QProgressBar()
        self.count = label("caption")
        self.grid = QListWidget()
        self.empty = EmptyState("images")
        self._lay_out()
        self._connect()
        self.retranslate()
        self._show()

    def take_files(self, paths: list[str]) -> None:
        """More pictures, or folders of them."""
        found = [Path(path) for path in pictures_among(paths)]
        if not found:
            self._desk.banner.say(self.tr("There is no picture among these files. Use JPEG, PNG or WebP."), "warn")
        self._sources += [path for path in found if path not in self._sources]
        self._show()

    def swap(self) -> None:
        """Begin."""
        person = self._desk.people.chosen
        if self._task is not None or person is None or not self._sources:
            return
        settings = settings_of(self._desk.preferences.values, person, file=self._sources[0])
        sources, folder = list(self._sources), self._folder
        self._done = self._good = 0
        self.grid.clear()
        self._task = self._desk.tasks.run(
            "pictures",
            lambda task: swap_pictures(settings, sources, folder, lambda one: task.report((one, _pair(one)))),
            self._on_done,
            self._desk.complain,
            lambda told: self._on_picture(*told),
            self._on_over,
        )
        self._show()

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Images"))
        self.lead.setText(self.tr("Swap the face in pictures. The originals stay as they are."))
        self.zone.words.setText(self.tr("Drop pictures or folders here"))
        self.zone.hint.setText(self.tr("JPEG, PNG, WebP, TIFF; results go beside them or into a folder"))
        self.zone.choose.setText(self.tr("Choose …"))
        describe(self.zone.choose, self.tr("Choose pictures"), self.tr("Choose pictures to swap in"))
        self._become.setText(self.tr("Become"))
        self._into.setText(self.tr("Results go"))
        self.start.setText(self.tr("Swap"))
        describe(self.start, self.tr("Swap"), self.tr("Swap the face in all these pictures"))
        self.cancel.setText(self.tr("Cancel"))
        describe(self.cancel, self.tr("Cancel"), self.tr("Stop after the picture in work; what is done stays"))
        describe(self.clear, self.tr("Clear the list"), self.tr("Take all pictures off the list; files stay"))
        self.grid.setAccessibleName(self.tr("Results, before and after"))
        self.grid.setToolTip(self.tr("Before and after; double click opens the result"))
        self.empty.words.setText(self.tr("Results appear here, each beside what it was."))
        self._show()

    def _lay_out(self) -> None:
        self.content.addWidget(self.zone)
        card = Card()
        card.body.addLayout(
            row(self._become, self.person, self._into, self.where, 1, self.clear, self.cancel, self.start)
        )
        card.body.addLayout(row(self.bar, self.count))
        self.content.addWidget(card)
        self.grid.setViewMode(QListWidget.ViewMode.IconMode)
        self.grid.setIconSize(_TILE)
        self.grid.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.grid.setMovement(QListWidget.Movement.Static)
        self.grid.setFrameShape(QFrame.Shape.NoFrame)
        self.grid.setSpacing(8)
        self.grid.setMinimumHeight(360)
        self.grid.setStyleSheet("QListWidget { background: transparent; outline: none; }")
        self.content.addWidget(self.empty)
        self.content.addWidget(self.grid)

    def _connect(self) -> None:
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self.where.clicked.connect(self._choose_folder)
        self.start.clicked.connect(self.swap)
        self.cancel.clicked.connect(lambda: self._task.cancel() if self._task is not None else None)
        self.clear.clicked.connect(self._clear)
        self.grid.itemActivated.connect(lambda item: _open(item.data(Qt.ItemDataRole.UserRole)))
        self._desk.people.chosen_changed.connect(self._show)

    def _show(self) -> None:
        working = self._task is not None
        known = self._desk.people.chosen is not None
        self.start.setEnabled(bool(self._sources) and known and not working)
        self.cancel.setVisible(working)
        self.clear.setEnabled(bool(self._sources) and not working)
        self.where.setText(self._folder.name if self._folder is not None else self.tr("beside the originals"))
        describe(self.where, self.tr("Folder for the results"), self.tr("Choose a folder for the results"))
        self.bar.setVisible(working)
        self.bar.setRange(0, max(1, len(self._sources)))
        self.bar.setValue(self._done)
        if working:
            self.count.setText(self.tr("{0} of {1}").format(self._done, len(self._sources)))
        else:
            self.count.setText(self.tr("%n picture(s) on the list", "", len(self._sources)))
        self.grid.setVisible(self.grid.count() > 0)
        self.empty.setVisible(self.grid.count() == 0)

    def _on_picture(self, one: PictureDone, pair: QImage) -> None:
        self._done += 1
        item = QListWidgetItem(one.source.name)
        item.setIcon(QIcon(QPixmap.fromImage(pair)))
        item.setToolTip(one.failure or str(one.result))
        item.setData(Qt.ItemDataRole.UserRole, str(one.result or ""))
        if one.failure:
            item.setText(self.tr("{0}: not done").format(one.source.name))
            item.setForeground(QColor(colours().live))
        self.grid.addItem(item)
        self._good += one.result is not None
        self._show()

    def _on_done(self, good: int) -> None:
        text = self.tr("%n picture(s) swapped.", "", good)
        left = self._done - good
        if left:
            text += " " + self.tr("%n could not be done; point at them to see why.", "", left)
        folder = str(self._folder or self._sources[0].parent)
        self._desk.banner.say(
            text, "warn" if left else "good", "", Action(self.tr("Open folder"), lambda: _open(folder))
        )

    def _on_over(self) -> None:
        self._task = None
        self._show()

    def _clear(self) -> None:
        self._sources = []
        self.grid.clear()
        self._show()

    def _choose(self) -> None:
        title = self.tr("Choose pictures")
        ask_files(self._desk, self, title, "pictures", self.take_files, self.tr("Pictures"), PICTURES)

    def _choose_folder(self) -> None:
        ask_folder(self, self.tr("Folder for the results"), first_folder(self._desk, "results"), self.put_folder)

    def put_folder(self, folder: str) -> None:
        """Write results there."""
        self._folder = Path(folder)
        self._desk.preferences.keep_folder("results", self._folder)
        self._show()


def _pair(one: PictureDone) -> QImage:
    """Before beside after, for a thread of its own."""
    half = QSize(_TILE.width() // 2, _TILE.height())
    tile = QImage(_TILE * 2, QImage.Format.Format_RGB32)
    tile.fill(QColor("#0b0d11"))
    painter = QPainter(tile)
    for place, path in enumerate((one.source, one.result)):
        if path is None:
            continue
        reader = QImageReader(str(path))
        reader.setAutoTransform(True)
        image = reader.read().scaled(
            half * 2, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        left = place * 2 * half.width() + (2 * half.width() - image.width()) // 2
        painter.drawImage(left, (tile.height() - image.height()) // 2, image)
    painter.end()
    return tile


def _open(path: str) -> None:
    if path:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))
