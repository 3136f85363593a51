"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import glob
import io
import os
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import SinkError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_UNFINISHED: Final = ".unfinished"
"""Ends the name of a file that is worth keeping, before its ending, until it is complete."""


class PartFile:
    """A file that is written under a temporary name beside `target` and moved there when it is complete.

    Folders that lack are made, and removed again by `discard`.
    """

    def __init__(self, target: Path, *, worth_keeping: bool = False) -> None:
        """`worth_keeping`: what there is of it has a use: should this process be killed, users see it by its name.

        Raises SinkError where the file could not be written, before any work is done for it.
        """
        self.target = target
        self.path = (
            _free_name(target)
            if worth_keeping
            else target.with_name(f".{target.stem[:32]}.{os.getpid()}-{id(self):x}.part{target.suffix}")
        )
        self._made: list[Path] = []
        with writing(target):
            if target.is_dir():
                raise SinkError(f"'{target}' is a folder: give the name of a file")
            try:
                self._make_folders(target.parent)
                self.path.touch(exist_ok=False)
            except OSError:
                self.discard()
                raise

    def commit(self) -> None:
        """Put the file where it belongs, on the disk for good. Raises SinkError, and then nothing is left."""
        try:
            with writing(self.target):
                with self.path.open("rb+") as file:
                    os.fsync(file.fileno())
                self.path.replace(self.target)
        except SinkError:
            self.discard()
            raise
        self._made.clear()

    def discard(self) -> None:
        """Leave nothing behind. Any number of times; after `commit` it does nothing."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        while self._made:
            with contextlib.suppress(OSError):  # somebody else may use the folder by now
                self._made.pop().rmdir()

    def _make_folders(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            self._made.append(one)


def unfinished(target: Path) -> Sequence[Path]:
    """What is left of files that were to become `target`, were worth keeping and were never finished."""
    pattern = f"{glob.escape(target.stem)}{_UNFINISHED}*{glob.escape(target.suffix)}"
    return sorted(target.parent.glob(pattern))


def _free_name(target: Path) -> Path:
    names = (f"{target.stem}{_UNFINISHED}{f'-{number}' if number > 1 else ''}{target.suffix}" for number in count(1))
    return next(path for path in map(target.with_name, names) if not path.exists())


class WholeFile(io.FileIO):
    """A file without a buffer of ours, so that others see at once what was written, and without half writes."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all of `data`, or raise OSError."""
        rest = memoryview(data)
        while len(rest):
            rest = rest[super().write(rest) :]
        return memoryview(data).nbytes


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn what the system says of writing `target` into one line that says what to do."""
    try:
        yield
    except OSError as error:
        raise SinkError(f"'{target}' cannot be written: {_cure(error, target)}") from error


def _cure(error: OSError, target: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "the disk is full, or takes no file so large; make room or choose another folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"the folder '{target.parent}' is read-only, or another program has the file open"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"'{target.parent}' is not a folder"
    return f"{error.strerror or error}"
