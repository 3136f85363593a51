"""How the picture is looked at: a strip of buttons below it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame

from gui import tokens
from gui.desk import Desk
from gui.live.feed import ACTUAL, FILL, FIT
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.panels import row
from gui.widgets.translated import Translated

_ONE_LINE = 480
"""Logical pixels in which all buttons stand side by side, in any language."""


class ViewBar(Translated, QFrame):
    """The strip. Nothing here changes what leaves, but for the button that hides."""

    view_changed = Signal()
    overlay_changed = Signal()
    hide_clicked = Signal()
    cast_clicked = Signal()
    snapshot_clicked = Signal()
    fullscreen_clicked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setProperty("role", "toolbar")
        self._desk = desk
        chosen = desk.preferences.values
        self.modes = {FIT: IconButton("fit", checkable=True), FILL: IconButton("fill", checkable=True)}
        self.modes[ACTUAL] = IconButton("actual", checkable=True)
        self.compare, self.mirror = IconButton("compare", checkable=True), IconButton("mirror", checkable=True)
        self.figures, self.cast = IconButton("meter", checkable=True), IconButton("faces")
        self.snapshot, self.fullscreen = IconButton("snapshot"), IconButton("fullscreen")
        self.hide_me = TextButton("", "hide")
        self.hide_me.setCheckable(True)
        group = QButtonGroup(self)
        for button in self.modes.values():
            group.addButton(button)
        self._lay_out()
        self.modes.get(chosen.view, self.modes[FIT]).setChecked(True)
        self.mirror.setChecked(chosen.view_mirrored)
        self.figures.setChecked(chosen.overlay)
        group.buttonToggled.connect(lambda _button, on: self._on_view() if on else None)
        self.compare.toggled.connect(lambda _: self.view_changed.emit())
        self.mirror.toggled.connect(lambda _: self._on_view())
        self.figures.toggled.connect(self._on_figures)
        self.hide_me.clicked.connect(self._on_hide)
        self.cast.clicked.connect(self.cast_clicked)
        self.snapshot.clicked.connect(self.snapshot_clicked)
        self.fullscreen.clicked.connect(self.fullscreen_clicked)
        desk.keys.on("compare", self.compare.toggle)
        desk.keys.changed.connect(self.retranslate)
        self.show_live(False)
        self.retranslate()

    def _lay_out(self) -> None:
        """What looks at the left, what does something at the right; below it where there is little room."""
        looks = row(*self.modes.values(), gap=tokens.GAP_XS)
        looks.addSpacing(tokens.GAP_M)
        for one in (self.compare, self.mirror, self.figures, self.cast):
            looks.addWidget(one)
        looks.addStretch(1)
        acts = row(1, self.snapshot, self.fullscreen, gap=tokens.GAP_XS)
        acts.addSpacing(tokens.GAP_XS)
        acts.addWidget(self.hide_me)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(tokens.GAP_S, 6, tokens.GAP_S, 6)
        self._lines.setSpacing(tokens.GAP_XS)
        self._lines.addLayout(looks, 1)
        self._lines.addLayout(acts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One line or two."""
        wanted = QBoxLayout.Direction.LeftToRight if self.width() >= _ONE_LINE else QBoxLayout.Direction.TopToBottom
        if self._lines.direction() != wanted:
            self._lines.setDirection(wanted)
        super().resizeEvent(event)

    @property
    def mode(self) -> str:
        """How the picture lies in the view."""
        return next(mode for mode, button in self.modes.items() if button.isChecked())

    @property
    def mirrored(self) -> bool:
        """Left and right are swapped, in the preview only."""
        return self.mirror.isChecked()

    @property
    def comparing(self) -> bool:
        """Before is shown beside after."""
        return self.compare.isChecked()

    def show_live(self, live: bool) -> None:
        """What needs a picture can be used."""
        for button in (self.snapshot, self.cast):
            button.setEnabled(live)
        self.hide_me.setEnabled(live)

    def show_hidden(self, hidden: bool) -> None:
        """Whether the camera's picture is held back."""
        self.hide_me.setChecked(hidden)
        self.hide_me.set_look("eye" if hidden else "hide", "live" if hidden else "")
        self.hide_me.setText(self.tr("Show again") if hidden else self.tr("Hide"))

    def retranslate(self) -> None:
        """Set all texts."""
        keys = self._desk.keys
        describe(self.modes[FIT], self.tr("Fit"), self.tr("Show all of the picture"))
        describe(self.modes[FILL], self.tr("Fill"), self.tr("Fill the view; edges are cut"))
        describe(
            self.modes[ACTUAL], self.tr("Actual pixels"), self.tr("One pixel of the picture for one of the screen")
        )
        tip = self.tr("Before and after, with a line that can be dragged")
        describe(self.compare, self.tr("Compare"), tip, keys.shown("compare"))
        describe(self.mirror, self.tr("Mirror"), self.tr("See yourself as in a mirror; only here, not in the output"))
        describe(self.figures, self.tr("Figures"), self.tr("Rate and delay over the picture; only here"))
        tip = self.tr("Give each face in the picture a person of its own; a click on the face does the same")
        describe(self.cast, self.tr("Who becomes whom"), tip)
        describe(self.snapshot, self.tr("Save picture"), self.tr("Save the picture as PNG"), keys.shown("snapshot"))
        tip = self.tr("Fill the screen; Esc leaves")
        describe(self.fullscreen, self.tr("Full screen"), tip, keys.shown("fullscreen"))
        tip = self.tr("Black picture: nothing that the camera sees leaves any more")
        describe(self.hide_me, self.tr("Hide"), tip, keys.shown("hide"))
        self.show_hidden(self.hide_me.isChecked())

    def _on_view(self) -> None:
        self._desk.preferences.change(view=self.mode, view_mirrored=self.mirrored)
        self.view_changed.emit()

    def _on_figures(self, on: bool) -> None:
        self._desk.preferences.change(overlay=on)
        self.overlay_changed.emit()

    def _on_hide(self) -> None:
        self.hide_me.setChecked(not self.hide_me.isChecked())  # the page decides
        self.hide_clicked.emit()
