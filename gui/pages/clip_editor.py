"""One clip: any frame of it with the look as it is now, and the part of it that is wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QImage

from gui import tokens
from gui.background import Task
from gui.choices import settings_of
from gui.clip_frames import LookTrial, Strip, glance
from gui.desk import Desk
from gui.live.feed import stamped
from gui.pages.clip_row import ClipRow, clock_text
from gui.problems import summary
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.panels import Card, label, row
from gui.widgets.preview import Preview
from gui.widgets.timeline import PICTURES, STRIP, Timeline
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image

_SETTLE_MS = 120
"""After the last movement, before a frame is swapped."""
_HEIGHT = 280


class _Still(Preview):
    """A picture that stays: made anew for every size of the view."""

    def __init__(self) -> None:
        super().__init__()
        self._pair: tuple[Image, Image] | None = None

    def sizeHint(self) -> QSize:
        """So high that the timeline is seen, too."""
        return QSize(640, _HEIGHT)

    def put_pair(self, after: Image, before: Image) -> None:
        """Show this until another comes."""
        self._pair = after, before
        self._again()

    def clear(self) -> None:
        """Nothing is shown."""
        self._pair = None
        super().clear()

    def _tell_geometry(self) -> None:
        """Fit it anew."""
        super()._tell_geometry()
        self._again()

    def _again(self) -> None:
        if self._pair is not None:
            self.feed.offer(stamped(*self._pair))


class ClipEditor(Translated, Card):
    """Shows one row of the list at a time; hidden while there is none."""

    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("eye")
        self._desk = desk
        self._row: ClipRow | None = None
        self._glancing: Task | None = None
        self._problem: LiveSwappingError | None = None
        self.trial = LookTrial(desk.tasks, self)
        self.picture, self.timeline = _Still(), Timeline()
        self.picture.setMinimumHeight(_HEIGHT)
        self.picture.comparing = True
        self.place, self.words = label("caption"), label("caption")
        self.compare, self.hide_it = IconButton("compare", checkable=True), IconButton("close")
        self.compare.setChecked(True)
        self.begin_here, self.end_here, self.all_of_it = (TextButton() for _ in range(3))
        self.header.addWidget(self.compare)
        self.header.addWidget(self.hide_it)
        self.body.setSpacing(tokens.GAP_M)
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.timeline)
        self.body.addLayout(row(self.place, self.words, 1, self.begin_here, self.end_here, self.all_of_it))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._connect()
        self.retranslate()
        self.hide()

    @property
    def row(self) -> ClipRow | None:
        """The clip that is shown."""
        return self._row

    def open(self, one: ClipRow | None) -> None:
        """Show this clip, or none."""
        if self._glancing is not None:
            self._glancing.cancel()
            self._glancing = None
        self._row = one
        self.setVisible(one is not None)
        self.picture.clear()
        self.timeline.begin(0.0)
        self._on_problem(None)
        self._show_times()
        if one is None:
            return
        self.heading.setText(one.source.name)
        self._glancing = self._desk.tasks.run(
            "timeline",
            lambda task: glance(one.source, PICTURES, STRIP, task.report),
            failed=partial(self._on_failed, one),
            progressed=partial(self._on_glance, one),
        )

    def refresh(self) -> None:
        """The look, the person or the part may have changed."""
        if self._row is not None and self.isVisible():
            self._take_part()
            self._settle.start()

    def retranslate(self) -> None:
        """Set all texts."""
        self.picture.labels = (self.tr("Before"), self.tr("After"))
        self.picture.setAccessibleName(self.tr("Frame of the clip"))
        self.picture.hint = ("video", "", "")
        describe(self.compare, self.tr("Compare"), self.tr("Before and after, with a line that can be dragged"))
        describe(self.hide_it, self.tr("Close the clip"), self.tr("Close this view; the clip stays on the list"))
        self.timeline.setAccessibleName(self.tr("Timeline"))
        self.timeline.setToolTip(self.tr("Click to look there; drag the ends to keep a part. Keys: arrows, I and O"))
        for button, text, tip in (
            (self.begin_here, self.tr("Begin here"), self.tr("The part begins at the frame that is shown")),
            (self.end_here, self.tr("End here"), self.tr("The part ends at the frame that is shown")),
            (self.all_of_it, self.tr("All of it"), self.tr("Take the whole clip")),
        ):
            button.setText(text)
            describe(button, text, tip)
        self._show_times()
        self._say()

    def _connect(self) -> None:
        self.timeline.sought.connect(self._on_sought)
        self.timeline.trimmed.connect(self._on_trimmed)
        self.begin_here.clicked.connect(self.timeline.begin_here)
        self.end_here.clicked.connect(self.timeline.end_here)
        self.all_of_it.clicked.connect(self.timeline.all_of_it)
        self.compare.toggled.connect(self._on_compare)
        self.hide_it.clicked.connect(self.closed)
        self.trial.shown.connect(self._on_shown)
        self.trial.failed.connect(self._on_problem)

    def _on_glance(self, one: ClipRow, told: Strip | tuple[int, Any]) -> None:
        if one is not self._row:
            return
        if isinstance(told, Strip):
            self.timeline.begin(told.seconds)
            self._take_part()
            self.timeline.put_position(self.timeline.start)
            self._show_times()
            self._ask()
        else:
            number, pixels = told
            rows, columns = pixels.shape[:2]
            image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
            self.timeline.put_picture(number, image.copy())

    def _take_part(self) -> None:
        from liveswapping.jobs.shaping import part_of

        one = self._row
        if one is not None and self.timeline.seconds > 0:
            start, end = part_of(one.wish.trim) if one.wish.trim else (None, None)
            self.timeline.put_part(float(start or 0), float(end or 0))
            self._show_times()

    def _on_sought(self, _seconds: float) -> None:
        self._show_times()
        self._settle.start()

    def _on_trimmed(self, start: float, end: float) -> None:
        if self._row is not None:
            whole = start <= 0 and end >= self.timeline.seconds
            self._row.put_trim("" if whole else f"{_exact(start)}-{_exact(end)}")
            self._row.trimmed.emit(self._row)
        self._show_times()

    def _ask(self) -> None:
        one = self._row
        if one is None or not self.isVisible():
            return
        settings = settings_of(self._desk.preferences.values, one.person, file=one.source)
        self.trial.ask(one.source, self.timeline.position, settings)
        self._on_problem(None)

    def _on_shown(self, after: Image, before: Image) -> None:
        if self._row is not None:
            self._say()
            self.picture.put_pair(after, before)

    def _on_compare(self, on: bool) -> None:
        self.picture.comparing = on
        self.picture.update()

    def _on_failed(self, one: ClipRow, error: LiveSwappingError) -> None:
        if one is self._row:
            self._on_problem(error)

    def _on_problem(self, error: LiveSwappingError | None) -> None:
        """Why there is no picture; None: it is coming, or there."""
        self._problem = error
        self._say()

    def _say(self) -> None:
        if self._problem is not None:
            self.words.setText(summary(self._problem))
        else:
            self.words.setText(self.tr("Swapping this frame …") if self.trial.busy else "")

    def _show_times(self) -> None:
        line = self.timeline
        part = self.tr("{0} · part {1} to {2} of {3}")
        times = (line.position, line.start, line.end, line.seconds)
        self.place.setText(part.format(*map(clock_text, times)) if line.seconds else "")
        for button in (self.begin_here, self.end_here, self.all_of_it):
            button.setEnabled(line.seconds > 0)


def _exact(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:05.2f}"
