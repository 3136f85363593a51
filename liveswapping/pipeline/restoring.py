"""Faces that are restored after they were swapped, where time allows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

from liveswapping.domain.face import Target
from liveswapping.domain.frame import Image, Mask
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.protocols import Adjustable, Forgetful, Swapper
from liveswapping.imaging.paste import paste

OFF: Final = "faces are not restored"
BELIEVED: Final = 30.0
"""Seconds after which what was measured counts half, while faces are not restored: or they never would be again."""

_TIMES: Final = 5
"""Frames of which the usual time is taken."""


class Restoring:
    """Owns a restorer, in the form of an engine that works on swapped faces. One caller at a time."""

    def __init__(self, restorer: Swapper | None) -> None:
        part: object = restorer
        self._restorer = restorer
        self._inner = part if isinstance(part, Adjustable) else None
        self._forgetful = part if isinstance(part, Forgetful) else None
        self._pool = ImagePool()
        self._count = 0
        self._off_since = 0.0
        self._took: deque[float] = deque(maxlen=_TIMES)
        self._took_at = 0
        """How long it took lately, and how much was saved then."""

    @property
    def savings(self) -> Sequence[str]:
        """What the restorer itself can give up; at last it is left out."""
        if self._restorer is None:
            return ()
        return (OFF,) if self._inner is None else (*self._inner.savings, OFF)

    def save(self, count: int) -> None:
        """All of them: pictures pass as they are."""
        off = len(self.savings)
        if count == off and self._count != off:
            self._off_since = time.perf_counter()
            self.reset()
        elif count not in (self._count, off):
            self._took.clear()
            self._took_at = count
        self._count = count
        if self._inner is not None:
            self._inner.save(min(count, off - 1))

    def cost(self, count: int) -> float:
        """As measured, which is believed less and less while nothing is measured."""
        off, inner = len(self.savings), self._inner
        if inner is not None and count < off:
            saves = inner.cost(count)
        elif not self._took:
            saves = 0.0
        else:
            saves = median(self._took)
            if inner is not None:
                saves -= sum(map(inner.cost, range(self._took_at + 1, off)))
        age = time.perf_counter() - self._off_since if self._count == off else 0.0
        return float(saves * 0.5 ** (age / BELIEVED))

    def improved(self, image: Image, targets: Sequence[Target], masks: Sequence[Mask | None]) -> Image:
        """Another picture, with the faces of `targets`, which were swapped in it, restored where `masks` show them.

        The same one where there is nothing to do.
        """
        if self._restorer is None or self._count == len(self.savings) or not targets:
            return image
        began = time.perf_counter()
        patches = self._restorer.swap(image, targets)
        answered = [(patch, mask) for patch, mask in zip(patches, masks, strict=True) if patch.mask.size]
        if answered:
            image = self._pool.copy(image)  # the restorer may still look at the old one, on a thread of its own
            paste(image, [patch for patch, _ in answered], [mask for _, mask in answered])
        self._took.append(time.perf_counter() - began)
        self._took_at = self._count
        return image

    def reset(self) -> None:
        """Forget earlier pictures."""
        if self._forgetful is not None:
            self._forgetful.reset()

    def close(self) -> None:
        """Release the restorer."""
        if self._restorer is not None:
            self._restorer.close()
