"""Presets of the look, to a file and from one."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Signal

from gui.choices import look_of, values_of
from gui.desk import Desk
from gui.pages.ask import ask_file, ask_new_file
from gui.widgets.buttons import TextButton, describe
from gui.widgets.panels import Card, label, row


class PresetsCard(Card):
    """Two buttons. Presets themselves are made on the Live page."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("sliders")
        self._desk = desk
        self._lead = label("muted", wrap=True)
        self.load, self.store = TextButton("", "download"), TextButton("", "upload")
        self.body.addWidget(self._lead)
        self.body.addLayout(row(self.load, self.store, 1))
        self.load.clicked.connect(self._import)
        self.store.clicked.connect(self._export)

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Presets of the look"))
        self._lead.setText(self.tr("Presets are made on the Live page. Here they go to a file and come from one."))
        self.load.setText(self.tr("Import …"))
        self.store.setText(self.tr("Export …"))
        describe(self.load, self.tr("Import presets"), self.tr("Add the presets of a file"))
        describe(self.store, self.tr("Export presets"), self.tr("Write all presets into a file"))
        self.refresh()

    def refresh(self) -> None:
        """There may be presets now, or none any more."""
        self.store.setEnabled(bool(self._desk.preferences.values.presets))

    def take_from(self, path: str) -> None:
        """Add the presets of a file; those of the same name are replaced."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            found = {str(name): values_of(look_of(values)) for name, values in content["presets"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._desk.banner.say(self.tr("There are no presets in this file."), "bad", f"{path}: {error}")
            return
        self._desk.preferences.change(presets={**self._desk.preferences.values.presets, **found})
        self.refresh()
        self.changed.emit()
        self._desk.banner.say(self.tr("%n preset(s) imported.", "", len(found)), "good")

    def write_to(self, path: str) -> None:
        """Write all presets into a file."""
        try:
            content = {"presets": self._desk.preferences.values.presets}
            Path(path).write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            self._desk.banner.say(self.tr("The file cannot be written."), "bad", f"{path}: {error}")
            return
        self._desk.banner.say(self.tr("Saved {0}").format(Path(path).name), "good", path)

    def _import(self) -> None:
        ask_file(self._desk, self, self.tr("Import presets"), "presets", self.take_from, "JSON", (".json",))

    def _export(self) -> None:
        title = self.tr("Export presets")
        ask_new_file(self._desk, self, "presets.json", title, "presets", self.write_to, "JSON")
