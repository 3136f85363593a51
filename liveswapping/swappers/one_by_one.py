"""One face after the other, where memory does not hold several at once."""

from __future__ import annotations

from collections.abc import Sequence

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Swapper


class OneByOne:
    """Swapper that asks another one, which it owns, for one face at a time."""

    def __init__(self, swapper: Swapper) -> None:
        self._swapper = swapper

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        return [patch for target in targets for patch in self._swapper.swap(image, [target])]

    def close(self) -> None:
        """Release the engine."""
        self._swapper.close()
