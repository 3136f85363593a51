"""A restorer in the form of an engine, so that it can do all that engines can: work beside the picture, above all."""

from __future__ import annotations

from collections.abc import Sequence

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Restorer


class RestoringEngine:
    """Swapper by a restorer, which it owns: faces stay who they are, and get better."""

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target, in order; `image` shows the faces as they were swapped."""
        return self._restorer.restore(image, [target.face for target in targets])

    def close(self) -> None:
        """Release the restorer."""
        self._restorer.close()
