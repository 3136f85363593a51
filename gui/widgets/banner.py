"""What went wrong, in one line at the top of the window: with details, and with something to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import tokens
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.panels import Symbol, label, row, set_tone, tight
from gui.widgets.translated import Translated

_SHOWN_MS = 8000
_ICONS = {
    "bad": ("warning", "live"),
    "warn": ("warning", "warn"),
    "good": ("check", "good"),
    "": ("info", "accent_ink"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """A button on a banner."""

    text: str
    run: Callable[[], None]


class Banner(Translated, QFrame):
    """One message at a time: the newest. What is wrong stays until it is closed; what went well goes by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._action: Action | None = None
        self._symbol = Symbol("info")
        self.words = label(wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.detail = label("muted", wrap=True)
        self.details = TextButton("link")
        self.details.setCheckable(True)
        self.act = TextButton("link")
        self.dismiss = IconButton("close", size=28)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        line = QHBoxLayout()
        tight(line)
        for widget in (self._symbol, self.words, self.act, self.details, self.dismiss):
            line.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(tokens.GAP_M, tokens.GAP_S, tokens.GAP_S, tokens.GAP_S)
        outer.setSpacing(tokens.GAP_XS)
        outer.addLayout(line)
        outer.addLayout(row(self.detail))
        self.details.toggled.connect(self.detail.setVisible)
        self.act.clicked.connect(self._run)
        self.dismiss.clicked.connect(self.hide)
        self.retranslate()
        self.hide()

    def say(self, text: str, tone: str = "", detail: str = "", action: Action | None = None) -> None:
        """Show a message. `tone`: "", good, warn, bad."""
        self._symbol.show_as(*_ICONS[tone])
        set_tone(self, tone)
        self.words.setText(text)
        self.detail.setText(detail)
        self.details.setVisible(bool(detail))
        self.details.setChecked(False)
        self.detail.hide()
        self._action = action
        self.act.setVisible(action is not None)
        if action is not None:
            self.act.setText(action.text)
            describe(self.act, action.text, action.text)
        self.setAccessibleName(text)
        self.show()
        self._timer.stop()
        if tone in ("", "good"):
            self._timer.start(_SHOWN_MS)

    def retranslate(self) -> None:
        """Set all texts."""
        self.details.setText(self.tr("Details"))
        if self._action is None:
            describe(self.act, self.tr("Do something about it"), self.tr("Do something about it"))
        describe(self.details, self.tr("Details"), self.tr("Show the exact message"))
        describe(self.dismiss, self.tr("Close this message"), self.tr("Close this message"))

    def _run(self) -> None:
        action = self._action
        self.hide()
        if action is not None:
            action.run()
