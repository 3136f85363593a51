"""Who a face in front of the camera becomes, where it shall not be whoever is chosen: a menu, opened on the face."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from gui.desk import Desk
from gui.people import SAMPLE, Person


class CastMenu(QMenu):
    """For the faces at `places`, counted from the left, from 0. Goes when it closes."""

    def __init__(self, desk: Desk, places: Sequence[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.aboutToHide.connect(self.deleteLater)
        for place in places:
            title = self.tr("Face {0} from the left becomes").format(place + 1)
            if len(places) > 1:
                menu = self.addMenu(title)
            else:
                menu = self
                self.addSection(title)
            self._fill(menu, place)
        if not places:
            self.addAction(self.tr("No face is in the picture now")).setEnabled(False)
        self.addSeparator()
        everybody = self.addAction(self.tr("All faces become whoever is chosen"))
        everybody.setEnabled(bool(desk.people.cast))
        everybody.triggered.connect(desk.people.cast_nobody)

    def _fill(self, menu: QMenu, place: int) -> None:
        group = QActionGroup(menu)
        cast = self._desk.people.cast.get(place)
        for key, name in [("", self.tr("Whoever is chosen")), *((one.key, self._name(one)) for one in self._people())]:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(key == ("" if cast is None else cast.key))
            group.addAction(action)
            action.triggered.connect(lambda _=False, wanted=key: self._cast(place, wanted))

    def _people(self) -> tuple[Person, ...]:
        return self._desk.people.all

    def _name(self, person: Person) -> str:
        return self.tr("Sample") if person.key == SAMPLE else person.name

    def _cast(self, place: int, key: str) -> None:
        """Pictures that show several people are cut out on a thread beside before the run needs them."""
        people = self._desk.people
        wanted = [person for person in people.all if person.key in (key, self._desk.preferences.values.person)]
        self._desk.tasks.run(
            "cutting out",
            lambda _task: [people.alone(person) for person in wanted] if key else [],
            lambda _: people.cast_as(place, key),
            self._desk.complain,
        )
