"""Notices scene cuts in a stream of pictures."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image

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

ChangeState: TypeAlias = tuple[F32 | None, float]


class SceneChange:
    """Compares each picture of a stream with the one before. One thread."""

    def __init__(self) -> None:
        self._last: F32 | None = None
        self._usual = _LEAST

    @property
    def state(self) -> ChangeState:
        """What is remembered; it may be set."""
        return self._last, self._usual

    @state.setter
    def state(self, state: ChangeState) -> None:
        self._last, self._usual = state

    def reset(self) -> None:
        """Forget earlier pictures."""
        self._last, self._usual = None, _LEAST

    def is_cut(self, image: Image) -> bool:
        """Whether the next picture belongs to another scene than the last one."""
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
