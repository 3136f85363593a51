"""How many pictures go through a network at once, as far as memory allows."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)


class BatchLimit:
    """Learns from running out of memory; said once for each new limit."""

    def __init__(self, name: str) -> None:
        """`name`: of the network, for the log."""
        self._name = name
        self._at_once: int | None = None

    def parts(self, batch: int) -> list[slice]:
        """0..batch in pieces that fit."""
        step = batch if self._at_once is None else self._at_once
        return [slice(first, min(first + step, batch)) for first in range(0, batch, max(1, step))]

    def halve(self, batch: int, where: str) -> bool:
        """A batch did not fit on `where`: half of it shall be tried. False where it is one already."""
        if batch < 2:
            return False
        self._at_once = batch // 2
        _log.warning("%s: no memory on %s for %d at once, now %d", self._name, where, batch, self._at_once)
        return True

    def reset(self) -> None:
        """There is other memory now."""
        self._at_once = None
