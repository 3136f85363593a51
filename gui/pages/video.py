"""Clips in, clips out, one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QLineEdit, QProgressBar, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.choices import settings_of
from gui.desk import Desk
from gui.file_work import CLIPS, CODECS, KEPT, ClipWish, beside, forget, swap_clip
from gui.pages.person_box import PersonBox
from gui.people import Person
from gui.problems import summary
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Card, EmptyState, TitledPage, label, row, set_tone, tight
from liveswapping.domain.errors import LiveSwappingError

if TYPE_CHECKING:
    from liveswapping.jobs.progress import Progress
    from liveswapping.jobs.video import VideoOutcome

WAITING, WORKING, HELD, DONE, FAILED = "waiting", "working", "held", "done", "failed"


class ClipRow(QFrame):
    """One clip on the list."""

    removed = Signal(object)
    resumed = Signal(object)

    def __init__(self, source: Path, person: Person, wish: ClipWish) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.source, self.person, self.wish = source, person, wish
        self.state, self.failure = WAITING, ""
        self.task: Task | None = None
        self.progress: Progress | None = None
        self._name, self.words = label("heading"), label("caption", wrap=True)
        self.trim = QLineEdit(wish.trim)
        self.trim.setFixedWidth(140)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.hold, self.remove, self.folder = IconButton("pause"), IconButton("trash"), IconButton("folder")
        column = QVBoxLayout(self)
        tight(column, tokens.GAP_S, tokens.GAP_M)
        column.addLayout(row(self._name, 1, self.trim, self.hold, self.folder, self.remove))
        column.addWidget(self.bar)
        column.addWidget(self.words)
        self.hold.clicked.connect(self._on_hold)
        self.remove.clicked.connect(lambda: self.removed.emit(self))
        self.trim.editingFinished.connect(self._on_trim)
        self.folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(wish.output.parent))))
        self.show_state()

    def show_state(self) -> None:
        """Set all texts, and show what can be done."""
        working = self.state == WORKING
        self._name.setText(self.source.name)
        self.trim.setVisible(self.state == WAITING)
        self.trim.setPlaceholderText(self.tr("all of it"))
        self.trim.setAccessibleName(self.tr("Part of the clip"))
        self.trim.setToolTip(self.tr("From and to, such as 0:10-1:30; empty: all of it"))
        self.hold.setVisible(self.state in (WORKING, HELD, FAILED))
        self.hold.set_icon_name("pause" if working else "play")
        name = self.tr("Pause") if working else self.tr("Go on")
        describe(self.hold, name, self.tr("Hold this clip, or go on where it was, also after a restart"))
        describe(self.remove, self.tr("Remove"), self.tr("Stop this clip and take it off the list"))
        self.folder.setVisible(self.state == DONE)
        describe(self.folder, self.tr("Open folder"), self.tr("Open the folder of the result"))
        self.bar.setVisible(self.state in (WORKING, HELD))
        total = self.progress.total if self.progress is not None else None
        self.bar.setRange(0, total or (0 if working else 1))
        self.bar.setValue(min(self.progress.done, total) if self.progress is not None and total else 0)
        set_tone(self.words, {DONE: "good", FAILED: "bad"}.get(self.state, ""))
        self.words.setText(self._sentence())
        self.words.setToolTip(self.failure)

    def _sentence(self) -> str:
        if self.state == WAITING:
            return self.tr("Waiting, to become {0}").format(self.person.name or self.tr("the sample face"))
        if self.state == DONE:
            return self.tr("Done: {0}").format(self.wish.output.name)
        if self.state == FAILED:
            return self.failure
        progress = self.progress
        if progress is None or not progress.total:
            return self.tr("Preparing …")
        text = self.tr("{0} of {1} frames").format(progress.done, progress.total)
        if self.state == HELD:
            return text + self.tr(", paused; it goes on where it was")
        if progress.eta_s is None:
            return text
        return text + self.tr(", {0} fps, {1} left").format(f"{progress.fps:.1f}", _duration(progress.eta_s))

    def _on_hold(self) -> None:
        if self.task is not None:
            self.task.cancel()
        else:
            self.resumed.emit(self)

    def _on_trim(self) -> None:
        from liveswapping.jobs.shaping import part_of

        text = self.trim.text().strip()
        try:
            if text:
                part_of(text)
        except LiveSwappingError:
            self.trim.setText(self.wish.trim)
            return
        self.wish = replace(self.wish, trim=text)


class VideoPage(TitledPage):
    """The list of clips and the one in work."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._folder: Path | None = None
        self._going = False
        self.rows: list[ClipRow] = []
        self.zone = DropZone("video")
        self._become, self._into = label("muted"), label("muted")
        self.person = PersonBox(desk.people)
        self.where = TextButton("", "folder")
        self.codec = QComboBox()
        for codec, name in CODECS.items():
            self.codec.addItem(name, codec)
        self.start = TextButton("primary", "play")
        self.empty = EmptyState("video")
        self._list = QVBoxLayout()
        tight(self._list, tokens.GAP_S)
        card = Card()
        card.body.addLayout(row(self._become, self.person, self._into, self.where, self.codec, 1, self.start))
        for widget in (card, self.zone, self.empty):
            self.content.addWidget(widget)
        self.content.addLayout(self._list)
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self.where.clicked.connect(self._choose_folder)
        self.start.clicked.connect(self.swap)
        self.retranslate()

    def take_files(self, paths: list[str]) -> None:
        """More clips, to become whoever is chosen now."""
        person = self._desk.people.chosen
        clips = [Path(path) for path in paths if Path(path).suffix.lower() in CLIPS]
        if not clips:
            self._desk.banner.say(self.tr("There is no clip among these files. Use MP4, MOV, MKV or WebM."), "warn")
        elif person is None:
            self._desk.banner.say(self.tr("Choose first who to become, on the Live page."), "warn")
        else:
            for clip in clips:
                self._add(clip, person)

    def swap(self) -> None:
        """Work on everything that waits, one after the other."""
        self._going = True
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
        self.codec.setAccessibleName(self.tr("Format"))
        self.codec.setToolTip(self.tr("How the results are encoded"))
        self.start.setText(self.tr("Swap"))
        describe(self.start, self.tr("Swap"), self.tr("Work on all clips that wait"))
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
        waiting = any(one.state == WAITING for one in self.rows)
        self.start.setEnabled(waiting and not any(one.state == WORKING for one in self.rows))
        for one in self.rows:
            one.show_state()

    def _add(self, clip: Path, person: Person) -> None:
        codec = self.codec.currentData()
        ending = ".mov" if codec == "prores" else "" if clip.suffix.lower() in KEPT else ".mp4"
        output, taken = beside(clip, self._folder, ending), {one.wish.output for one in self.rows}
        while output in taken:
            output = output.with_stem(output.stem + " +")
        made = ClipRow(clip, person, ClipWish(output, codec=codec))
        made.removed.connect(self._remove)
        made.resumed.connect(self._resume)
        self.rows.append(made)
        self._list.addWidget(made)
        self._show()

    def _next(self) -> None:
        """Begin with the first that waits, where none is in work."""
        if any(one.state == WORKING for one in self.rows):
            return
        one = next((one for one in self.rows if one.state == WAITING), None)
        if one is None or not self._going:
            self._going = False
            self._show()
            return
        chosen = replace(self._desk.preferences.values, camera=str(one.source), delay_ms=0, mirror=False, rotate=0)
        settings = settings_of(chosen, one.person)
        one.state = WORKING
        one.task = self._desk.tasks.run(
            "clip job",
            lambda task: swap_clip(settings, one.wish, task.report),
            lambda outcome: self._on_done(one, outcome),
            lambda error: self._on_failed(one, error),
            lambda progress: self._on_progress(one, progress),
            lambda: self._on_over(one),
        )
        self._show()

    def _on_progress(self, one: ClipRow, progress: Progress) -> None:
        one.progress = progress
        one.show_state()

    def _on_done(self, one: ClipRow, outcome: VideoOutcome) -> None:
        one.state = DONE if outcome.complete else HELD

    def _on_failed(self, one: ClipRow, error: LiveSwappingError) -> None:
        one.state, one.failure = FAILED, f"{summary(error)}\n{error}"

    def _on_over(self, one: ClipRow) -> None:
        if one.state == WORKING:
            one.state = HELD
        one.task = None
        if one not in self.rows:
            self._forget(one)
        self._next()

    def _resume(self, one: ClipRow) -> None:
        one.state = WAITING
        self.swap()
        self._show()

    def _forget(self, one: ClipRow) -> None:
        """It is off the list: nothing unfinished stays on the disk."""
        if one.state != DONE:
            self._desk.tasks.run("forgetting", lambda _task: forget(one.wish), failed=self._desk.complain)
        one.deleteLater()

    def _remove(self, one: ClipRow) -> None:
        self.rows.remove(one)
        self._list.removeWidget(one)
        one.hide()
        if one.task is not None:
            one.task.cancel()
        else:
            self._forget(one)
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
