"""The system's dialogs for files. Never modal: the live picture, its buttons and all keys go on working behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.desk import Desk

_PLACES: Final = {
    "photographs": QStandardPaths.StandardLocation.PicturesLocation,
    "pictures": QStandardPaths.StandardLocation.PicturesLocation,
    "clips": QStandardPaths.StandardLocation.MoviesLocation,
    "results": QStandardPaths.StandardLocation.MoviesLocation,
}
"""Where files for a purpose are looked for at first; others in the user's home."""


def ask_files(
    desk: Desk,
    parent: QWidget,
    title: str,
    purpose: str,
    take: Callable[[list[str]], object],
    kinds: str,
    endings: Sequence[str],
) -> QFileDialog:
    """Ask for any number of files that are there. `kinds`: what these `endings` are, for people."""
    dialog = _dialog(desk, parent, title, purpose, take)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return _shown(dialog, kinds, endings)


def ask_file(
    desk: Desk,
    parent: QWidget,
    title: str,
    purpose: str,
    take: Callable[[str], object],
    kinds: str = "",
    endings: Sequence[str] = (),
) -> QFileDialog:
    """Ask for one file that is there; without `endings` any."""
    dialog = _dialog(desk, parent, title, purpose, lambda files: take(files[0]))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _shown(dialog, kinds, endings)


def ask_new_file(
    desk: Desk, parent: QWidget, name: str, title: str, purpose: str, take: Callable[[str], object], kinds: str
) -> QFileDialog:
    """Ask where a file is to be written; `name` is what it would be called."""
    dialog = _dialog(desk, parent, title, purpose, lambda files: take(files[0]))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    return _shown(dialog, kinds, (Path(name).suffix,))


def ask_folder(parent: QWidget, title: str, folder: str, take: Callable[[str], object]) -> QFileDialog:
    """Ask for a folder, beginning with this one. Nothing is remembered: that is the answer's own matter."""
    dialog = _made(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.filesSelected.connect(lambda chosen: take(chosen[0]) if chosen else None)
    return _shown(dialog, "", ())


def first_folder(desk: Desk, purpose: str) -> str:
    """Where to look for files of a purpose: where the last ones were."""
    place = _PLACES.get(purpose, QStandardPaths.StandardLocation.HomeLocation)
    return desk.preferences.folder(purpose, Path(QStandardPaths.writableLocation(place)))


def _dialog(desk: Desk, parent: QWidget, title: str, purpose: str, take: Callable[[list[str]], object]) -> QFileDialog:
    dialog = _made(parent, title, first_folder(desk, purpose))

    def chosen(files: list[str]) -> None:
        if files:
            desk.preferences.keep_folder(purpose, Path(files[0]).parent)
            take(files)

    dialog.filesSelected.connect(chosen)
    return dialog


def _made(parent: QWidget, title: str, folder: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, folder)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setModal(False)
    return dialog


def _shown(dialog: QFileDialog, kinds: str, endings: Sequence[str]) -> QFileDialog:
    if endings:
        dialog.setNameFilter(f"{kinds} ({' '.join('*' + ending for ending in endings)})".strip())
    dialog.show()
    return dialog
