"""Whether what is made says that it was made: one switch for the picture, one for the file."""

from __future__ import annotations

from PySide6.QtCore import Signal

from gui.desk import Desk
from gui.widgets.buttons import Switch, describe
from gui.widgets.panels import Card, label


class MarkingCard(Card):
    """Two switches. What they say holds at once, and for every picture, clip, recording and stream."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("shield")
        self._desk = desk
        self.in_picture, self.in_file = Switch(), Switch()
        self._picture_words, self._file_words = label("caption", wrap=True), label("caption", wrap=True)
        for widget in (self.in_picture, self._picture_words, self.in_file, self._file_words):
            self.body.addWidget(widget)
        chosen = desk.preferences.values
        self.in_picture.setChecked(chosen.label)
        self.in_file.setChecked(chosen.credentials)
        self.in_picture.toggled.connect(lambda on: self._keep(label=on))
        self.in_file.toggled.connect(lambda on: self._keep(credentials=on))

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Marking"))
        self.in_picture.setText(self.tr("Label in the picture"))
        self.in_file.setText(self.tr("Credentials in files"))
        tip = self.tr("A small AI FACE SWAP in a corner, never over a face")
        describe(self.in_picture, self.in_picture.text(), tip)
        describe(self.in_file, self.in_file.text(), self.tr("Pictures, clips and recordings say how they were made"))
        self._picture_words.setText(
            self.tr("Everything that leaves shows it: views, recordings, streams, clips and pictures.")
        )
        self._file_words.setText(
            self.tr(
                "Content credentials (C2PA), signed with a key that was made on this computer. They name no person; "
                "all files of this computer carry the same key."
            )
        )

    def _keep(self, **values: bool) -> None:
        self._desk.preferences.change(**values)
        self.changed.emit()
