"""What was found of the faces of a film, kept so that the same film with another person or look is not searched again.

A folder a film, named by a digest of the film's bytes and of all that decides what is found. In it each file holds the
frames from the number in its name on, as records of `domain/snapshot.py`: npz, arrays and JSON, nothing to be run. A
file that begins later counts from there on, so that a run that is resumed writes over what the one before had ahead.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from liveswapping.domain.errors import SinkError, SourceError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Analyser, Resumable
from liveswapping.domain.snapshot import freeze, thaw
from liveswapping.jobs.lock import Lock
from liveswapping.jobs.memory import savable

ROOM: Final = 2 << 30
"""Bytes that all films may take; the ones that were used longest ago go first."""
_AT_ONCE: Final = 32
"""Frames of a record."""
_HEAD: Final = struct.Struct("<II")
"""Of a record: its bytes, and their CRC-32."""
_COMPLETE: Final = "complete"
_LOCK: Final = "lock"
_LOG = logging.getLogger(__name__)


class Remembered:
    """The findings of one film. `complete` where all of its frames are known."""

    def __init__(self, folder: Path, key: str) -> None:
        """`folder` holds all films; it need not exist."""
        self._all = folder
        self.folder = folder / key
        self._lock: Lock | None = None

    @property
    def complete(self) -> bool:
        """Whether every frame is known, and every record is what was written."""
        files = list(self.folder.glob("*.faces"))
        return (self.folder / _COMPLETE).is_file() and all(
            sum(_HEAD.size + len(data) for data in _blobs(path)) == path.stat().st_size for path in files
        )

    def begin(self, index: int) -> BinaryIO:
        """A file for the frames from `index` on. Raises OSError, and SinkError where another process writes one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = Lock(self.folder / _LOCK, "another run searches the same film")
        (self.folder / _COMPLETE).unlink(missing_ok=True)
        for path in self.folder.glob("*.faces"):
            if int(path.stem) >= index:
                path.unlink()
        return (self.folder / f"{index:08d}.faces").open("wb")

    def release(self) -> None:
        """Nothing more is written. Any number of times."""
        if self._lock is not None:
            self._lock.release()

    def frames(self) -> Iterator[Sequence[Face]]:
        """What is known of frame 0, 1, …; ends where a record is missing or is not what was written."""
        starts = sorted(int(path.stem) for path in self.folder.glob("*.faces"))
        if starts[:1] != [0]:
            return
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            known = 0
            for faces in _records(self.folder / f"{start:08d}.faces"):
                if end is not None and start + known == end:
                    break
                known += 1
                yield faces
            if end is not None and start + known != end:
                return

    def finish(self, frames: int) -> None:
        """The film is done and has so many frames: keep what is known if that is all of them."""
        with contextlib.suppress(OSError, SinkError):  # it is in use, or there is none: nothing is lost
            if self.complete:
                (self.folder / _COMPLETE).touch()  # used last
                return
            lock = Lock(self.folder / _LOCK, "another run searches the same film")
            known = sum(1 for _ in self.frames()) == frames
            if known:
                (self.folder / _COMPLETE).write_text(f"{frames}\n", encoding="ascii")
            lock.release()
            if not known:
                shutil.rmtree(self.folder, ignore_errors=True)
            _make_room(self._all, ROOM)


class RememberingAnalyser:
    """Analyser of one film: what is known comes from `remembered`; else `finder`, which it owns, is asked.

    Where the disk is full, nothing more is kept and the film goes on.
    """

    def __init__(self, finder: Analyser, remembered: Remembered) -> None:
        self._finder = finder
        self._remembered = remembered
        self._known = remembered.frames() if remembered.complete else None
        self._next = 0
        self._waiting: list[Sequence[Face]] = []
        self._file: BinaryIO | None = None
        self._keeping = self._known is None

    def faces(self, image: Image) -> Sequence[Face]:
        """As the finder, frame after frame."""
        self._next += 1
        if self._known is not None:
            return next(self._known)
        try:
            found = self._finder.faces(image)
        except Exception:
            self._give_up("a frame failed")
            raise
        if self._keeping:
            self._waiting.append(found)
            if len(self._waiting) == _AT_ONCE:
                self._write()
        return found

    def reset(self) -> None:
        """A cut, which is one whether the faces are known or not."""
        self._finder.reset()

    def state(self) -> object:
        """As `Resumable.state`; what was found so far is on the disk before whoever asks goes on."""
        self._write()
        finder: object = self._finder
        if self._known is not None or not isinstance(finder, Resumable):
            return self._next, None
        return self._next, finder.state()

    def restore(self, state: tuple[int, object]) -> None:
        """As `Resumable.restore`. Raises SourceError where an earlier run had read what is not there any more."""
        self._next, within = state
        finder: object = self._finder
        if self._known is not None:
            for _ in range(self._next):
                next(self._known)
        elif isinstance(finder, Resumable):
            if within is None:
                raise SourceError("what was found of the faces was removed meanwhile; begin anew with --fresh")
            finder.restore(within)

    def close(self) -> None:
        """Release the finder, and keep what waits."""
        try:
            self._write()
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self._give_up(str(error))
        finally:
            self._remembered.release()
            self._finder.close()

    def _write(self) -> None:
        if not (self._keeping and self._waiting):
            return
        try:
            if self._file is None:
                self._file = self._remembered.begin(self._next - len(self._waiting))
            data = freeze(self._waiting, savable())
            self._file.write(_HEAD.pack(len(data), zlib.crc32(data)) + data)
            self._file.flush()
        except (OSError, SinkError) as error:
            self._give_up(str(error))
        self._waiting = []

    def _give_up(self, why: str) -> None:
        self._keeping, self._waiting = False, []
        _LOG.warning("what is found of the faces is not kept: %s", why)


def _records(path: Path) -> Iterator[Sequence[Face]]:
    for data in _blobs(path):
        yield from thaw(data, savable())


def _blobs(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            size, check = _HEAD.unpack(head)
            data = file.read(size)
            if len(data) != size or zlib.crc32(data) != check:
                return
            yield data


def _make_room(folder: Path, room: int) -> None:
    """Remove whole films, the one that was used longest ago first, until the rest takes no more than `room` bytes."""
    films = sorted((path for path in folder.iterdir() if path.is_dir()), key=_used)
    held = {film: sum(path.stat().st_size for path in film.iterdir()) for film in films}
    for film in films:
        if sum(held.values()) <= room:
            return
        shutil.rmtree(film, ignore_errors=True)
        held.pop(film)


def _used(film: Path) -> float:
    mark = film / _COMPLETE
    return mark.stat().st_mtime if mark.is_file() else film.stat().st_mtime
