"""What is said once, before anything else: what this is for, and what it asks of whoever uses it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout

from gui import tokens
from gui.desk import Desk
from gui.icons import app_icon
from gui.languages import LANGUAGES
from gui.widgets.buttons import TextButton, describe
from gui.widgets.panels import Page, Symbol, label, row, tight
from liveswapping.provenance.consent import record

_POINTS = ("wand", "faces", "shield", "folder")


class FirstRunPage(Page):
    """Consent, in the user's language."""

    agreed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._title, self._lead = label("display"), label("muted", wrap=True)
        self._points = [(label("heading"), label("muted", wrap=True)) for _ in _POINTS]
        self.agree = QCheckBox()
        self.go_on = TextButton("primary")
        self.go_on.setEnabled(False)
        self.go_on.setMinimumWidth(140)
        self.languages = {code: TextButton("link") for code in LANGUAGES}
        self._lay_out()
        self.agree.toggled.connect(self.go_on.setEnabled)
        self.go_on.clicked.connect(self._on_agreed)
        for code, button in self.languages.items():
            button.setText(LANGUAGES[code])
            button.clicked.connect(lambda _=False, chosen=code: self._speak(chosen))
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self._title.setText(self.tr("Be somebody else, live"))
        self._lead.setText(self.tr("LiveSwapping puts another face on yours, from one photograph, on this computer."))
        texts = (
            (
                self.tr("What it does"),
                self.tr("It swaps the face in a camera's picture, a clip or a photograph with that of another person."),
            ),
            (
                self.tr("Whose consent you need"),
                self.tr("Of everybody whose face you use. Deceiving anybody with it is not allowed."),
            ),
            (
                self.tr("How results are marked"),
                self.tr(
                    "A label in the picture and credentials in the file say that it was made; the settings have a "
                    "switch for each. Say so too wherever you show it."
                ),
            ),
            (
                self.tr("What stays here"),
                self.tr("Pictures never leave this computer. Nothing is sent anywhere unless you stream it yourself."),
            ),
        )
        for (head, words), (heading, text) in zip(self._points, texts, strict=True):
            head.setText(heading)
            words.setText(text)
        self.agree.setText(self.tr("I use it only with the consent of the people it shows."))
        describe(self.agree, self.agree.text(), self.tr("Agree, to go on"))
        self.go_on.setText(self.tr("Continue"))
        describe(self.go_on, self.tr("Continue"), self.tr("Choose a face and a camera"))
        for code, button in self.languages.items():
            describe(button, LANGUAGES[code], self.tr("Speak {0}").format(LANGUAGES[code]))

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(600)
        inside = QVBoxLayout(card)
        tight(inside, tokens.GAP_L, 2 * tokens.GAP_L)
        mark = label()
        mark.setPixmap(app_icon().pixmap(56, 56))
        inside.addLayout(row(mark, 1, *self.languages.values()))
        inside.addWidget(self._title)
        inside.addWidget(self._lead)
        for name, (head, words) in zip(_POINTS, self._points, strict=True):
            text = QVBoxLayout()
            tight(text, 2)
            text.addWidget(head)
            text.addWidget(words)
            line = QHBoxLayout()
            tight(line, tokens.GAP_M)
            line.addWidget(Symbol(name, 24), 0, Qt.AlignmentFlag.AlignTop)
            line.addLayout(text, 1)
            inside.addLayout(line)
        inside.addSpacing(tokens.GAP_S)
        inside.addWidget(self.agree)
        inside.addLayout(row(1, self.go_on))
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(row(1, card, 1))
        outer.addStretch(1)
        self.setFocusProxy(self.agree)

    def _speak(self, code: str) -> None:
        self._desk.languages.choose(code)
        self._desk.preferences.change(language=code)

    def _on_agreed(self) -> None:
        self._desk.preferences.change(consented=True)
        file = self._desk.preferences.file
        if file is not None:
            record(file.parent)
        self.agreed.emit()
