"""One process at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import BinaryIO

from liveswapping.domain.errors import SinkError

if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from when it is made until `release`, or until the process ends, however it ends."""

    def __init__(self, path: Path, taken: str) -> None:
        """Raises SinkError with the message `taken` where another process holds it, and OSError as it comes."""
        self._file: BinaryIO | None = path.open("ab")
        try:
            _take(self._file)
        except OSError:
            self._file.close()
            raise SinkError(f"{taken}; wait for it, or end it first") from None

    def release(self) -> None:
        """Let the next one in. Any number of times."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()
