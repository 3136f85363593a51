"""Where things lie: recordings, models, and what was computed to be faster next time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices

from gui.choices import movies
from gui.desk import Desk
from gui.pages.ask import ask_folder
from gui.widgets.buttons import IconButton, TextButton, describe
from gui.widgets.panels import Card, label, row
from gui.widgets.translated import Translated
from liveswapping.domain.errors import LiveSwappingError

MODELS_VARIABLE = "LIVESWAPPING_MODELS_DIR"


class FoldersCard(Translated, Card):
    """Three folders, each with what can be done about it."""

    models_moved = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__("folder")
        self._desk = desk
        self._names = [label() for _ in range(3)]
        self.recordings, self.models, self.cache = (label("muted", wrap=True) for _ in range(3))
        self.choose, self.choose_models, self.empty = TextButton(), TextButton(), TextButton("", "trash")
        self.show_recordings, self.show_models, self.show_cache = (IconButton("folder") for _ in range(3))
        for name, where, act, show in zip(
            self._names,
            (self.recordings, self.models, self.cache),
            (self.choose, self.choose_models, self.empty),
            (self.show_recordings, self.show_models, self.show_cache),
            strict=True,
        ):
            self.body.addLayout(row(name, 1, act, show))
            self.body.addWidget(where)
            show.clicked.connect(lambda _=False, place=where: open_folder(place.text()))
        self.choose.clicked.connect(
            lambda: ask_folder(self, self.tr("Where recordings go"), self.recordings.text(), self._put_recordings)
        )
        self.choose_models.clicked.connect(
            lambda: ask_folder(self, self.tr("Where models lie"), self.models.text(), self.put_models)
        )
        self.empty.clicked.connect(self._empty)
        self._fixed = MODELS_VARIABLE in os.environ and not desk.preferences.values.models_dir
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        from liveswapping.inference.providers import cache_directory
        from liveswapping.inference.store import model_directory

        self.heading.setText(self.tr("Folders"))
        names = self.tr("Recordings and pictures"), self.tr("Models"), self.tr("Computed to start sooner")
        for name, text in zip(self._names, names, strict=True):
            name.setText(text)
        self.recordings.setText(self._desk.preferences.folder("recordings", movies()))
        self.models.setText(str(model_directory()))
        self.cache.setText(str(cache_directory()))
        for button in (self.choose, self.choose_models):
            button.setText(self.tr("Change …"))
        self.empty.setText(self.tr("Empty"))
        describe(self.choose, self.tr("Change the folder for recordings"), self.tr("Choose where recordings go"))
        tip = self.tr("Choose where models lie; files that are there already stay where they are")
        if self._fixed:
            tip = self.tr("{0} says where models lie").format(MODELS_VARIABLE)
        describe(self.choose_models, self.tr("Change the folder of models"), tip)
        self.choose_models.setEnabled(not self._fixed)
        tip = self.tr("Remove what was compiled for the graphics card; it is made again when it is needed")
        describe(self.empty, self.tr("Empty this folder"), tip)
        describe(self.show_recordings, self.tr("Open the folder of recordings"), self.tr("Open this folder"))
        describe(self.show_models, self.tr("Open the folder of models"), self.tr("Open this folder"))
        describe(self.show_cache, self.tr("Open the folder of what was computed"), self.tr("Open this folder"))

    def put_models(self, folder: str) -> None:
        """Models lie there from now on."""
        self._desk.preferences.change(models_dir=folder)
        os.environ[MODELS_VARIABLE] = folder
        self.retranslate()
        self.models_moved.emit()

    def _put_recordings(self, folder: str) -> None:
        self._desk.preferences.keep_folder("recordings", Path(folder))
        self.retranslate()

    def _empty(self) -> None:
        folder = Path(self.cache.text())
        said = self.tr("The folder is empty.")
        self._desk.tasks.run(
            "emptying",
            lambda _task: _remove(folder),
            lambda _: self._desk.banner.say(said, "good", str(folder)),
            self._desk.complain,
        )


def open_folder(folder: str) -> None:
    """In the system's own program for that; it is made where it is not there yet."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise LiveSwappingError(f"{error.filename or folder} cannot be removed: {error.strerror or error}") from error
