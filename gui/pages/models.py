"""The model files: what is here, what it may be used for, and getting it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QProgressBar, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.desk import Desk
from gui.model_files import (
    DAMAGED,
    MISSING,
    OWN,
    READY,
    UNKNOWN,
    Entry,
    copy_own,
    entries,
    entry_of,
    fetch,
    size_text,
    store,
    unknown_entries,
)
from gui.turns import Turns
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import Symbol, TitledPage, label, row, set_tone, tight

if TYPE_CHECKING:
    pass


class ModelRow(QFrame):
    """One model."""

    wanted = Signal(str)
    deleted = Signal(str)

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.entry = entry
        self.task: Task | None = None
        self.asking = False
        self._mark = Symbol("check", 20, "good")
        self._name, self._state = label("heading"), label("caption")
        self._text, self._licence = label("muted", wrap=True), label("caption", wrap=True)
        self.get, self.stop, self.delete = TextButton("", "download"), TextButton("", "pause"), IconButton("trash")
        self.agree, self.refuse = TextButton("primary"), TextButton("")
        self.question = label(wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        column = QVBoxLayout(self)
        tight(column, tokens.GAP_XS, tokens.GAP_M)
        column.addLayout(row(self._mark, self._name, self._state, 1, self.get, self.stop, self.delete))
        for widget in (self._text, self._licence, self.bar, self.question):
            column.addWidget(widget)
        column.addLayout(row(1, self.refuse, self.agree))
        self.get.clicked.connect(self._on_get)
        self.agree.clicked.connect(self._on_agreed)
        self.refuse.clicked.connect(self._on_refused)
        self.stop.clicked.connect(lambda: self.task.cancel() if self.task is not None else None)
        self.delete.clicked.connect(lambda: self.deleted.emit(self.entry.model.name))
        self.show_state()

    def show_entry(self, entry: Entry) -> None:
        """It has changed on the disk."""
        self.entry = entry
        self.show_state()

    def show_progress(self, done: int, total: int | None) -> None:
        """So many bytes have come."""
        self.bar.setRange(0, 1000 if total else 0)
        self.bar.setValue(round(1000 * done / total) if total else 0)
        self._state.setText(
            self.tr("{0} of {1}").format(size_text(done), size_text(total)) if total else size_text(done)
        )

    def show_state(self) -> None:
        """Set all texts, and show what can be done."""
        model, state, loading = self.entry.model, self.entry.state, self.task is not None
        self._mark.show_as(*{READY: ("check", "good"), DAMAGED: ("warning", "live")}.get(state, ("download", "muted")))
        self._name.setText(model.name)
        words = {READY: self.tr("here"), MISSING: self.tr("not here"), DAMAGED: self.tr("damaged"), UNKNOWN: "…"}
        size = f" · {size_text(model.size)}" if model.size else ""
        self._state.setText(words[state] + size + (self.tr(" · built in") if self.entry.builtin else ""))
        set_tone(self._state, {READY: "good", DAMAGED: "bad"}.get(state, ""))
        self._text.setText(model.description)
        self._licence.setText(self.tr("Licence: {0}").format(model.licence))
        self.get.setText(self.tr("Repair") if state == DAMAGED else self.tr("Download"))
        describe(self.get, self.get.text().strip(), self.tr("Fetch this file; what came before is kept"))
        self.stop.setText(self.tr("Pause"))
        describe(self.stop, self.tr("Pause"), self.tr("Stop here; Download goes on where it was"))
        describe(self.delete, self.tr("Delete"), self.tr("Delete this file from the disk"))
        self.question.setText(self.tr("Its licence does not allow commercial use. Do you agree to that?"))
        self.agree.setText(self.tr("Agree and download"))
        self.refuse.setText(self.tr("Do not download"))
        describe(self.agree, self.tr("Agree and download"), self.tr("Licence: {0}").format(model.licence))
        describe(self.refuse, self.tr("Do not download"), self.tr("Leave it"))
        self.get.setVisible(state in (MISSING, DAMAGED) and not loading and not self.asking)
        self.stop.setVisible(loading)
        self.bar.setVisible(loading)
        self.delete.setVisible(state in (READY, DAMAGED) and not loading and not self.entry.builtin)
        for widget in (self.question, self.agree, self.refuse):
            widget.setVisible(self.asking)

    def _on_get(self) -> None:
        if self.entry.model.non_commercial and self.entry.state != DAMAGED:
            self.asking = True
            self.show_state()
        else:
            self.wanted.emit(self.entry.model.name)

    def _on_agreed(self) -> None:
        self.asking = False
        self.wanted.emit(self.entry.model.name)

    def _on_refused(self) -> None:
        self.asking = False
        self.show_state()


class ModelsPage(TitledPage):
    """All models, those that are here first."""

    changed = Signal()
    """A file came or went."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.rows: dict[str, ModelRow] = {}
        self._coming: list[Entry] = unknown_entries()
        self.turns = Turns(self)
        self.verify = TextButton("", "refresh")
        self.buttons.addWidget(self.verify)
        self.zone = DropZone("models")
        self._where = label("caption", wrap=True)
        self._list = QVBoxLayout()
        tight(self._list, tokens.GAP_S)
        self.content.addWidget(self.zone)
        self.content.addWidget(self._where)
        self.content.addLayout(self._list)
        self.verify.clicked.connect(self.look)
        self.zone.dropped.connect(self.take_files)
        self.zone.choose.clicked.connect(self._choose)
        self._looked = False
        self.retranslate()

    def showEvent(self, event: object) -> None:
        """Look when it is first seen."""
        if not self._looked:
            self.look()
        super().showEvent(event)  # type: ignore[arg-type]

    def look(self) -> None:
        """See what is here and whether it is what it should be: every file is read, on a thread beside."""
        self._looked = True
        self.verify.setEnabled(False)
        self._desk.tasks.run(
            "models",
            lambda _task: entries(),
            self._show,
            self._desk.complain,
            over=lambda: self.verify.setEnabled(True),
        )

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Models"))
        self.lead.setText(self.tr("The built-in engine needs only what is here already. Neural engines need weights."))
        self.verify.setText(self.tr("Verify all"))
        describe(self.verify, self.tr("Verify all"), self.tr("Read every file and compare it with what it should be"))
        self.zone.words.setText(self.tr("Drop weights of your own here"))
        self.zone.hint.setText(self.tr("DeepFaceLive (.dfm), ONNX (.onnx) or ReSwapper (.pth); they are copied"))
        self.zone.choose.setText(self.tr("Choose …"))
        describe(self.zone.choose, self.tr("Choose weights"), self.tr("Choose weights of your own to add"))
        for one in self.rows.values():
            one.show_state()

    def take_files(self, paths: list[str]) -> None:
        """Copy weights of the user's own to the others."""
        files = [Path(path) for path in paths if Path(path).suffix.lower() in OWN]
        if not files:
            self._desk.banner.say(self.tr("These are no weights. Drop .dfm, .onnx or .pth files."), "warn")
            return
        said = self.tr("%n file(s) added. Choose them under Engine on the Live page.", "", len(files))
        self._desk.tasks.run(
            "copying weights",
            lambda _task: copy_own(files),
            lambda _: self._on_changed(said),
            self._desk.complain,
        )

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose weights"), self._desk.preferences.folder("weights", Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Weights") + f" ({' '.join('*' + ending for ending in OWN)})")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.take_files)
        dialog.open()

    def _show(self, found: list[Entry]) -> None:
        from liveswapping.inference.store import model_directory

        self._where.setText(self.tr("Files lie in {0}").format(model_directory()))
        while self.make_row():
            pass
        for place, entry in enumerate(found):
            one = self.rows[entry.model.name]
            if self._list.indexOf(one) != place:
                self._list.insertWidget(place, one)
        self.turns.begin(partial(self.rows[entry.model.name].show_entry, entry) for entry in found)

    def make_row(self) -> bool:
        """Make the next row, of which nothing but its name is known yet; False where there is none left.

        One at a time, so that the window can make them in turns before anybody is live.
        """
        if not self._coming:
            return False
        entry = self._coming.pop(0)
        made = ModelRow(entry)
        made.wanted.connect(self.fetch)
        made.deleted.connect(self.delete)
        self.rows[entry.model.name] = made
        self._list.addWidget(made)
        return True

    def fetch(self, name: str) -> None:
        """Download, going on with what came before."""
        one = self.rows[name]
        if one.task is None:
            one.task = self._desk.tasks.run(
                f"fetching {name}",
                lambda task: fetch(name, task.report),
                lambda _: self.changed.emit(),
                self._desk.complain,
                lambda told: one.show_progress(*told),
                lambda: self._on_over(one),
            )
            one.show_state()

    def delete(self, name: str) -> None:
        """Take the file off the disk."""
        self._desk.tasks.run(
            f"deleting {name}",
            lambda _task: store().file(name).unlink(missing_ok=True),
            lambda _: self._on_changed(""),
            self._desk.complain,
        )

    def _on_changed(self, said: str) -> None:
        self.look()
        self.changed.emit()
        if said:
            self._desk.banner.say(said, "good")

    def _on_over(self, one: ModelRow) -> None:
        one.task = None
        one.show_state()
        name = one.entry.model.name
        self._desk.tasks.run("model", lambda _task: entry_of(store(), name), one.show_entry, self._desk.complain)
