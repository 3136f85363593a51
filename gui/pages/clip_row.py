"""One clip on the list of the Video page: what shall become of it, how far it is, and what can be done."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QLineEdit, QProgressBar, QVBoxLayout

from gui import tokens
from gui.background import Task
from gui.file_work import CODECS, QUALITIES, ClipWish
from gui.people import Person
from gui.widgets.buttons import IconButton, describe
from gui.widgets.panels import label, row, set_tone, tight
from liveswapping.domain.errors import LiveSwappingError

if TYPE_CHECKING:
    from liveswapping.jobs.progress import Progress

WAITING, WORKING, HELD, DONE, FAILED = "waiting", "working", "held", "done", "failed"


class ClipRow(QFrame):
    """One clip on the list."""

    removed = Signal(object)
    resumed = Signal(object)
    looked_at = Signal(object)
    """Show this clip and its timeline."""
    trimmed = Signal(object)

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
        self.look = IconButton("eye")
        column = QVBoxLayout(self)
        tight(column, tokens.GAP_S, tokens.GAP_M)
        column.addLayout(row(self._name, 1, self.trim, self.look, self.hold, self.folder, self.remove))
        column.addWidget(self.bar)
        column.addWidget(self.words)
        self.hold.clicked.connect(self._on_hold)
        self.remove.clicked.connect(lambda: self.removed.emit(self))
        self.trim.editingFinished.connect(self._on_trim)
        self.look.clicked.connect(lambda: self.looked_at.emit(self))
        self.folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(wish.output.parent))))
        self.show_state()

    def kept(self) -> dict[str, Any]:
        """What is remembered of it until it is done."""
        return {
            "source": str(self.source),
            "person": self.person.key,
            **asdict(self.wish),
            "output": str(self.wish.output),
        }

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
        describe(
            self.look, self.tr("Look and trim"), self.tr("See any frame with the look as it is now, and cut a part")
        )
        self.look.setVisible(self.state in (WAITING, HELD, FAILED))
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
            held = self.tr("Not finished; it goes on where it was")
            return held if self.state == HELD else self.tr("Preparing …")
        text = self.tr("{0} of {1} frames").format(progress.done, progress.total)
        if self.state == HELD:
            return text + self.tr(", paused; it goes on where it was")
        if progress.eta_s is None:
            return text
        return text + self.tr(", {0} fps, {1} left").format(f"{progress.fps:.1f}", clock_text(progress.eta_s))

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
        self.put_trim(text)
        self.trimmed.emit(self)

    def put_trim(self, text: str) -> None:
        """This part of it, such as "0:10-1:30"; "": all."""
        self.wish = replace(self.wish, trim=text)
        self.trim.setText(text)


def clock_text(seconds: float) -> str:
    """Such as 1:05, or 2:00:07."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def wish_of(kept: dict[str, Any]) -> tuple[Path, str, ClipWish] | None:
    """Clip, key of the person, and what is wanted, from what was remembered; None where that does not fit any more."""
    try:
        wish = ClipWish(Path(kept["output"]), str(kept["trim"]), kept["codec"], kept["quality"], int(kept["lines"]))
        source = Path(kept["source"])
        if wish.codec not in CODECS or wish.quality not in QUALITIES or not source.is_file():
            return None
        return source, str(kept["person"]), wish
    except (KeyError, TypeError, ValueError):
        return None
