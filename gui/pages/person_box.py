"""Who to become, as a list to choose from, for pages without the gallery."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QComboBox

from gui.people import SAMPLE, People


class PersonBox(QComboBox):
    """Follows the gallery and chooses in it."""

    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people
        self.setMinimumWidth(180)
        people.changed.connect(self.fill)
        people.chosen_changed.connect(self.fill)
        self.activated.connect(lambda index: people.choose(self.itemData(index)))
        self.fill()

    def fill(self) -> None:
        """List everybody."""
        chosen = self._people.chosen
        self.clear()
        for person in self._people.all:
            self.addItem(self.tr("Sample") if person.key == SAMPLE else person.name, person.key)
        self.setCurrentIndex(self.findData(chosen.key) if chosen else -1)
        self.setPlaceholderText(self.tr("Nobody yet"))
        self.setAccessibleName(self.tr("Become"))
        self.setToolTip(self.tr("Who to become; the gallery on the Live page has more"))

    def changeEvent(self, event: QEvent) -> None:
        """The language may have changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self.fill()
        super().changeEvent(event)
