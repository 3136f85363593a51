"""How many pictures go through a network at once, as far as memory allows."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)


class BatchLimit:
    """Foretold by what one takes, and learnt where memory runs out all the same; each new limit is said once."""

    def __init__(self, name: str) -> None:
        """`name`: of the network, for the log."""
        self._name = name
        self._at_once: int | None = None

    def parts(self, batch: int) -> list[slice]:
        """0..batch in pieces that fit."""
        step = batch if self._at_once is None else self._at_once
        return [slice(first, min(first + step, batch)) for first in range(0, batch, max(1, step))]

    def foresee(self, batch: int, each: float, room: int, where: str) -> None:
        """One of `batch` will take `each` bytes on `where`, of `room` that may be taken."""
        fitting = max(1, int(room / each))
        if self._at_once is not None or fitting < batch:
            self._at_once = min(fitting, self._at_once or fitting)
        at_once = batch if self._at_once is None else self._at_once
        _log.info(
            "%s: %d of %d at once on %s: one takes %d MB, %d MB may be taken",
            self._name, min(at_once, batch), batch, where, round(each / 1e6), round(room / 1e6),
        )  # fmt: skip

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
