"""Looks at the process's memory now and then: notes how high it was, empties caches, and says when it leaks."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import itertools
import math
import sys
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Final

from liveswapping.inference.caches import held_on_cards, release_caches
from liveswapping.inference.process_memory import resident_bytes

GROWTH: Final = 4
"""Looks in a row that found more than the one before, after which this is a leak."""
LEAK: Final = 150.0
"""MB that memory must have grown by over these looks."""
FIRST: Final = 10.0
"""Seconds after the start at which caches are emptied for the first time: building the parts leaves most behind."""
GLANCE: Final = 2.0
"""Seconds between two readings for the high-water mark."""


@dataclass(slots=True)
class Held:
    """MB of a million bytes."""

    now_mb: float = 0.0
    high_mb: float = 0.0
    """The most that was read."""

    def read(self, held: float) -> None:
        """So many bytes are held."""
        self.now_mb = held / 1e6
        self.high_mb = max(self.high_mb, self.now_mb)


class MemoryGuard:
    """One run's. Called from one thread."""

    def __init__(self, now: float) -> None:
        self._glanced_at = -1e9
        self._began, self._cleared_at = now, -math.inf
        self._looks: deque[float] = deque(maxlen=GROWTH + 1)
        self.host, self.card = Held(), Held()
        """What the process holds in the machine's memory, and on graphics cards."""

    def look(self, now: float, every: float, *, idle: bool) -> bool:
        """Take notice of the time. Every `every` seconds (0: never) caches are emptied; True where memory leaks.

        `idle`: nobody waits for a picture, so that also what takes long may be done.
        """
        if now - self._glanced_at >= GLANCE:
            self._glanced_at = now
            self.host.read(resident_bytes())
            self.card.read(held_on_cards())
        if not every or now - self._cleared_at < every or now - self._began < min(FIRST, every):
            return False
        self._cleared_at = now
        growing = len(self._looks) > 1 and self._looks[-1] > self._looks[-2]
        if idle or growing:
            gc.collect()
        release()
        self._looks.append((resident_bytes() + held_on_cards()) / 1e6)
        looks = list(self._looks)
        if len(looks) <= GROWTH or looks[-1] - looks[0] < LEAK:
            return False
        if any(later <= earlier for earlier, later in itertools.pairwise(looks)):
            return False
        self._looks.clear()
        return True


def release() -> None:
    """Give back to the system what nobody needs: runtimes' caches, and what the allocator keeps of closed parts."""
    release_caches()
    _trim()


@cache
def _trimmer() -> ctypes._NamedFuncPointer | None:
    """Glibc's malloc_trim, where there is one."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6").malloc_trim
    except (OSError, AttributeError):
        return None


def _trim() -> None:
    """Give memory back to the system that the allocator only keeps."""
    trim = _trimmer()
    if trim is not None:
        trim(0)
