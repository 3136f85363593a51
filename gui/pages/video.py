"""Clips in, clips out, one after the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.choices import settings_of
from gui.desk import Desk
from gui.file_work import CLIPS, CODECS, KEPT, LINES, QUALITIES, ClipWish, begun, beside, forget, swap_clip
from gui.pages.ask import ask_files, ask_folder, first_folder
from gui.pages.clip_editor import ClipEditor
from gui.pages.clip_row import DONE, FAILED, HELD, WAITING, WORKING, ClipRow, wish_of
from gui.pages.person_box import PersonBox
from gui.people import Person
from gui.problems import summary
from gui.widgets.buttons import TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Card, EmptyState, TitledPage, label, row, tight
from liveswapping.domain.errors import LiveSwappingError

if TYPE_CHECKING:
    from liveswapping.jobs.progress import Progress
    from liveswapping.jobs.video import VideoOutcome


class VideoPage(TitledPage):
    """The list of clips and the one in work."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._folder: Path | None = None
        self._going = False
        self.rows: list[ClipRow] = []
        self.zone = DropZone("video")
        self._become, self._into, self._as = (label("muted") for _ in range(3))
        self.person = PersonBox(desk.people)
        self.where = TextButton("", "folder")
        self.codec, self.quality, self.lines = QComboBox(), QComboBox(), QComboBox()
        for codec, name in CODECS.items():
            self.codec.addItem(name, codec)
        self.editor = ClipEditor(desk)
        self.start = TextButton("primary", "play")
        self.empty = EmptyState("video")
        self._list = QVBoxLayout()
        tight(self._list, tokens.GAP_S)
        card = Card()
        card.body.addLayout(row(self._become, self.person, self._into, self.where, 1, self.start))
        card.body.addLayout(row(self._as, self.codec, self.quality, self.lines, 1))
        for widget in (card, self.zone, self.editor, self.empty):
            self.content.addWidget(widget)
        self.content.addLayout(self._list)
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self.where.clicked.connect(self._choose_folder)
        self.start.clicked.connect(self.swap)
        self.editor.closed.connect(lambda: self.editor.open(None))
        self.retranslate()
        self._restore()

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
        self._as.setText(self.tr("Written as"))
        self._say_output()
        self.start.setText(self.tr("Swap"))
        describe(self.start, self.tr("Swap"), self.tr("Work on all clips that wait"))
        self._into.setText(self.tr("Results go"))
        self.empty.words.setText(self.tr("Clips you drop appear here and are worked on one after the other."))
        describe(self.where, self.tr("Folder for the results"), self.tr("Choose a folder for the results"))
        self._show()

    def _say_output(self) -> None:
        """What the results are made as."""
        qualities = {"usual": self.tr("Usual quality"), "best": self.tr("Best quality"), "small": self.tr("Small file")}
        kept = self.quality.currentData(), self.lines.currentData()
        self.quality.clear()
        for name in QUALITIES:
            self.quality.addItem(qualities[name], name)
        self.lines.clear()
        for lines in LINES:
            self.lines.addItem(self.tr("At most {0} lines").format(lines) if lines else self.tr("Size as it is"), lines)
        for box, value in zip((self.quality, self.lines), kept, strict=True):
            box.setCurrentIndex(max(0, box.findData(value)))
        for box, name, tip in (
            (self.codec, self.tr("Format"), self.tr("How the results are encoded")),
            (self.quality, self.tr("Quality"), self.tr("How much of the picture is kept, and how large the file is")),
            (self.lines, self.tr("Size"), self.tr("Make the results smaller than the clips")),
        ):
            describe(box, name, tip)

    def showEvent(self, event: QShowEvent) -> None:
        """The look may have changed on the Live page."""
        super().showEvent(event)
        self.editor.refresh()

    def put_folder(self, folder: str) -> None:
        """Write results there, from the next clip on."""
        self._folder = Path(folder)
        self._desk.preferences.keep_folder("results", self._folder)
        self._show()

    def _show(self) -> None:
        self.where.setText(self._folder.name if self._folder is not None else self.tr("beside the originals"))
        self.empty.setVisible(not self.rows)
        self.zone.set_low(bool(self.rows))
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
        wish = ClipWish(output, "", codec, self.quality.currentData(), self.lines.currentData())
        made = self._list_clip(clip, person, wish)
        if self.editor.row is None:
            self.editor.open(made)

    def _list_clip(self, clip: Path, person: Person, wish: ClipWish) -> ClipRow:
        made = ClipRow(clip, person, wish)
        made.removed.connect(self._remove)
        made.resumed.connect(self._resume)
        made.looked_at.connect(self.editor.open)
        made.trimmed.connect(self._on_trimmed)
        self.rows.append(made)
        self._list.addWidget(made)
        self._keep()
        self._show()
        return made

    def _keep(self) -> None:
        """Remember what is not done: it is there after a restart, whatever ended the window."""
        self._desk.preferences.change(clips=[one.kept() for one in self.rows if one.state != DONE])

    def _restore(self) -> None:
        known = {person.key: person for person in self._desk.people.all}
        for kept in list(self._desk.preferences.values.clips):
            found = wish_of(kept)
            if found is not None and found[1] in known:
                one = self._list_clip(found[0], known[found[1]], found[2])
                self._desk.tasks.run("journal", partial(_begun, one.wish), partial(self._hold, one))
        self._keep()

    def _hold(self, one: ClipRow, there: bool) -> None:
        """Something of it was done before."""
        if there and one.state == WAITING and one in self.rows:
            one.state = HELD
            self._show()

    def _on_trimmed(self, one: ClipRow) -> None:
        self._keep()
        if one is self.editor.row:
            self.editor.refresh()

    def _next(self) -> None:
        """Begin with the first that waits, where none is in work."""
        if any(one.state == WORKING for one in self.rows):
            return
        one = next((one for one in self.rows if one.state == WAITING), None)
        if one is None or not self._going:
            self._going = False
            self._show()
            return
        settings = settings_of(self._desk.preferences.values, one.person, file=one.source)
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
        self._keep()

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
        self._keep()
        if one is self.editor.row:
            self.editor.open(None)
        self._list.removeWidget(one)
        one.hide()
        if one.task is not None:
            one.task.cancel()
        else:
            self._forget(one)
        self._show()

    def _choose(self) -> None:
        ask_files(self._desk, self, self.tr("Choose clips"), "clips", self.take_files, self.tr("Clips"), CLIPS)

    def _choose_folder(self) -> None:
        ask_folder(self, self.tr("Folder for the results"), first_folder(self._desk, "results"), self.put_folder)


def _begun(wish: ClipWish, _task: Task) -> bool:
    return begun(wish)
