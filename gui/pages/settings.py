"""Language, theme, privacy, keys, folders, presets: what is set once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QComboBox, QGridLayout, QKeySequenceEdit, QLabel

from gui import tokens
from gui.desk import Desk
from gui.keys import KEYS, described
from gui.languages import LANGUAGES
from gui.pages.folders_card import FoldersCard
from gui.pages.marking_card import MarkingCard
from gui.pages.policy_box import PolicyBox
from gui.pages.presets_card import PresetsCard
from gui.pages.run_card import RunCard
from gui.system_key import SystemKey
from gui.theme import MODES
from gui.widgets.buttons import Switch, describe
from gui.widgets.panels import Card, TitledPage, field, label

_BOX = 220
"""Width of what is chosen from."""


class SettingsPage(TitledPage):
    """The page. Every change holds at once and is kept."""

    marking_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.look, self.privacy, self.keys = Card("wand"), Card("hide"), Card("settings")
        self.policies, self.presets = PolicyBox(desk, _BOX), PresetsCard(desk)
        self._policies_lead = label("muted", wrap=True)
        self.privacy.body.addWidget(self._policies_lead)
        self.privacy.body.addWidget(self.policies)
        self.folders, self.runs = FoldersCard(desk), RunCard(desk)
        self.marking = MarkingCard(self._desk)
        self.marking.changed.connect(self.marking_changed)
        for card in (self.look, self.privacy, self.marking, self.runs, self.folders, self.presets, self.keys):
            self.content.addWidget(card)
        self._make_look()
        self._make_keys()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.title.setText(self.tr("Settings"))
        self.lead.setText(self.tr("Every change holds at once."))
        self._say_look()
        self.marking.retranslate()
        self.presets.retranslate()
        self.privacy.heading.setText(self.tr("Privacy"))
        self._policies_lead.setText(self.tr("What leaves while you are live, where a face is not swapped."))
        self._say_keys()

    def _make_look(self) -> None:
        self.language, self.theme = QComboBox(), QComboBox()
        self._language_name, self._theme_name = label("muted"), label("muted")
        for name, box in ((self._language_name, self.language), (self._theme_name, self.theme)):
            self.look.body.addLayout(field(name, box, _BOX))
        for code, text in LANGUAGES.items():
            self.language.addItem(text, code)
        self.language.activated.connect(self._on_language)
        self.theme.activated.connect(self._on_theme)

    def _say_look(self) -> None:
        self.look.heading.setText(self.tr("Appearance"))
        self._language_name.setText(self.tr("Language"))
        self._theme_name.setText(self.tr("Theme"))
        words = {"system": self.tr("As the system has it"), "dark": self.tr("Dark"), "light": self.tr("Light")}
        self.theme.clear()
        for mode in MODES:
            self.theme.addItem(words[mode], mode)
        self.theme.setCurrentIndex(self.theme.findData(self._desk.theme.mode))
        self.language.setCurrentIndex(self.language.findData(self._desk.languages.current))
        for box, name, tip in (
            (self.language, self._language_name, self.tr("The language of the window")),
            (self.theme, self._theme_name, self.tr("Dark, light, or as the system has it")),
        ):
            box.setAccessibleName(name.text())
            box.setToolTip(tip)

    def showEvent(self, event: object) -> None:
        """What is changed elsewhere may have changed."""
        self.presets.refresh()
        self.policies.refresh()
        super().showEvent(event)  # type: ignore[arg-type]

    def _make_keys(self) -> None:
        self._key_rows: dict[str, tuple[QLabel, QKeySequenceEdit]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(tokens.GAP_L)
        grid.setVerticalSpacing(tokens.GAP_S)
        for place, name in enumerate(KEYS):
            words, edit = label(wrap=True), QKeySequenceEdit()
            edit.setMaximumSequenceLength(1)
            edit.setClearButtonEnabled(True)
            edit.setFixedWidth(_BOX)
            edit.setKeySequence(QKeySequence(self._desk.keys.of(name)))
            edit.editingFinished.connect(lambda chosen=name: self._on_key(chosen))
            grid.addWidget(words, place, 0)
            grid.addWidget(edit, place, 1)
            self._key_rows[name] = words, edit
        grid.setColumnStretch(0, 1)
        self._keys_lead = label("muted", wrap=True)
        self.everywhere = Switch()
        self.everywhere.setChecked(self._desk.preferences.values.system_key)
        self.everywhere.setEnabled(SystemKey(self).possible)
        self.everywhere.toggled.connect(self._on_everywhere)
        self.keys.body.addWidget(self._keys_lead)
        self.keys.body.addWidget(self.everywhere)
        self.keys.body.addLayout(grid)

    def _say_keys(self) -> None:
        self.keys.heading.setText(self.tr("Keys"))
        self._keys_lead.setText(self._where_keys_work())
        self.everywhere.setText(self.tr("The key that hides works in every window"))
        tip = self.tr("While you are live: also while another program is in front")
        describe(self.everywhere, self.everywhere.text(), tip)
        for name, (words, edit) in self._key_rows.items():
            words.setText(described(name))
            edit.setAccessibleName(described(name))
            edit.setToolTip(self.tr("Click here and press the new key"))

    def _where_keys_work(self) -> str:
        """What this system allows, in one sentence."""
        if not self.everywhere.isEnabled():
            return self.tr("Here keys work only while a window of LiveSwapping is in front, the one that hides, too.")
        if not self.everywhere.isChecked():
            return self.tr("Keys work while a window of LiveSwapping is in front, the one that hides as well.")
        return self.tr("Keys work while a window of LiveSwapping is in front; the one that hides in every window.")

    def _on_everywhere(self, on: bool) -> None:
        self._desk.preferences.change(system_key=on)
        self._say_keys()
        self._desk.keys.changed.emit()

    def _on_key(self, name: str) -> None:
        edit = self._key_rows[name][1]
        key = edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        taken = self._desk.keys.put(name, key)
        if taken:
            edit.setKeySequence(QKeySequence(self._desk.keys.of(name)))
            self._desk.banner.say(self.tr("This key is taken: {0}").format(described(taken)), "warn")

    def _on_language(self, index: int) -> None:
        code = self.language.itemData(index)
        self._desk.preferences.change(language=code)
        self._desk.languages.choose(code)

    def _on_theme(self, index: int) -> None:
        mode = self.theme.itemData(index)
        self._desk.preferences.change(theme=mode)
        self._desk.theme.set_mode(mode)
