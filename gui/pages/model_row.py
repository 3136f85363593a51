"""One model on the Models page: what it is, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.model_files import DAMAGED, MISSING, READY, UNKNOWN, Entry, purpose, size_text
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.panels import Symbol, label, row, set_tone, tight


class ModelRow(QFrame):
    """One model."""

    wanted = Signal(str)
    given_up = Signal(str)
    """Nothing of an unfinished download is to stay."""
    deleted = Signal(str)

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.entry = entry
        self.task: Task | None = None
        self.asking = self.giving_up = False
        self._mark = Symbol("check", 20, "good")
        self._name, self._state = label("heading"), label("caption")
        self._text, self._licence = label("muted", wrap=True), label("caption", wrap=True)
        self.get, self.delete = TextButton("", "download"), IconButton("trash")
        self.stop, self.cancel = TextButton("", "pause"), IconButton("close")
        self.agree, self.refuse = TextButton("primary"), TextButton("")
        self.question = label(wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        column = QVBoxLayout(self)
        tight(column, tokens.GAP_XS, tokens.GAP_M)
        column.addLayout(row(self._mark, self._name, self._state, 1, self.get, self.stop, self.cancel, self.delete))
        for widget in (self._text, self._licence, self.bar, self.question):
            column.addWidget(widget)
        column.addLayout(row(1, self.refuse, self.agree))
        self.get.clicked.connect(self._on_get)
        self.agree.clicked.connect(self._on_agreed)
        self.refuse.clicked.connect(self._on_refused)
        self.stop.clicked.connect(lambda: self.task.cancel() if self.task is not None else None)
        self.cancel.clicked.connect(lambda: self.given_up.emit(self.entry.model.name))
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
        state, loading = self.entry.state, self.task is not None
        self._say(state)
        begun = state == MISSING and self.entry.begun > 0
        self.get.setVisible(state in (MISSING, DAMAGED) and not loading and not self.asking)
        self.stop.setVisible(loading)
        self.cancel.setVisible(loading or begun)
        self.bar.setVisible(loading)
        self.delete.setVisible(state in (READY, DAMAGED) and not loading and not self.entry.builtin)
        for widget in (self.question, self.agree, self.refuse):
            widget.setVisible(self.asking)

    def _say(self, state: str) -> None:
        model = self.entry.model
        self._mark.show_as(*{READY: ("check", "good"), DAMAGED: ("warning", "live")}.get(state, ("download", "muted")))
        self._name.setText(model.name)
        words = {READY: self.tr("here"), MISSING: self.tr("not here"), DAMAGED: self.tr("damaged"), UNKNOWN: "…"}
        parts = [words[state], *([size_text(model.size)] if model.size else [])]
        if self.entry.begun and state == MISSING:
            parts.append(self.tr("{0} came already").format(size_text(self.entry.begun)))
        if self.entry.builtin:
            parts.append(self.tr("built in"))
        self._state.setText(" · ".join(parts))
        set_tone(self._state, {READY: "good", DAMAGED: "bad"}.get(state, ""))
        does = QCoreApplication.translate("Models", purpose(model))
        self._text.setText(does[:1].upper() + does[1:])
        self._licence.setText(self.tr("Licence: {0}").format(model.licence))
        texts = {DAMAGED: self.tr("Repair"), MISSING: self.tr("Go on") if self.entry.begun else self.tr("Download")}
        self.get.setText(texts.get(state, self.tr("Download")))
        describe(self.get, self.get.text().strip(), self.tr("Fetch this file; what came before is kept"))
        self.stop.setText(self.tr("Pause"))
        describe(self.stop, self.tr("Pause"), self.tr("Stop here; Download goes on where it was"))
        describe(self.cancel, self.tr("Cancel"), self.tr("Give this download up; nothing of it stays on the disk"))
        describe(self.delete, self.tr("Delete"), self.tr("Delete this file from the disk"))
        self.question.setText(self.tr("Its licence does not allow commercial use. Do you agree to that?"))
        self.agree.setText(self.tr("Agree and download"))
        self.refuse.setText(self.tr("Do not download"))
        describe(self.agree, self.tr("Agree and download"), self.tr("Licence: {0}").format(model.licence))
        describe(self.refuse, self.tr("Do not download"), self.tr("Leave it"))

    def _on_get(self) -> None:
        if self.entry.model.non_commercial and self.entry.state != DAMAGED and not self.entry.begun:
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
