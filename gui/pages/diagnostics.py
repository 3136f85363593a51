"""What this machine has, what is wrong with it, where the time goes, and what the log says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QPlainTextEdit, QWidget

from gui import tokens
from gui.desk import Desk
from gui.theme import colours
from gui.turns import Turns
from gui.widgets.buttons import TextButton, describe
from gui.widgets.panels import Card, Symbol, TitledPage, label
from liveswapping.domain.settings import Settings

_REFRESH_MS = 1000
_TAIL = 60_000
"""Bytes of the log that are shown."""
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class StageChart(QWidget):
    """One bar for each stage of a frame: the median, and the 95th percentile lighter behind."""

    def __init__(self) -> None:
        super().__init__()
        self._stages: list[tuple[str, float, float]] = []
        self.setMinimumHeight(40)

    def show_stages(self, stages: list[tuple[str, float, float]]) -> None:
        """Name, median and 95th percentile in milliseconds."""
        if stages != self._stages:
            self._stages = stages
            self.setMinimumHeight(max(40, 28 * len(stages)))
            self.setAccessibleDescription("; ".join(f"{name} {p50:.1f} ms" for name, p50, _ in stages))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars."""
        c = colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max((p95 for _, _, p95 in self._stages), default=1.0) or 1.0
        left, right = 96.0, self.width() - 132.0
        for place, (name, p50, p95) in enumerate(self._stages):
            top = 28.0 * place
            painter.setPen(QColor(c.text))
            painter.drawText(QRectF(0, top, left, 28), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(Qt.PenStyle.NoPen)
            for value, colour in ((p95, c.accent_soft), (p50, c.accent)):
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(QRectF(left, top + 8, max(2.0, (right - left) * value / longest), 12), 4, 4)
            painter.setPen(QColor(c.muted))
            words = f"{p50:.1f} / {p95:.1f} ms"
            painter.drawText(QRectF(right + 12, top, 120, 28), Qt.AlignmentFlag.AlignVCenter, words)


class DiagnosticsPage(TitledPage):
    """The page."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._report = ""
        self.examine, self.copy = TextButton("", "refresh"), TextButton("", "copy")
        self.buttons.addWidget(self.examine)
        self.buttons.addWidget(self.copy)
        self.findings, self.facts, self.times, self.log = (
            Card("shield"),
            Card("info"),
            Card("meter"),
            Card("diagnostics"),
        )
        self._findings = QGridLayout()
        self._facts = QGridLayout()
        for grid, card in ((self._findings, self.findings), (self._facts, self.facts)):
            grid.setHorizontalSpacing(tokens.GAP_L)
            grid.setVerticalSpacing(tokens.GAP_S)
            card.body.addLayout(grid)
        self._facts.setColumnStretch(1, 1)
        self._findings.setColumnStretch(1, 1)
        self.chart, self._idle = StageChart(), label("muted", wrap=True)
        self.times.body.addWidget(self.chart)
        self.times.body.addWidget(self._idle)
        self.level = QComboBox()
        self.level.addItems(LEVELS)
        self.level.setCurrentText("INFO")
        self.log.header.addWidget(self.level)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(220)
        self.text.setTabChangesFocus(True)
        self.log.body.addWidget(self.text)
        for card in (self.findings, self.times, self.facts, self.log):
            self.content.addWidget(card)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self.examine.clicked.connect(self.look)
        self.copy.clicked.connect(self._copy)
        self.level.activated.connect(lambda _: self._read_log())
        self.copy.setEnabled(False)
        self._looked = False
        self.turns = Turns(self)
        self.retranslate()

    def showEvent(self, event: object) -> None:
        """Look when it is first seen; follow while it is."""
        if not self._looked:
            self.look()
        self._read_log()
        self._refresh()
        self._timer.start()
        super().showEvent(event)  # type: ignore[arg-type]

    def hideEvent(self, event: object) -> None:
        """Nobody looks."""
        self._timer.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def look(self) -> None:
        """Examine this machine on a thread beside: it takes some seconds."""
        self._looked = True
        self.examine.setEnabled(False)
        folders = (("settings", str(self._desk.preferences.file)), ("log", str(self._desk.log_file)))
        self._desk.tasks.run(
            "doctor",
            lambda _task: _examined(folders),
            lambda answer: self._show(*answer),
            self._desk.complain,
            over=lambda: self.examine.setEnabled(True),
        )
        self._say_nothing_wrong(self.tr("Examining this machine …"), "info", "muted")

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Diagnostics"))
        self.lead.setText(self.tr("What this machine has, and what is wrong with it. Nothing is sent anywhere."))
        self.examine.setText(self.tr("Examine again"))
        describe(self.examine, self.tr("Examine again"), self.tr("Look at this machine again; it takes some seconds"))
        self.copy.setText(self.tr("Copy as bug report"))
        describe(self.copy, self.tr("Copy as bug report"), self.tr("All of this page as text, onto the clipboard"))
        self.findings.heading.setText(self.tr("What is wrong"))
        self.facts.heading.setText(self.tr("This machine"))
        self.times.heading.setText(self.tr("Where the time goes"))
        self.log.heading.setText(self.tr("Log"))
        self._idle.setText(self.tr("Go live to see how long each step of a frame takes: median / 95 %."))
        self.chart.setAccessibleName(self.tr("Where the time goes"))
        self.level.setAccessibleName(self.tr("Level"))
        self.level.setToolTip(self.tr("Show messages of this level and above"))
        self.text.setAccessibleName(self.tr("Log"))

    def _show(self, rows: list[tuple[str, str]], findings: list[tuple[str, str, bool]]) -> None:
        _empty(self._facts)
        _empty(self._findings)
        pieces: list[Callable[[], object]] = [partial(self._add_fact, *one) for one in enumerate(rows)]
        pieces += [partial(self._add_finding, *one) for one in enumerate(findings)]
        self.turns.begin(pieces)
        if not findings:
            self._say_nothing_wrong(self.tr("Nothing is wrong."), "check", "good")
        lines = [f"{name}: {text}" for name, text in rows]
        self._report = "\n".join([*lines, *(f"! {problem} -> {cure}" for problem, cure, _ in findings)])
        self.copy.setEnabled(True)

    def _add_fact(self, place: int, fact: tuple[str, str]) -> None:
        head, words = label("muted"), label(wrap=True)
        head.setText(fact[0])
        words.setText(fact[1])
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts.addWidget(head, place, 0, Qt.AlignmentFlag.AlignTop)
        self._facts.addWidget(words, place, 1)

    def _add_finding(self, place: int, finding: tuple[str, str, bool]) -> None:
        problem, cure, serious = finding
        words = label(wrap=True)
        words.setText(f"{problem}\n→ {cure}")
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        mark = Symbol("warning" if serious else "info", 20, "live" if serious else "warn")
        self._findings.addWidget(mark, place, 0, Qt.AlignmentFlag.AlignTop)
        self._findings.addWidget(words, place, 1)

    def _say_nothing_wrong(self, text: str, icon: str, tone: str) -> None:
        _empty(self._findings)
        words = label()
        words.setText(text)
        self._findings.addWidget(Symbol(icon, 20, tone), 0, 0)
        self._findings.addWidget(words, 0, 1)

    def _refresh(self) -> None:
        status = self._desk.session.status
        stages = [] if status is None else [(k, spread.p50_ms, spread.p95_ms) for k, spread in status.stages.items()]
        self.chart.show_stages(stages)
        self.chart.setVisible(bool(stages))
        self._idle.setVisible(not stages)

    def _read_log(self) -> None:
        level = LEVELS.index(self.level.currentText())
        self._desk.tasks.run(
            "log", lambda _task: _log_lines(self._desk.log_file, level), self.text.setPlainText, self._desk.complain
        )

    def _copy(self) -> None:
        log = "\n".join(self.text.toPlainText().splitlines()[-60:])
        QGuiApplication.clipboard().setText(f"{self._report}\n\n{log}\n")
        self._desk.banner.say(self.tr("Copied. Paste it into the report."), "good")


def _examined(folders: tuple[tuple[str, str], ...]) -> tuple[list[tuple[str, str]], list[tuple[str, str, bool]]]:
    from liveswapping.build import open_store
    from liveswapping.doctor.checks import examine
    from liveswapping.doctor.probes import gather
    from liveswapping.doctor.report import as_rows

    facts = gather((("model folder", str(open_store(Settings()).directory)), *folders))
    findings = [(one.problem, one.cure, one.serious) for one in examine(facts)]
    return list(as_rows(facts)), findings


def _log_lines(path: Path | None, level: int) -> str:
    """The end of the log, from `level` on; lines of libraries, which have none, count as DEBUG."""
    if path is None or not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        lines = file.read().decode("utf-8", "replace").splitlines()
    wanted = LEVELS[level:]
    return "\n".join(line for line in lines if level == 0 or any(f" {name} " in line for name in wanted))


def _empty(grid: QGridLayout) -> None:
    while grid.count():
        item = grid.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.deleteLater()
