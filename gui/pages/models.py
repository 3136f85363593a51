"""The model files: what is here, what it may be used for, and getting it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from gui import tokens
from gui.desk import Desk
from gui.model_files import OWN, Entry, copy_own, discard, entries, entry_of, fetch, store, unknown_entries
from gui.pages.ask import ask_files
from gui.pages.model_row import ModelRow
from gui.turns import Turns
from gui.widgets.buttons import TextButton, describe
from gui.widgets.drop_zone import DropZone
from gui.widgets.panels import TitledPage, label, tight


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
        self._say_where()
        for one in self.rows.values():
            one.show_state()

    def _say_where(self) -> None:
        from liveswapping.inference.store import model_directory

        self._where.setText(self.tr("Files lie in {0}").format(model_directory()))

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
        title = self.tr("Choose weights")
        ask_files(self._desk, self, title, "weights", self.take_files, self.tr("Weights"), OWN)

    def _show(self, found: list[Entry]) -> None:
        self._say_where()
        while self._make_row():
            pass
        for place, entry in enumerate(found):
            one = self.rows[entry.model.name]
            if self._list.indexOf(one) != place:
                self._list.insertWidget(place, one)
        self.turns.begin(partial(self.rows[entry.model.name].show_entry, entry) for entry in found)

    def pieces(self) -> Iterable[Callable[[], object]]:
        """Each row is one."""
        return [self._make_row for _ in self._coming]

    def _make_row(self) -> bool:
        """Make the next row, of which nothing but its name is known yet; False where there is none left."""
        if not self._coming:
            return False
        entry = self._coming.pop(0)
        made = ModelRow(entry)
        made.wanted.connect(self.fetch)
        made.given_up.connect(self.give_up)
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

    def give_up(self, name: str) -> None:
        """Nothing of an unfinished download is to stay, be it at work or paused."""
        one = self.rows[name]
        one.giving_up = True
        if one.task is not None:
            one.task.cancel()
        else:
            self._on_over(one)

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
        given_up, name = one.giving_up, one.entry.model.name
        one.task, one.giving_up = None, False
        one.show_state()
        look = discard if given_up else _entry
        self._desk.tasks.run("model", lambda _task: look(name), one.show_entry, self._desk.complain)


def _entry(name: str) -> Entry:
    return entry_of(store(), name)
