"""How the face shall look: sliders that act at once, with undo and named presets."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QComboBox

from gui import tokens
from gui.choices import look_of, values_of
from gui.desk import Desk
from gui.widgets.buttons import IconButton, Switch, describe
from gui.widgets.panels import Card, row
from gui.widgets.slider import Slider
from gui.widgets.translated import Translated
from liveswapping.domain.look import Look

_SLIDERS = ("opacity", "shape", "colour", "sharpness", "edge")
_SWITCHES = ("keep_mouth", "keep_eyes")


class _Change(QUndoCommand):
    """From one look to another."""

    def __init__(self, panel: LookPanel, before: Look, after: Look) -> None:
        super().__init__()
        self._panel, self._before, self._after = panel, before, after

    def undo(self) -> None:
        """Back."""
        self._panel.show_look(self._before)

    def redo(self) -> None:
        """And again."""
        self._panel.show_look(self._after)


class LookPanel(Translated, Card):
    """The card with the sliders."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("sliders")
        self._desk = desk
        self.look = look_of(desk.preferences.values.look)
        self._settled = self.look
        self.stack = QUndoStack(self)
        self.undo, self.redo, self.reset = IconButton("undo"), IconButton("redo"), IconButton("reset")
        for button in (self.undo, self.redo, self.reset):
            self.header.addWidget(button)
        self.preset = QComboBox()
        self.preset.setEditable(True)
        self.preset.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.save, self.remove = IconButton("bookmark"), IconButton("trash")
        self.body.addLayout(row(self.preset, self.save, self.remove, gap=tokens.GAP_XS))
        self.sliders = {name: Slider(getattr(Look(), name)) for name in _SLIDERS}
        self.switches = {name: Switch() for name in _SWITCHES}
        for slider in self.sliders.values():
            self.body.addWidget(slider)
            slider.moved.connect(self._follow)
            slider.settled.connect(self._settle)
        for switch in self.switches.values():
            self.body.addWidget(switch)
            switch.toggled.connect(self._on_switch)
        self._connect()
        self._show(self.look)
        self._list_presets()
        self.retranslate()

    def show_look(self, look: Look) -> None:
        """Take this look, without a trace in the history."""
        self._settled = look
        self._show(look)
        self._take(look)

    def put(self, look: Look) -> None:
        """Take this look; it can be undone."""
        if look != self._settled:
            self.stack.push(_Change(self, self._settled, look))

    def retranslate(self) -> None:
        """Set all texts."""
        keys = self._desk.keys
        self.heading.setText(self.tr("Look"))
        describe(self.undo, self.tr("Undo"), self.tr("Undo the last change of the look"), keys.shown("undo"))
        describe(self.redo, self.tr("Redo"), self.tr("Redo the change of the look"), keys.shown("redo"))
        describe(self.reset, self.tr("Reset the look"), self.tr("All sliders back to where they rest"))
        describe(self.save, self.tr("Save preset"), self.tr("Save these sliders under the name on the left"))
        describe(self.remove, self.tr("Remove preset"), self.tr("Remove the preset of this name"))
        self.preset.setAccessibleName(self.tr("Preset"))
        self.preset.setToolTip(self.tr("Choose a preset, or type a name to save one"))
        line = self.preset.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("Presets"))
            line.setAccessibleName(self.tr("Name of the preset"))
        say = self.sliders
        say["opacity"].describe(self.tr("Strength"), self.tr("How much of the swap shows"))
        say["shape"].describe(self.tr("Face shape"), self.tr("How far the face takes the other one's proportions"))
        say["colour"].describe(self.tr("Colour match"), self.tr("How far the face takes the light and colour here"))
        say["sharpness"].describe(self.tr("Sharpness"), self.tr("Sharpen the swapped face"))
        say["edge"].describe(self.tr("Soft edge"), self.tr("How soft the border of the swap is"))
        for name, text, tip in (
            ("keep_mouth", self.tr("Keep my mouth"), self.tr("Lips and mouth stay those of the camera")),
            ("keep_eyes", self.tr("Keep my eyes"), self.tr("Eyes and lids stay those of the camera")),
        ):
            self.switches[name].setText(text)
            describe(self.switches[name], text, tip)

    def _connect(self) -> None:
        self.undo.clicked.connect(self.stack.undo)
        self.redo.clicked.connect(self.stack.redo)
        self.reset.clicked.connect(lambda: self.put(Look()))
        self.stack.canUndoChanged.connect(self.undo.setEnabled)
        self.stack.canRedoChanged.connect(self.redo.setEnabled)
        self.undo.setEnabled(False)
        self.redo.setEnabled(False)
        self.save.clicked.connect(self._save_preset)
        self.remove.clicked.connect(self._remove_preset)
        self.preset.activated.connect(self._use_preset)
        self.preset.editTextChanged.connect(lambda _text: self._show_preset_buttons())
        self._desk.preferences.defaulted.connect(lambda: self.put(Look()))
        self._desk.keys.on("undo", self.stack.undo)
        self._desk.keys.on("redo", self.stack.redo)
        self._desk.keys.changed.connect(self.retranslate)

    def _read(self) -> Look:
        values: dict[str, float | bool] = {name: slider.value for name, slider in self.sliders.items()}
        values |= {name: switch.isChecked() for name, switch in self.switches.items()}
        return replace(self.look, **values)  # type: ignore[arg-type]

    def _show(self, look: Look) -> None:
        for name, slider in self.sliders.items():
            slider.set_value(getattr(look, name))
        for name, switch in self.switches.items():
            blocked = switch.blockSignals(True)
            switch.setChecked(getattr(look, name))
            switch.blockSignals(blocked)

    def _take(self, look: Look) -> None:
        self.look = look
        self._desk.preferences.change(look=values_of(look))
        self.changed.emit()

    def _follow(self, _value: float) -> None:
        """A slider moves: the picture follows; the history gets an entry when it stays."""
        self._take(self._read())

    def _settle(self) -> None:
        self.put(self._read())

    def _on_switch(self, _on: bool) -> None:
        self.put(self._read())

    def refresh_presets(self) -> None:
        """The presets were changed elsewhere."""
        self._list_presets()

    def _list_presets(self) -> None:
        text = self.preset.currentText()
        self.preset.clear()
        self.preset.addItems(sorted(self._desk.preferences.values.presets, key=str.casefold))
        self.preset.setEditText(text)
        self._show_preset_buttons()

    def _show_preset_buttons(self) -> None:
        name = self.preset.currentText().strip()
        self.save.setEnabled(bool(name))
        self.remove.setEnabled(name in self._desk.preferences.values.presets)

    def _save_preset(self) -> None:
        name = self.preset.currentText().strip()
        presets = self._desk.preferences.values.presets
        self._desk.preferences.change(presets={**presets, name: values_of(self.look)})
        self._list_presets()
        self._desk.banner.say(self.tr("Saved the preset “{0}”.").format(name), "good")

    def _remove_preset(self) -> None:
        presets = dict(self._desk.preferences.values.presets)
        presets.pop(self.preset.currentText().strip(), None)
        self._desk.preferences.change(presets=presets)
        self.preset.setEditText("")
        self._list_presets()

    def _use_preset(self, _index: int) -> None:
        values = self._desk.preferences.values.presets.get(self.preset.currentText())
        if values is not None:
            self.put(look_of(values))
