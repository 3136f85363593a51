"""The people one can become: names and photographs, and what is asked of a photograph before it is taken."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QImage

from gui.preferences import Preferences
from liveswapping.domain.errors import SourceError
from liveswapping.domain.settings import Settings

SAMPLE: Final = "sample"
_SAMPLE_FILE = ("insightface", "data/images/t1.jpg")
_SAMPLE_FACE: Final = 2
SAMPLE_BOX: Final = QRect(425, 250, 190, 190)
"""Where that face is in the picture."""
_MARGIN = 0.7
"""How much of a chosen face's size is kept around it."""
PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif")


@dataclass(frozen=True, slots=True)
class Person:
    """One person: photographs, and which face of them where there are several."""

    key: str
    name: str
    photos: tuple[str, ...]
    face: int | None = None
    """Counted from the left, from 0; None: the largest."""


class People(QObject):
    """The gallery. Kept in the preferences."""

    changed = Signal()
    chosen_changed = Signal()
    cast_changed = Signal()

    def __init__(self, preferences: Preferences, pictures: Path, parent: QObject | None = None) -> None:
        """`pictures` is where pasted and cut-out pictures are kept."""
        super().__init__(parent)
        self._preferences = preferences
        self._folder = pictures
        self._people = [person for person in map(_loaded, preferences.values.people) if person is not None]

    @property
    def all(self) -> tuple[Person, ...]:
        """Everybody, the sample first while it is shown."""
        sample = None if self._preferences.values.sample_hidden else sample_person()
        return (*([sample] if sample else []), *self._people)

    @property
    def chosen(self) -> Person | None:
        """Who is to be swapped in."""
        key = self._preferences.values.person
        return next((person for person in self.all if person.key == key), None)

    def choose(self, key: str) -> None:
        """Take this person."""
        if key != self._preferences.values.person:
            self._preferences.change(person=key)
            self.chosen_changed.emit()

    def add(self, name: str, photos: Sequence[str]) -> Person:
        """Another person, who is chosen at once."""
        person = Person(uuid.uuid4().hex, name, tuple(photos))
        self._people.append(person)
        self._keep()
        self.choose(person.key)
        return person

    def put(self, person: Person) -> None:
        """Replace the person of the same key."""
        self._people = [person if one.key == person.key else one for one in self._people]
        self._keep()
        if person.key == self._preferences.values.person:
            self.chosen_changed.emit()

    def rename(self, key: str, name: str) -> None:
        """Give a name."""
        for person in self._people:
            if person.key == key and name.strip():
                self.put(replace(person, name=name.strip()))

    def remove(self, key: str) -> None:
        """Take a person out of the gallery. Their photographs stay where they are."""
        if key == SAMPLE:
            self._preferences.change(sample_hidden=True)
        self._people = [one for one in self._people if one.key != key]
        self._keep()
        if key == self._preferences.values.person:
            self._preferences.change(person=self.all[0].key if self.all else "")
            self.chosen_changed.emit()

    def keep_picture(self, image: QImage) -> str:
        """Save a picture that has no file yet; answers its path. Raises SourceError."""
        return self._save(image, f"{uuid.uuid4().hex[:12]}.png")

    @property
    def cast(self) -> dict[int, Person]:
        """Who has a face of their own in front of the camera: by its place from the left, from 0."""
        known = {person.key: person for person in self.all}
        places = self._preferences.values.cast
        return {int(place): known[key] for place, key in places.items() if place.isdecimal() and key in known}

    def cast_as(self, place: int, key: str) -> None:
        """The face at that place becomes this person; "": whoever is chosen, as all others."""
        places = {kept: person for kept, person in self._preferences.values.cast.items() if kept != str(place)}
        self._preferences.change(cast=places | ({str(place): key} if key else {}))
        self.cast_changed.emit()

    def cast_nobody(self) -> None:
        """All faces become whoever is chosen."""
        self._preferences.change(cast={})
        self.cast_changed.emit()

    def alone(self, person: Person) -> Person:
        """The same person in pictures that show nobody else: whose face it is need not be said. Raises SourceError."""
        if person.face is None:
            return person
        path = self._folder / f"{person.key}.png"
        if not path.is_file():
            self._save(cut_out(person.photos[0], SAMPLE_BOX), path.name)
        return replace(person, photos=(str(path),), face=None)

    def _save(self, image: QImage, name: str) -> str:
        path = self._folder / name
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
        if not image.save(str(path)):
            raise SourceError(f"the picture cannot be kept in {self._folder}; make that folder writable")
        return str(path)

    def _keep(self) -> None:
        self._preferences.change(people=[asdict(person) for person in self._people])
        self.changed.emit()


