"""The server's files: what was uploaded, what jobs made, and which other files a request may name."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.api.refusal import Refused
from liveswapping.domain.errors import SettingsError
from liveswapping.media.part_file import PartFile, writing

if TYPE_CHECKING:
    from typing import BinaryIO

UPLOAD: Final = "upload:"
"""Begins the name of an uploaded file, where a request names a file."""
NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_ ()+\-]{0,99}\.[A-Za-z0-9]{2,4}"
"""What files may be called: nothing that leads anywhere."""
_RESERVED: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)
"""Names of devices on Windows."""
_WRITE: Final = 1 << 20
"""Bytes that are collected before they are written."""
_MB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be uploaded, in bytes."""

    file: int = 2048 * _MB
    total: int = 10 * 1024 * _MB


@dataclass(frozen=True, slots=True)
class Entry:
    """One file."""

    name: str
    bytes: int


class Shelf:
    """A folder of the server, with uploads and results. Used from the server's loop, but for `resolved`."""

    def __init__(self, folder: Path, limits: Limits, open_folders: Sequence[Path] = ()) -> None:
        """`open_folders`: files within them may be named, too. Raises SinkError, and SettingsError for no folder."""
        self.limits = limits
        self.uploads = folder.absolute() / "uploads"
        self.results = folder.absolute() / "results"
        self._open = (self.uploads.resolve(), self.results.resolve(), *(_existing(one) for one in open_folders))
        self._coming = 0
        with writing(folder):
            for one in (folder, self.uploads, self.results):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def take(self, name: str, body: AsyncIterator[bytes], announced: int | None) -> Entry:
        """Keep an uploaded file, whole or not at all. Raises Refused, and SinkError where the disk is full."""
        import asyncio

        target = self.uploads / checked_name(name)
        room = self._room(announced)
        part, came, waiting = PartFile(target), 0, bytearray()
        try:
            with writing(target), part.path.open("wb") as file:
                async for chunk in body:
                    came += len(chunk)
                    self._coming += len(chunk)
                    if came > min(self.limits.file, room):
                        raise self._too_large()
                    waiting += chunk
                    if len(waiting) >= _WRITE:
                        await asyncio.to_thread(_write, file, waiting)
                await asyncio.to_thread(_write, file, waiting)
            if not came:
                raise Refused(422, f"'{name}' is empty: nothing was sent")
            await asyncio.to_thread(part.commit)
        finally:
            self._coming -= came
            part.discard()
        return Entry(target.name, came)

    def _room(self, announced: int | None) -> int:
        held = sum(entry.bytes for entry in listed(self.uploads))
        room = self.limits.total - held - self._coming
        if announced is not None and announced > min(self.limits.file, room):
            raise self._too_large()
        return room

    def _too_large(self) -> Refused:
        file, total = self.limits.file / _MB, self.limits.total / _MB
        return Refused(413, f"a file may have {file:.0f} MB and all of them {total:.0f} MB; remove some, or send less")

    def resolved(self, name: str) -> str:
        """The path of a file that a request names: an upload, a result, or one in an open folder. Raises Refused."""
        if name.startswith(UPLOAD):
            return str(found(self.uploads, name.removeprefix(UPLOAD)))
        if "\0" not in name:
            path = Path(name).expanduser().resolve()
            if any(path.is_relative_to(folder) for folder in self._open):
                return str(path)
        raise Refused(
            422, f"'{name[:80]}' is no file that may be read here: upload it and write {UPLOAD}NAME, or start the "
            "server with --folder FOLDER"
        )  # fmt: skip


def checked_name(name: str) -> str:
    """A name of a picture or film, and of nothing else. Raises Refused."""
    from liveswapping.jobs.items import FILMS
    from liveswapping.media.images import READABLE

    stem, _, ending = name.rpartition(".")
    known = f".{ending.lower()}" in (*READABLE, *FILMS)
    if not re.fullmatch(NAME, name) or stem.lower() in _RESERVED or not known:
        raise Refused(422, f"'{name[:80]}' is no name for a picture or film; use letters and digits, such as me.jpg")
    return name


def listed(folder: Path) -> list[Entry]:
    """The files of a folder and of the folders within, but for those in work."""
    entries = []
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in below.parts):
            entries.append(Entry(below.as_posix(), path.stat().st_size))
    return entries


def found(folder: Path, name: str) -> Path:
    """The file of that name in `folder`, or within a folder there. Raises Refused."""
    # Compared with what is there, so that no spelling leads anywhere else.
    if any(entry.name == name for entry in listed(folder)):
        return folder / name
    raise Refused(404, f"there is no file '{name[:80]}'")


def _existing(folder: Path) -> Path:
    if not folder.expanduser().is_dir():
        raise SettingsError(f"--folder {folder}: there is no such folder")
    return folder.expanduser().resolve()


def _write(file: BinaryIO, waiting: bytearray) -> None:
    file.write(waiting)
    waiting.clear()
