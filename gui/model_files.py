"""The model files as the window shows them: what is here, fetching, and adding. For threads beside the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.inference.catalog import Model
    from liveswapping.inference.store import Store

READY, MISSING, DAMAGED, UNKNOWN = "ready", "missing", "damaged", "unknown"
OWN: Final = (".pth", ".onnx", ".dfm")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model and what lies where it should be."""

    model: Model
    state: str
    builtin: bool
    begun: int = 0
    """Bytes of a download that was paused."""


def store() -> Store:
    """Where the files lie."""
    from liveswapping.build import open_store

    return open_store(Settings())


def unknown_entries() -> list[Entry]:
    """All models, before anybody has looked whether their files are here."""
    from liveswapping.inference.catalog import BUILTIN

    return [Entry(model, UNKNOWN, model.name in BUILTIN) for model in store().select(["all"])]


def entry_of(here: Store, name: str) -> Entry:
    """One model; its file is read to see whether it is what it should be."""
    from liveswapping.inference.catalog import BUILTIN

    (model,) = here.select([name])
    return Entry(model, here.state(name).value, name in BUILTIN, here.unfinished(name))


def entries() -> list[Entry]:
    """All models, the damaged ones first, then those that are here."""
    here = store()
    found = [entry_of(here, model.name) for model in here.select(["all"])]
    order = {READY: 1, DAMAGED: 0, MISSING: 2}
    return sorted(found, key=lambda entry: (entry.builtin, order[entry.state]))


def fetch(name: str, report: Callable[[object], None]) -> None:
    """Fetch; the licence was agreed to in the window."""
    store().pull([name], lambda _label, done, total: report((done, total)), consent=lambda _model: None)


def discard(name: str) -> Entry:
    """Remove what a paused download has left; answers how it is then. Raises ModelError."""
    here = store()
    here.discard(name)
    return entry_of(here, name)


def copy_own(files: list[Path]) -> None:
    """Copy weights of the user's own to the others. Raises LiveSwappingError."""
    folder = store().directory
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            part = folder / (file.name + ".part")
            shutil.copyfile(file, part)
            part.replace(folder / file.name)
    except OSError as error:
        raise LiveSwappingError(f"{error.filename or folder} cannot be written: {error.strerror or error}") from error


def purpose(model: Model) -> str:
    """What it does, without the layout of its input: a text of the window, see scripts/translations.py."""
    return model.description.partition("; ")[0]


def size_text(size: int | None) -> str:
    """Bytes, for people."""
    if size is None:
        return "?"
    if size < 1e9:
        return QCoreApplication.translate("Models", "{0} MB").format(f"{size / 1e6:.1f}")
    return QCoreApplication.translate("Models", "{0} GB").format(f"{size / 1e9:.2f}")
