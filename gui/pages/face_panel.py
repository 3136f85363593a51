"""Step one: who to become."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLineEdit, QToolButton, QWidget

from gui import tokens
from gui.background import Task
from gui.desk import Desk
from gui.pages.ask import ask_files
from gui.pages.gallery import Gallery, thumbnail
from gui.people import PICTURES, SAMPLE, Examined, Person, cut_out, examine, pictures_among
from gui.widgets.buttons import IconButton, describe
from gui.widgets.panels import Card, label, row
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError

_CROP = 64


class FacePanel(Translated, Card):
    """The gallery, and all ways into it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(step="1")
        self._desk = desk
        self._picking: list[tuple[str, str]] = []
        self.add, self.paste, self.snap = IconButton("plus"), IconButton("paste"), IconButton("camera")
        for button in (self.add, self.paste, self.snap):
            self.header.addWidget(button)
        self.gallery = Gallery()
        self.gallery.setMinimumHeight(120)
        self.hint = label("caption", wrap=True)
        self.name = QLineEdit()
        self.more, self.remove = IconButton("faces"), IconButton("trash")
        self._picker = QWidget()
        self._choices = QGridLayout(self._picker)
        self._choices.setContentsMargins(0, 0, 0, 0)
        self._choices.setSpacing(tokens.GAP_XS)
        self.question = label(wrap=True)
        self.body.addWidget(self.gallery, 1)
        self.body.addWidget(self.question)
        self.body.addWidget(self._picker)
        self.body.addLayout(row(self.name, self.more, self.remove, gap=tokens.GAP_XS))
        self.body.addWidget(self.hint)
        self._hide_picker()
        self._connect()
        self.retranslate()
        self._show_people()

    def take_files(self, paths: list[str], key: str = "") -> None:
        """Photographs or folders: new people, or, with `key`, more photographs of that one."""
        pictures = pictures_among(paths)
        if not pictures:
            self._desk.banner.say(self.tr("There is no picture among these files. Use JPEG, PNG or WebP."), "warn")
            return
        folder = Path(paths[0]).name if len(paths) == 1 and Path(paths[0]).is_dir() else ""
        self.hint.setText(self.tr("Looking for faces …"))
        self._desk.tasks.run(
            "photographs",
            lambda task: examine(pictures, task.report),
            lambda found: self._on_examined(found, key, folder),
            self._on_failed,
        )

    def take_image(self, image: QImage) -> None:
        """A picture without a file."""
        try:
            self.take_files([self._desk.people.keep_picture(image)])
        except LiveSwappingError as error:
            self._desk.complain(error)

    def paste_picture(self) -> None:
        """From the clipboard: a picture, or files."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and mime.hasUrls():
            self.take_files([url.toLocalFile() for url in mime.urls() if url.isLocalFile()])
        elif mime is not None and mime.hasImage():
            self.take_image(QGuiApplication.clipboard().image())
        else:
            self._desk.banner.say(self.tr("There is no picture on the clipboard. Copy one first."), "")

    def retranslate(self) -> None:
        """Set all texts."""
        self.heading.setText(self.tr("Face"))
        describe(self.add, self.tr("Add photographs"), self.tr("Choose photographs of the person to become"))
        key = self._desk.keys.shown("paste")
        describe(self.paste, self.tr("Paste a picture"), self.tr("Paste a picture or files as new faces"), key)
        describe(self.snap, self.tr("Take a picture"), self.tr("Take a picture with the chosen camera as a new face"))
        describe(self.more, self.tr("Add to this person"), self.tr("More photographs of this person: it gets better"))
        describe(self.remove, self.tr("Remove"), self.tr("Take this person out of the gallery; files stay"))
        self.gallery.setAccessibleName(self.tr("Faces"))
        self.gallery.setToolTip(self.tr("Choose who to become. Drop pictures here to add people."))
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setToolTip(self.tr("The name of the chosen person; press Enter to keep it"))
        self.question.setText(self.tr("This picture shows several people. Who shall it be?"))
        self._show_people()
        self._show_hint()

    def _connect(self) -> None:
        people = self._desk.people
        self.add.clicked.connect(lambda: self._choose_files(""))
        self.more.clicked.connect(lambda: self._choose_files(self.gallery.key))
        self.paste.clicked.connect(self.paste_picture)
        self._desk.keys.on("paste", self.paste_picture)
        self.snap.clicked.connect(self._take_picture)
        self.remove.clicked.connect(lambda: people.remove(self.gallery.key))
        self.name.editingFinished.connect(lambda: people.rename(self.gallery.key, self.name.text()))
        self.gallery.dropped.connect(self.take_files)
        self.gallery.currentItemChanged.connect(lambda *_: self._on_chosen())
        people.changed.connect(self._show_people)
        people.chosen_changed.connect(self._show_chosen)
        people.cast_changed.connect(self._show_hint)

    def _show_people(self) -> None:
        people = self._desk.people
        chosen = people.chosen
        names = {SAMPLE: self.tr("Sample")}
        lacking = self.gallery.show_people(people.all, chosen.key if chosen else "", names)
        if lacking:
            self._desk.tasks.run(
                "thumbnails",
                lambda task: self._load(lacking, task),
                progressed=lambda pair: self.gallery.show_picture(*pair),
            )
        self._show_chosen()

    @staticmethod
    def _load(people: list[Person], task: Task) -> None:
        for person in people:
            task.report((person.key, thumbnail(person)))

    def _show_chosen(self) -> None:
        person = self._desk.people.chosen
        self.gallery.choose("" if person is None else person.key)
        own = person is not None and person.key != SAMPLE
        self.name.setText(person.name if person is not None and own else "")
        self.name.setEnabled(own)
        self.more.setEnabled(own)
        self.remove.setEnabled(person is not None)
        self._show_hint()

    def _show_hint(self) -> None:
        person, cast = self._desk.people.chosen, self._desk.people.cast
        if cast:
            names = (one.name or self.tr("Sample") for one in cast.values())
            own = ", ".join(f"{place + 1}: {name}" for place, name in zip(cast, names, strict=True))
            text = self.tr("Faces from the left with people of their own: {0}. All others become the one above.")
            text = text.format(own)
        elif person is None:
            text = self.tr("Drop a photograph here, or click +.")
        elif len(person.photos) > 1:
            text = self.tr("%n photograph(s)", "", len(person.photos))
        else:
            text = self.tr("One photograph from the front is enough; more make it better.")
        self.hint.setText(text)

    def _on_chosen(self) -> None:
        if self.gallery.key:
            self._desk.people.choose(self.gallery.key)

    def _choose_files(self, key: str) -> None:
        title = self.tr("Choose photographs")
        ask_files(
            self._desk,
            self,
            title,
            "photographs",
            lambda files: self.take_files(files, key),
            self.tr("Pictures"),
            PICTURES,
        )

    def _take_picture(self) -> None:
        frame = self._desk.session.last_original
        if frame is not None:
            self.take_image(_as_image(frame.image))
            return
        spec = self._desk.preferences.values.camera
        self.hint.setText(self.tr("Opening the camera …"))
        self._desk.tasks.run("picture", lambda _task: _one_picture(spec), self.take_image, self._on_failed)

    def _on_failed(self, error: LiveSwappingError) -> None:
        self._show_hint()
        self._desk.complain(error)

    def _on_examined(self, found: list[Examined], key: str, folder: str) -> None:
        self._show_hint()
        without = [Path(one.path).name for one in found if not one.boxes]
        alone = [one.path for one in found if len(one.boxes) == 1]
        if key or folder:
            self._add_to(key, folder, alone)
        else:
            for path in alone:
                self._desk.people.add(Path(path).stem[:24], [path])
        several = [one for one in found if len(one.boxes) > 1]
        if several:
            self._ask(several[0], key)
        if without:
            message = self.tr("No face was found in {0}. Use a photograph that shows it from the front.")
            self._desk.banner.say(message.format(", ".join(without)), "warn")

    def _add_to(self, key: str, folder: str, photos: list[str]) -> None:
        people = self._desk.people
        person = next((one for one in people.all if one.key == key), None)
        if person is not None and photos:
            people.put(Person(person.key, person.name, (*person.photos, *photos)))
        elif photos:
            people.add(folder, photos)

    def _ask(self, one: Examined, key: str) -> None:
        self._hide_picker()
        for place, box in enumerate(one.boxes[:12]):
            image = cut_out(one.path, box)
            button = QToolButton()
            button.setIcon(QIcon(QPixmap.fromImage(image)))
            button.setIconSize(QSize(_CROP - 8, _CROP - 8))
            button.setFixedSize(_CROP, _CROP)
            describe(button, self.tr("Person {0}").format(place + 1), self.tr("Take this face"))
            button.clicked.connect(lambda _=False, picked=image: self._on_picked(picked, key))
            self._choices.addWidget(button, place // 4, place % 4)
        self.question.show()
        self._picker.show()

    def _on_picked(self, image: QImage, key: str) -> None:
        self._hide_picker()
        try:
            path = self._desk.people.keep_picture(image)
        except LiveSwappingError as error:
            self._desk.complain(error)
            return
        if key:
            self._add_to(key, "", [path])
        else:
            self._desk.people.add(self.tr("New face"), [path])

    def _hide_picker(self) -> None:
        while self._choices.count():
            item = self._choices.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self.question.hide()
        self._picker.hide()


def _one_picture(spec: str) -> QImage:
    """One frame of a source that is not running. Raises SourceError."""
    from liveswapping.build import open_source
    from liveswapping.domain.settings import Settings

    source = open_source(Settings(target=spec), realtime=False)
    try:
        for _ in range(50):
            frame = source.read(0.2)
            if frame is not None:
                return _as_image(frame.image)
    finally:
        source.close()
    return QImage()


def _as_image(pixels: object) -> QImage:
    """A copy of a BGR array."""
    rows, columns = pixels.shape[:2]  # type: ignore[attr-defined]
    return QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_BGR888).copy()  # type: ignore[attr-defined]
