"""An improver that can be left out where time is short."""

from __future__ import annotations

from collections.abc import Sequence

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Improver


class SparingImprover:
    """Improver and Adjustable around an improver that keeps the picture's size, which is owned."""

    def __init__(self, improver: Improver) -> None:
        self._improver = improver
        self._off = False

    @property
    def savings(self) -> Sequence[str]:
        """It can be left out."""
        return ("faces are not restored",)

    def save(self, count: int) -> None:
        """1: pictures pass as they are."""
        self._off = count > 0

    def cost(self, count: int) -> float:
        """Not known."""
        return 0.0

    def improve(self, image: Image, faces: Sequence[Face]) -> Image:
        """The improver's picture, or the same one."""
        return image if self._off else self._improver.improve(image, faces)

    def close(self) -> None:
        """Release the improver."""
        self._improver.close()
