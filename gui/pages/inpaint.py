"""Take something out of a clip: mark it on the first picture, or name it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QComboBox, QProgressBar

from gui.background import Task
from gui.choices import settings_of
from gui.desk import Desk
from gui.file_work import CLIPS
from gui.inpaint_work import WHAT, FirstPicture, Wish, first_picture, result_of, take_out
from gui.pages.ask import ask_file
from gui.people import PICTURES
from gui.widgets.banner import Action
from gui.widgets.box_picture import BoxPicture
from gui.widgets.buttons import Switch, TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Card, TitledPage, label, row

if TYPE_CHECKING:
    from liveswapping.jobs.inpaint import InpaintOutcome
    from liveswapping.jobs.progress import Progress

_SHOWN = QSize(1280, 720)


class InpaintPage(TitledPage):
    """One clip at a time."""

    WIDTH = 1200

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._clip: Path | None = None
        self._mask: Path | None = None
        self._task: Task | None = None
        self._progress: Progress | None = None
        self.zone = DropZone("video")
        self.picture = BoxPicture()
        self._what, self.what = label("muted"), QComboBox()
        self.marks = TextButton("", "images")
        self.follow = Switch()
        self.follow.setChecked(True)
        self.start, self.cancel = TextButton("primary", "play"), TextButton("", "stop")
        self.bar, self.count = QProgressBar(), label("caption")
        card = Card()
        card.body.addLayout(row(self._what, self.what, self.marks, self.follow, 1, self.cancel, self.start))
        card.body.addLayout(row(self.bar, self.count))
        for widget in (self.zone, card, self.picture):
            self.content.addWidget(widget)
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self.marks.clicked.connect(self._choose_mask)
        self.what.currentIndexChanged.connect(self._show)
        self.picture.changed.connect(self._show)
        self.start.clicked.connect(self.go)
        self.cancel.clicked.connect(lambda: self._task.cancel() if self._task is not None else None)
        self.retranslate()

    def take_files(self, paths: list[str]) -> None:
        """The first clip among them."""
        clip = next((Path(path) for path in paths if Path(path).suffix.lower() in CLIPS), None)
        if clip is None:
            self._desk.banner.say(self.tr("There is no clip among these files. Use MP4, MOV, MKV or WebM."), "warn")
        elif self._task is None:
            self._clip = clip
            self._desk.tasks.run(
                "first picture",
                lambda _task: first_picture(clip, _SHOWN.width(), _SHOWN.height()),
                self._on_picture,
                self._desk.complain,
            )
            self._show()

    def put_mask(self, file: str) -> None:
        """Take out what this picture marks."""
        self._mask = Path(file)
        self._show()

    def go(self) -> None:
        """Begin, or go on where an earlier run was."""
        wish = self._wish()
        if self._task is not None or wish is None:
            return
        settings = settings_of(self._desk.preferences.values, None, file=wish.clip)
        self._progress = None
        self._task = self._desk.tasks.run(
            "inpainting",
            lambda task: take_out(settings, wish, task.report),
            self._on_done,
            self._desk.complain,
            self._on_progress,
            self._on_over,
        )
        self._show()

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Inpaint"))
        self.lead.setText(self.tr("Take something out of a clip: its background is found in other frames."))
        self.zone.words.setText(self.tr("Drop a clip here"))
        self.zone.hint.setText(self.tr("MP4, MOV, MKV, WebM; the original stays as it is"))
        self.zone.choose.setText(self.tr("Choose …"))
        describe(self.zone.choose, self.tr("Choose a clip"), self.tr("Choose a clip to take something out of"))
        self._what.setText(self.tr("Take out"))
        names = {
            "box": self.tr("What the box marks"),
            "mask": self.tr("What a picture marks white"),
            "face": self.tr("Faces"),
            "person": self.tr("People"),
            "hair": self.tr("Hair (roughly)"),
        }
        kept = max(0, self.what.currentIndex())
        self.what.clear()
        for key in WHAT:
            self.what.addItem(names[key], key)
        self.what.setCurrentIndex(kept)
        self.what.setAccessibleName(self.tr("What to take out"))
        self.what.setToolTip(self.tr("A box is drawn with the mouse on the picture below"))
        self.follow.setText(self.tr("Follow it"))
        describe(self.follow, self.tr("Follow it"), self.tr("What is marked on the first picture moves with the thing"))
        self.start.setText(self.tr("Take out"))
        describe(self.start, self.tr("Take out"), self.tr("Fill what is marked, in every frame"))
        self.cancel.setText(self.tr("Cancel"))
        describe(self.cancel, self.tr("Cancel"), self.tr("Stop; what is done is kept, and the next start goes on"))
        self.picture.setAccessibleName(self.tr("First picture of the clip"))
        self.picture.setToolTip(self.tr("Draw a box around what is to go"))
        words = self.tr("Drop a clip above; then draw a box around what is to go.")
        self.picture.hint = ("inpaint", self.tr("Nothing to take out yet"), words)
        self.picture.update()
        self._show()

    def _wish(self) -> Wish | None:
        """What is asked for; None: something lacks."""
        kind = self.what.currentData()
        box = self.picture.box
        mask = {"box": ",".join(map(str, box)) if box else None, "mask": self._mask and str(self._mask)}.get(kind, kind)
        if self._clip is None or mask is None:
            return None
        followed = kind in ("box", "mask") and self.follow.isChecked()
        return Wish(self._clip, result_of(self._clip), mask, followed)

    def _show(self) -> None:
        working, kind = self._task is not None, self.what.currentData()
        self.marks.setVisible(kind == "mask")
        self.marks.setText(self._mask.name if self._mask is not None else self.tr("Choose the picture …"))
        describe(self.marks, self.tr("Picture that marks"), self.tr("Choose a picture that is white where to fill"))
        self.follow.setVisible(kind in ("box", "mask"))
        self.zone.set_low(self._clip is not None)
        self.start.setEnabled(self._wish() is not None and not working)
        self.cancel.setVisible(working)
        self.bar.setVisible(working)
        self.count.setVisible(self._clip is not None)
        self._show_progress()

    def _show_progress(self) -> None:
        progress = self._progress
        total = 0 if progress is None or progress.total is None else progress.total
        self.bar.setRange(0, total)
        self.bar.setValue(0 if progress is None else min(progress.done, total))
        if progress is not None and self._task is not None:
            text = self.tr("{0} of {1}").format(progress.done, total)
            if progress.eta_s is not None:
                text += self.tr(", about {0} s to go").format(round(progress.eta_s))
            self.count.setText(text)
        else:
            self.count.setText("" if self._clip is None else self._clip.name)

    def _on_picture(self, first: FirstPicture) -> None:
        rows, columns = first.pixels.shape[:2]
        image = QImage(first.pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        self.picture.show_image(image.copy(), QSize(first.width, first.height))

    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._show_progress()

    def _on_done(self, outcome: InpaintOutcome) -> None:
        if outcome.complete:
            folder = str(outcome.output.parent)
            text = self.tr("Done: {0}").format(outcome.output.name)
            opens = Action(self.tr("Open folder"), lambda: _open(folder))
            self._desk.banner.say(text, "good", "", opens)

    def _on_over(self) -> None:
        self._task = None
        self._show()

    def _choose(self) -> None:
        title, kinds = self.tr("Choose a clip"), self.tr("Clips")
        ask_file(self._desk, self, title, "clips", lambda path: self.take_files([path]), kinds, CLIPS)

    def _choose_mask(self) -> None:
        title, kinds = self.tr("Picture that marks"), self.tr("Pictures")
        ask_file(self._desk, self, title, "pictures", self.put_mask, kinds, PICTURES)


def _open(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
