"""Clips in, clips out, one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.choices import settings_of
from gui.desk import Desk
from gui.file_work import CLIPS, Progress, beside, swap_clip
from gui.pages.person_box import PersonBox
from gui.people import Person
from gui.problems import summary
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Card, EmptyState, TitledPage, label, row, set_tone, tight
from liveswapping.domain.errors import LiveSwappingError

WAITING, WORKING, DONE, FAILED, CANCELLED = "waiting", "working", "done", "failed", "cancelled"


class ClipRow(QFrame):
    """One clip on the list."""

    removed = Signal(object)

    def __init__(self, source: Path, person: Person, output: Path) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.source, self.person, self.output = source, person, output
        self.state, self.failure = WAITING, ""
        self.paused = False
        self.task: Task | None = None
        self.progress: Progress | None = None
        self._name, self.words = label("heading"), label("caption", wrap=True)
        self.bar = QProgressBar()
        self.pause, self.cancel, self.folder = IconButton("pause"), IconButton("close"), IconButton("folder")
        column = QVBoxLayout(self)
        tight(column, tokens.GAP_S, tokens.GAP_M)
        column.addLayout(row(self._name, 1, self.pause, self.folder, self.cancel))
        column.addWidget(self.bar)
        column.addWidget(self.words)
        self.pause.clicked.connect(self._on_pause)
        self.cancel.clicked.connect(self._on_cancel)
        self.folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.output.parent))))
        self.show_state()

    def show_state(self) -> None:
        """Set all texts, and show what can be done."""
        self._name.setText(self.source.name)
        self.pause.setVisible(self.state == WORKING)
        self.pause.set_icon_name("play" if self.paused else "pause")
        name = self.tr("Go on") if self.paused else self.tr("Pause")
        describe(self.pause, name, self.tr("Hold this clip, or go on with it"))
        describe(self.cancel, self.tr("Cancel or remove"), self.tr("Stop this clip, or take it off the list"))
        self.folder.setVisible(self.state == DONE)
        describe(self.folder, self.tr("Open folder"), self.tr("Open the folder of the result"))
        self.bar.setVisible(self.state in (WAITING, WORKING))
        known = self.progress is not None and self.progress.total
        self.bar.setRange(0, self.progress.total or 0 if self.progress is not None and known else 1)
        self.bar.setValue(self.progress.done if self.progress is not None and known else 0)
        self.bar.setTextVisible(False)
        set_tone(self.words, {DONE: "good", FAILED: "bad"}.get(self.state, ""))
        self.words.setText(self._sentence())
        self.words.setToolTip(self.failure)

    def _sentence(self) -> str:
        if self.state == WORKING and self.progress is not None and self.progress.total:
            text = self.tr("{0} of {1} frames").format(self.progress.done, self.progress.total)
            left = self.progress.left_s
            if self.paused:
                return text + self.tr(", paused")
            return text if left is None else text + self.tr(", {0} left").format(_duration(left))
        if self.state == DONE:
            return self.tr("Done: {0}").format(self.output.name)
        if self.state == FAILED:
            return self.failure
        words = {
            WAITING: self.tr("Waiting, to become {0}").format(self.person.name or self.tr("the sample face")),
            WORKING: self.tr("Preparing …"),
            CANCELLED: self.tr("Cancelled; nothing was written"),
        }
        return words[self.state]

    def _on_pause(self) -> None:
        self.paused = not self.paused
        self.show_state()

    def _on_cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()
        else:
            self.removed.emit(self)


class VideoPage(TitledPage):
    """The list of clips and the one in work."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._folder: Path | None = None
        self.rows: list[ClipRow] = []
        self.zone = DropZone("video")
        self._become, self._into = label("muted"), label("muted")
        self.person = PersonBox(desk.people)
        self.where = TextButton("", "folder")
        self.empty = EmptyState("video")
        self._list = QVBoxLayout()
        tight(self._list, tokens.GAP_S)
        card = Card()
        card.body.addLayout(row(self._become, self.person, self._into, self.where, 1))
        for widget in (card, self.zone, self.empty):
            self.content.addWidget(widget)
        self.content.addLayout(self._list)
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self.where.clicked.connect(self._choose_folder)
        self.retranslate()

    def take_files(self, paths: list[str]) -> None:
        """More clips, to become whoever is chosen now. Work begins at once."""
        person = self._desk.people.chosen
        clips = [Path(path) for path in paths if Path(path).suffix.lower() in CLIPS]
        if not clips:
            self._desk.banner.say(self.tr("There is no clip among these files. Use MP4, MOV, MKV or WebM."), "warn")
        elif person is None:
            self._desk.banner.say(self.tr("Choose first who to become, on the Live page."), "warn")
        else:
            for clip in clips:
                self._add(clip, person)
            self._next()

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Video"))
        self.lead.setText(self.tr("Swap the face in clips, frame by frame, with their sound. The originals stay."))
        self.zone.words.setText(self.tr("Drop clips here"))
        self.zone.hint.setText(self.tr("MP4, MOV, MKV, WebM; they take the sliders of the Live page as they are now"))
        self.zone.choose.setText(self.tr("Choose …"))
        describe(self.zone.choose, self.tr("Choose clips"), self.tr("Choose clips to swap in"))
        self._become.setText(self.tr("Become"))
        self._into.setText(self.tr("Results go"))
        self.empty.words.setText(self.tr("Clips you drop appear here and are worked on one after the other."))
        describe(self.where, self.tr("Folder for the results"), self.tr("Choose a folder for the results"))
        self._show()

    def put_folder(self, folder: str) -> None:
        """Write results there, from the next clip on."""
        self._folder = Path(folder)
        self._desk.preferences.keep_folder("results", self._folder)
        self._show()

    def _show(self) -> None:
        self.where.setText(self._folder.name if self._folder is not None else self.tr("beside the originals"))
        self.empty.setVisible(not self.rows)
        for one in self.rows:
            one.show_state()

    def _add(self, clip: Path, person: Person) -> None:
        taken = {one.output for one in self.rows}
        output = beside(clip, self._folder, ".mp4" if clip.suffix.lower() not in (".mp4", ".mov", ".mkv") else "")
        while output in taken:
            output = output.with_stem(output.stem + " +")
        made = ClipRow(clip, person, output)
        made.removed.connect(self._remove)
        self.rows.append(made)
        self._list.addWidget(made)
        self._show()

    def _next(self) -> None:
        """Begin with the first that waits, where none is in work."""
        if any(one.state == WORKING for one in self.rows):
            return
        one = next((one for one in self.rows if one.state == WAITING), None)
        if one is None:
            return
        chosen = replace(self._desk.preferences.values, camera=str(one.source), delay_ms=0, mirror=False, rotate=0)
        settings = settings_of(chosen, one.person)
        one.state = WORKING
        one.task = self._desk.tasks.run(
            "clip job",
            lambda task: swap_clip(settings, one.output, task.report, lambda: one.paused),
            lambda _: self._on_done(one),
            lambda error: self._on_failed(one, error),
            lambda progress: self._on_progress(one, progress),
            lambda: self._on_over(one),
        )
        one.show_state()

    def _on_progress(self, one: ClipRow, progress: Progress) -> None:
        one.progress = progress
        one.show_state()

    def _on_done(self, one: ClipRow) -> None:
        one.state = DONE

    def _on_failed(self, one: ClipRow, error: LiveSwappingError) -> None:
        one.state, one.failure = FAILED, f"{summary(error)}\n{error}"

    def _on_over(self, one: ClipRow) -> None:
        if one.state == WORKING:
            one.state = CANCELLED
        one.task = None
        one.show_state()
        self._next()

    def _remove(self, one: ClipRow) -> None:
        self.rows.remove(one)
        self._list.removeWidget(one)
        one.deleteLater()
        self._show()

    def _choose(self) -> None:
        dialog = self._dialog(self.tr("Choose clips"), "clips")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Clips") + f" ({' '.join('*' + ending for ending in CLIPS)})")
        dialog.filesSelected.connect(self.take_files)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = self._dialog(self.tr("Folder for the results"), "results")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.put_folder)
        dialog.open()

    def _dialog(self, title: str, purpose: str) -> QFileDialog:
        start = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
        dialog = QFileDialog(self, title, self._desk.preferences.folder(purpose, Path(start)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
