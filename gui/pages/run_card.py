"""What holds for every run: memory, and the way back to how everything was at first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox

from gui.desk import Desk
from gui.widgets.banner import Action
from gui.widgets.buttons import TextButton, describe
from gui.widgets.panels import Card, field, label, row
from gui.widgets.translated import Translated

_EVERY = (0, 60, 300, 900)
"""Seconds between two looks at memory; 0: never."""
_BOX = 220


class RunCard(Translated, Card):
    """Memory and defaults."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("meter")
        self._desk = desk
        self.every, self.limit = QComboBox(), QSpinBox()
        self.limit.setRange(0, 256)
        self.defaults = TextButton("", "reset")
        self._every_name, self._limit_name, self._defaults_name = (label("muted") for _ in range(3))
        for name, box in ((self._every_name, self.every), (self._limit_name, self.limit)):
            self.body.addLayout(field(name, box, _BOX))
        self.body.addLayout(row(self._defaults_name, 1, self.defaults))
        self.every.activated.connect(lambda _: self._keep(clear_memory_every=self.every.currentData()))
        self.limit.valueChanged.connect(lambda value: self._keep(gpu_gb=value))
        self.defaults.clicked.connect(self._put_defaults)
        desk.preferences.defaulted.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        chosen = self._desk.preferences.values
        self.heading.setText(self.tr("Memory and defaults"))
        self._every_name.setText(self.tr("Give memory back"))
        self._limit_name.setText(self.tr("Graphics memory for a network"))
        self._defaults_name.setText(self.tr("Look, engine, camera options and policies"))
        self.every.clear()
        for seconds in _EVERY:
            text = self.tr("Every %n minute(s)", "", seconds // 60) if seconds else self.tr("Never")
            self.every.addItem(text, seconds)
        self.every.setCurrentIndex(max(0, self.every.findData(chosen.clear_memory_every)))
        blocked = self.limit.blockSignals(True)
        self.limit.setValue(chosen.gpu_gb)
        self.limit.blockSignals(blocked)
        self.limit.setSuffix(self.tr(" GB"))
        self.limit.setSpecialValueText(self.tr("What it needs"))
        self.defaults.setText(self.tr("Back to the defaults"))
        tip = self.tr("All of these as they were at first; people, presets and keys stay")
        describe(self.defaults, self.tr("Back to the defaults"), tip)
        for box, name, tip in (
            (self.every, self._every_name, self.tr("How often memory is looked at, and given back where it grows")),
            (self.limit, self._limit_name, self.tr("How much of a graphics card one network may take for its work")),
        ):
            describe(box, name.text(), tip)

    def _keep(self, **values: object) -> None:
        self._desk.preferences.change(**values)
        self.changed.emit()

    def _put_defaults(self) -> None:
        self._desk.preferences.put_defaults()
        self.changed.emit()
        back = Action(self.tr("Show the Live page"), lambda: self._desk.go("live"))
        self._desk.banner.say(self.tr("Everything is as it was at first. The look can be undone."), "good", "", back)