def with_person(settings: Settings, person: Person) -> Settings:
    """The settings that turn a face into this person's."""
    return replace(settings, sources=person.photos, source_index=person.face)


def with_cast(settings: Settings, people: People) -> Settings:
    """The settings for everybody who is chosen, and for faces that have a person of their own. Raises SourceError."""
    person, cast = people.chosen, people.cast
    if not cast:
        return settings if person is None else with_person(settings, person)
    mapping = [f"{place}={photo}" for place in sorted(cast) for photo in people.alone(cast[place]).photos]
    settings = replace(settings, mapping=tuple(mapping))
    return settings if person is None else with_person(settings, people.alone(person))


def sample_person() -> Person | None:
    """Somebody to begin with: a face of the sample picture that insightface brings along; None without that."""
    spec = find_spec(_SAMPLE_FILE[0])
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / _SAMPLE_FILE[1]
    return Person(SAMPLE, "", (str(path),), _SAMPLE_FACE) if path.is_file() else None


def pictures_among(paths: Sequence[str]) -> list[str]:
    """The picture files among `paths`, and those in the folders among them."""
    found: list[str] = []
    for path in map(Path, paths):
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [str(one) for one in inside if one.suffix.lower() in PICTURES and one.is_file()]
    return found


@dataclass(frozen=True, slots=True)
class Examined:
    """A photograph and where its faces are, from left to right."""

    path: str
    boxes: tuple[QRect, ...]


def examine(paths: Sequence[str], report: Callable[[object], None]) -> list[Examined]:
    """Look for faces. For a thread of its own: it loads networks. Raises SourceError and ModelError."""
    from liveswapping.build import open_store
    from liveswapping.media.images import read_image
    from liveswapping.observers import open_analyser

    settings = Settings()
    analyser = open_analyser(settings, open_store(settings), live=False)
    try:
        answers = []
        for path in paths:
            report(path)
            faces = sorted(analyser.faces(read_image(path)), key=lambda face: float(face.box[0] + face.box[2]))
            answers.append(Examined(path, tuple(_rectangle(face.box) for face in faces)))
        return answers
    finally:
        analyser.close()


def cut_out(path: str, box: QRect, size_of: Callable[[str], QImage] | None = None) -> QImage:
    """The face at `box` with what is around it, as a picture of its own."""
    image = (size_of or _upright)(path)
    margin_x, margin_y = round(box.width() * _MARGIN), round(box.height() * _MARGIN)
    return image.copy(box.adjusted(-margin_x, -margin_y, margin_x, margin_y).intersected(image.rect()))


def _upright(path: str) -> QImage:
    from PySide6.QtGui import QImageReader

    reader = QImageReader(path)
    reader.setAutoTransform(True)
    return reader.read()


def _rectangle(box: Iterable[float]) -> QRect:
    left, top, right, bottom = (round(float(value)) for value in box)
    return QRect(left, top, right - left, bottom - top)


def _loaded(values: dict[str, Any]) -> Person | None:
    try:
        return Person(str(values["key"]), str(values["name"]), tuple(map(str, values["photos"])), values.get("face"))
    except (KeyError, TypeError):
        return None
