"""Notices scene cuts, so that nothing is tracked across one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Analyser, Resumable

_SMALL: Final = (32, 18)
"""Width and height of what is compared: motion hardly shows in it, another scene does."""
_OTHER: Final = 14.0
"""Difference of levels, brightness apart, that half of two pictures exceeds where they may be of two scenes (half of
them: a thing that passes in front is no cut) …"""
_SUDDEN: Final = 3.0
"""… where it is also so many times the usual difference: a whip pan differs much for several frames."""
_USUAL: Final = 0.2
"""Share of the newest difference in the usual one."""
_LEAST: Final = 2.0
"""The least difference that counts as usual."""


class CutAnalyser:
    """`analyser`, which forgets all faces at every cut. One stream; one thread at a time."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._last: F32 | None = None
        self._usual = _LEAST
        self.cuts = 0
        """Cuts so far."""

    def faces(self, image: Image) -> Sequence[Face]:
        """As the analyser within; the first picture after a cut is searched as the first of a stream."""
        if self._is_cut(image):
            self.cuts += 1
            self._analyser.reset()
        return self._analyser.faces(image)

    def reset(self) -> None:
        """Forget earlier pictures."""
        self._last, self._usual = None, _LEAST
        self._analyser.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        within = self._analyser.state() if isinstance(self._analyser, Resumable) else None
        return self._last, self._usual, self.cuts, within

    def restore(self, state: tuple[F32 | None, float, int, object]) -> None:
        """As `Resumable.restore`."""
        self._last, self._usual, self.cuts, within = state
        if isinstance(self._analyser, Resumable):
            self._analyser.restore(within)

    def close(self) -> None:
        """Close the analyser within."""
        self._analyser.close()

    def _is_cut(self, image: Image) -> bool:
        small, last = _thumbnail(image), self._last
        self._last = small
        if last is None:
            return False
        change = small - last
        change -= np.median(change, axis=(0, 1))  # a flash, or light that goes out
        difference = float(np.median(np.abs(change).mean(axis=2)))
        cut = difference > _OTHER and difference > _SUDDEN * self._usual
        if cut:
            self._usual = _LEAST
        else:
            self._usual = max(_LEAST, self._usual + _USUAL * (difference - self._usual))
        return cut


def _thumbnail(image: Image) -> F32:
    """A few pixels. Rows and columns are skipped first: the cost is the same for every size of picture."""
    step = max(1, min(image.shape[0] // (4 * _SMALL[1]), image.shape[1] // (4 * _SMALL[0])))
    small = cv2.resize(np.ascontiguousarray(image[::step, ::step]), _SMALL, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)
