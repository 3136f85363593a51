"""What leaves where a face is not swapped: on the Live page, and in the settings."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from gui.choices import NO_FACE, OTHERS
from gui.desk import Desk
from gui.widgets.buttons import describe
from gui.widgets.panels import field, label, tight
from gui.widgets.translated import Translated


class PolicyBox(Translated, QWidget):
    """Two choices, kept at once. `refresh` shows what was chosen elsewhere."""

    changed = Signal()

    def __init__(self, desk: Desk, width: int) -> None:
        """`width` of what is chosen from, in logical pixels."""
        super().__init__()
        self._desk = desk
        self.no_face, self.others = QComboBox(), QComboBox()
        self._names = {box: label("muted") for box in (self.no_face, self.others)}
        layout = tight(QVBoxLayout(self))
        for box, name in self._names.items():
            layout.addLayout(field(name, box, width))
        self.no_face.activated.connect(lambda _: self._keep(no_face=self.no_face.currentData()))
        self.others.activated.connect(lambda _: self._keep(others=self.others.currentData()))
        desk.preferences.defaulted.connect(self.refresh)
        self.retranslate()

    def refresh(self) -> None:
        """Show what is chosen."""
        chosen = self._desk.preferences.values
        for box, kept in ((self.no_face, chosen.no_face), (self.others, chosen.others)):
            box.setCurrentIndex(max(0, box.findData(kept)))

    def retranslate(self) -> None:
        """Set all texts."""
        words = {
            "blur": self.tr("Blur"),
            "hold": self.tr("Hold the last picture"),
            "black": self.tr("Black"),
            "pass": self.tr("Show it"),
        }
        for box, kinds, name, tip in (
            (
                self.no_face,
                NO_FACE,
                self.tr("No face"),
                self.tr("What is shown while no face can be swapped for certain; yours must not show by accident"),
            ),
            (self.others, OTHERS, self.tr("Others"), self.tr("What becomes of faces nobody chose")),
        ):
            box.clear()
            for kind in kinds:
                box.addItem(words[kind], kind)
            self._names[box].setText(name)
            describe(box, name, tip)
        self.refresh()

    def _keep(self, **values: object) -> None:
        self._desk.preferences.change(**values)
        self.changed.emit()
