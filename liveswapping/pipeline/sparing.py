"""An improver that can be left out where time is short."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Improver

BELIEVED: Final = 20.0
"""Seconds after which a measured time counts half."""


class SparingImprover:
    """Improver and Adjustable around an improver that keeps the picture's size, which is owned."""

    def __init__(self, improver: Improver) -> None:
        self._improver = improver
        self._off = False
        self._took = self._took_at = 0.0

    @property
    def savings(self) -> Sequence[str]:
        """It can be left out."""
        return ("faces are not restored",)

    def save(self, count: int) -> None:
        """1: pictures pass as they are."""
        self._off = count > 0

    def cost(self, count: int) -> float:
        """How long it took when it was last asked; that is believed less and less, or it would never be asked again."""
        return float(self._took * 0.5 ** ((time.perf_counter() - self._took_at) / BELIEVED))

    def improve(self, image: Image, faces: Sequence[Face]) -> Image:
        """The improver's picture, or the same one."""
        if self._off:
            return image
        self._took_at = time.perf_counter()
        better = self._improver.improve(image, faces)
        self._took = time.perf_counter() - self._took_at
        return better

    def close(self) -> None:
        """Release the improver."""
        self._improver.close()
