"""Finds out how an engine's answers go from frame to frame: each new one is foretold in several ways before it counts.

What foretells best is how the answers are carried from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.face import Patch
from liveswapping.swappers.temporal.drawing import Habit, Now, drawn, view
from liveswapping.swappers.temporal.keyframe import Keyframe, sheet_of
from liveswapping.swappers.temporal.mixing import Mixing, Sums, alone, between
from liveswapping.swappers.temporal.stiff import places, to_earlier

_KEPT: Final = 0.6
"""Share of what earlier answers said of a way, when a new one is in."""
_CLEARLY: Final = 0.15
"""Another way must be better by this much, in the logarithm of squared error: half a decibel or so."""
_OFTEN, _SELDOM = 6, 6
"""So many answers are all foretold, then one of so many."""
_FLOOR: Final = 0.5
"""Squared levels below which an error is none."""
_SAME: Final = 0.02
"""A mixing is kept until one of its shares has changed by more than this: all keyframes depend on it."""
_INSIDE: Final = 0.5
"""Where a mask is above this the answer counts."""

Way = tuple[bool, bool]
"""Whether the camera's picture is mixed in, and whether the rest moves stiffly."""


class Learner:
    """Of one face. One thread at a time."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, sums: Sums | None) -> None:
        self._sums = sums
        self._errors: dict[Way, float] = {}
        self._best: Way = (False, False)
        self._mixing: Mixing | None = None
        self._count = 0

    def learn(self, known: Sequence[Keyframe], key: Keyframe) -> Habit:
        """Take in an answer after those that are `known`, oldest first."""
        known = [one for one in known if one.identity is key.identity and one.look == key.look]
        if not known:
            self._begin(alone(key.answer, key.camera, key.mask, key.width))
            return Habit()
        self._count += 1
        if self._count > _OFTEN and self._count % _SELDOM:
            return self._habit([*known, key])
        self._compare(known[-1], key)
        self._foretell(known, key)
        return self._habit([*known, key])

    def _habit(self, keys: Sequence[Keyframe]) -> Habit:
        return self._way(self._best, keys)

    def _way(self, way: Way, keys: Sequence[Keyframe]) -> Habit:
        mixes, stiff = way
        alike = [(one.keypoints, one.matrix) for one in keys if one.size == keys[-1].size]
        return Habit(self._mixing if mixes else None, places(alike) if stiff else None)

    def _compare(self, old: Keyframe, key: Keyframe) -> None:
        """How this answer differs from an earlier one, laid over it, and how the camera's pictures do."""
        where = places([(old.keypoints, old.matrix), (key.keypoints, key.matrix)])
        onto = to_earlier(key.keypoints, old.matrix, where)
        onto[:, 2] += onto[:, :2] @ (key.region.left, key.region.top)
        onto[:, 2] -= (old.region.left, old.region.top)
        size, flags = (key.region.width, key.region.height), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        answer, camera = (
            np.asarray(cv2.warpAffine(part, onto, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)
            for part in (old.answer, old.camera)
        )
        mask = np.asarray(cv2.warpAffine(old.mask, onto, size, flags=flags), np.float32)
        found = between((key.answer, answer), (key.camera, camera), np.minimum(mask, key.mask), key.width)
        self._sums = found if self._sums is None or self._count == 1 else self._sums + found
        mixing = self._sums.solved()
        if self._mixing is None or np.abs(mixing.matrix - self._mixing.matrix).max() > _SAME:
            self._mixing = mixing

    def _foretell(self, known: Sequence[Keyframe], key: Keyframe) -> None:
        """Try all ways on an answer that is there."""
        for mixes in (False, True):
            for stiff in (False, True):
                habit, old, now = self._way((mixes, stiff), known), known[-1], Now.again(key)
                sheet = sheet_of(old, habit.mixing, stiff=stiff)
                patch = drawn(now, [old], [sheet], view(old, now, habit)[None], habit)
                error = float(np.log(_FLOOR + _error(patch, key)))
                before = self._errors.get((mixes, stiff), error)
                self._errors[mixes, stiff] = _KEPT * before + (1 - _KEPT) * error
        best = min(self._errors, key=lambda way: self._errors[way])
        if self._errors[best] < self._errors[self._best] - _CLEARLY:
            self._best = best


def _error(patch: Patch, key: Keyframe) -> float:
    """Mean squared difference of a drawn picture to the answer, where both count."""
    left, top = round(-float(patch.matrix[0, 2])) - key.region.left, round(-float(patch.matrix[1, 2])) - key.region.top
    height, width = patch.mask.shape
    part = slice(top, top + height), slice(left, left + width)
    counts = np.minimum(key.mask[part], patch.mask) > _INSIDE
    if not counts.any():
        return 0.0
    return float(((patch.image.astype(np.float32) - key.answer[part]) ** 2)[counts].mean())
