"""What one person's face looks like, texel by texel, learnt from frames in which nothing was in front of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from liveswapping.domain.frame import F32
from liveswapping.masks.atlas import Atlas
from liveswapping.masks.observe import Observation
from liveswapping.masks.regions import Flags, grow, outlined
from liveswapping.masks.structure import CELL

OLDEST: Final = 150.0
"""Frames after which more observations do not make an appearance surer."""
PACE: Final = 0.04
"""Least share of a new observation in the mean: light and make-up drift."""
SAME: Final = 0.12
"""Two observations of a hidden texel that differ less than this show the same thing."""
PATIENCE: Final = 8.0
"""Frames by which a new, face-like appearance must outlast the known one before it replaces it."""
LONG: Final = 30.0
"""Nothing must last longer than so many frames and PATIENCE to be believed."""
OUTLINE: Final = 0.04
"""Edges (of y, p and q together) below this are no outline."""
PLAUSIBLE: Final = 2.0
"""An appearance is face-like when the evidence against it, on a stranger, were this far below zero."""
BELIEF: Final = 1 / 3
"""Evidence of -3 makes a texel wholly believed."""
TYPICAL: Final = 1.3
"""The tracked quantile of differences, as a standard deviation with some reserve."""
FIRST_CORRELATION: Final = 0.55
"""How well a stranger's structure agrees with the atlas, typically."""


class Appearance:
    """Learnt state of one track; arrays over the atlas."""

    def __init__(self, atlas: Atlas, widened: float) -> None:
        """`widened` (≥ 1): how much more the light of this scene spreads brightness than the prior expects."""
        self.prior: F32 = atlas.spread.copy()
        self.prior[0] *= widened
        self.mean: F32 = atlas.mean.copy()
        self.typical: F32 = self.prior.copy()
        self.variance: F32 = self.prior**2
        self.age: F32 = np.zeros(atlas.triangle.shape, np.float32)
        self.other: F32 = np.zeros_like(self.mean)
        """Mean appearance of what hides a texel now, …"""
        self.other_age: F32 = np.zeros_like(self.age)
        """… and for how many frames it has been the same."""
        cells = (len(self.age) // CELL, len(self.age[0]) // CELL)
        self.correlation: F32 = np.full(cells, FIRST_CORRELATION, np.float32)

    def learn(
        self, atlas: Atlas, seen: Observation, residual: F32, smooth: F32, hidden: Flags, evidence: F32,
        threshold: float, frames: int,
    ) -> None:  # fmt: skip
        """Take in a frame in which `hidden` texels show something else; those beside them may be touched by it.

        The less the `evidence` speaks for the face, the slower it is believed; `threshold` as in `evidence.weigh`.
        What was not looked at since the last time, `frames` ago, was as it is now.
        """
        _learn(residual, smooth, seen.seen, grow(hidden, 1), evidence, self.variance, self.mean, self.typical, self.age)
        if hidden.any():
            self._reconsider(atlas, seen, residual, hidden, 2 * (threshold - PLAUSIBLE), frames)
        _renew_variance(self.mean, self.typical, self.age, self.prior, atlas.spread, atlas.mobile, self.variance)

    def _reconsider(
        self, atlas: Atlas, seen: Observation, residual: F32, hidden: Flags, farthest: float, frames: int
    ) -> None:
        """A hidden texel that stays the same for long, could be a face and has no outline, is one."""
        lasting = _watch_hidden(
            residual,
            seen.seen,
            hidden,
            atlas.mean,
            self.prior,
            self.mean,
            self.age,
            self.other,
            self.other_age,
            farthest,
            frames,
        )
        if lasting.any():
            things = outlined(hidden, seen.colour, self.mean, seen.seen, OUTLINE + 2 * float(seen.noise.sum()))
            _adopt(lasting, things, self.other, self.other_age, self.prior, self.mean, self.typical, self.age)

    def learn_structure(self, correlation: F32, seen: F32, near: Flags) -> None:
        """Track how well each cell of the face usually agrees with what is expected: its lower fifteenth percentile."""
        _learn_structure(correlation, seen, near, self.age, self.correlation)


@njit(nogil=True, cache=True)
def _learn(
    residual: F32, smooth: F32, seen: F32, near: Flags, evidence: F32, variance: F32, mean: F32, typical: F32, age: F32
) -> None:
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if seen[row, column] <= 0.5 or near[row, column]:
                continue
            n = age[row, column]
            belief = min(max(-evidence[row, column] * np.float32(BELIEF), np.float32(0.1)), np.float32(1))
            pace = belief * max(np.float32(1) / (n + np.float32(1.3)), np.float32(PACE))
            for c in range(3):
                change = residual[c, row, column]
                if n >= 1:
                    limit = 2 * np.sqrt(variance[min(c, 1), row, column]) + np.float32(0.02)
                    change = min(max(change, -limit), limit)
                mean[c, row, column] += pace * change
            if n > 0:
                pace = belief * max(np.float32(5) / (n + np.float32(5)), np.float32(PACE))
                dy, dp, dq = smooth[0, row, column], smooth[1, row, column], smooth[2, row, column]
                _follow(typical, 0, row, column, abs(dy), pace)
                _follow(typical, 1, row, column, np.sqrt(np.float32(0.5) * (dp * dp + dq * dq)), pace)
            age[row, column] = min(n + belief, np.float32(OLDEST))


@njit(nogil=True, cache=True)
def _follow(typical: F32, channel: int, row: int, column: int, size: float, pace: float) -> None:
    """Move a running 70 % quantile towards what was seen; a few large values cannot pull it."""
    old = typical[channel, row, column]
    turn = pace * (0.7 if size > old else -0.3)
    typical[channel, row, column] = min(max(old * (1 + turn + 0.5 * turn * turn), 0.008), 0.6)


@njit(nogil=True, cache=True)
def _watch_hidden(
    residual: F32, seen: F32, hidden: Flags, general: F32, prior: F32, mean: F32, age: F32, other: F32, other_age: F32,
    farthest: float, frames: int,
) -> Flags:  # fmt: skip
    """Follow what hides each texel; 1 where it stayed the same for long enough and could be a face."""
    lasting = np.zeros_like(hidden)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if not hidden[row, column]:
                other_age[row, column] = max(other_age[row, column] - np.float32(frames), np.float32(0))
                continue
            if seen[row, column] <= 0.5:
                continue
            far = np.float32(0)
            for c in range(3):
                now = mean[c, row, column] + residual[c, row, column]
                far = max(far, abs(now - other[c, row, column]))
            same = far < SAME and other_age[row, column] > 0
            n = other_age[row, column] + np.float32(frames) if same else np.float32(1)
            other_age[row, column] = n
            distance = np.float32(0)
            for c in range(3):
                now = mean[c, row, column] + residual[c, row, column]
                other[c, row, column] += (now - other[c, row, column]) * min(np.float32(frames) / n, np.float32(1))
                distance += ((other[c, row, column] - general[c, row, column]) / prior[min(c, 1), row, column]) ** 2
            lasting[row, column] = n > min(age[row, column], np.float32(LONG)) + PATIENCE and distance < farthest
    return lasting


@njit(nogil=True, cache=True)
def _adopt(
    lasting: Flags, things: Flags, other: F32, other_age: F32, prior: F32, mean: F32, typical: F32, age: F32
) -> None:
    """Replace what was learnt where something else has lasted that has no outline of its own."""
    for row in range(age.shape[0]):
        for column in range(age.shape[1]):
            if not lasting[row, column] or things[row, column]:
                continue
            for c in range(3):
                mean[c, row, column] = other[c, row, column]
            for c in range(2):
                typical[c, row, column] = min(prior[c, row, column], np.float32(0.06))
            age[row, column] = other_age[row, column]
            other_age[row, column] = 0


@njit(nogil=True, cache=True)
def _renew_variance(mean: F32, typical: F32, age: F32, prior: F32, spread: F32, mobile: F32, variance: F32) -> None:
    """From how people differ to how this face varies, allowing for what moves and for an inexact mesh at edges."""
    height, width = age.shape
    one = np.float32(1)
    for row in range(height):
        above, below = max(row - 1, 0), min(row + 1, height - 1)
        for column in range(width):
            left, right = max(column - 1, 0), min(column + 1, width - 1)
            slope = abs(mean[0, row, right] - mean[0, row, left]) + abs(mean[0, below, column] - mean[0, above, column])
            stranger = one / (one + age[row, column])
            for c in range(2):
                edge = slope * (np.float32(0.25) if c == 0 else np.float32(0.1))
                least = mobile[row, column] * spread[c, row, column]
                known = np.float32(TYPICAL) * typical[c, row, column]
                own = known * known + least * least + edge * edge
                first = prior[c, row, column]
                variance[c, row, column] = stranger * first * first + (one - stranger) * own


@njit(nogil=True, cache=True)
def _learn_structure(correlation: F32, seen: F32, near: Flags, age: F32, usual: F32) -> None:
    for r in range(usual.shape[0]):
        for c in range(usual.shape[1]):
            row, column = r * CELL, c * CELL
            if seen[row, column] <= 0.5 or near[row, column] or age[row, column] < 1:
                continue
            pace = max(0.6 / (age[row, column] + 2), PACE)
            step = pace * (0.15 if correlation[r, c] > usual[r, c] else -0.85)
            usual[r, c] = min(max(usual[r, c] + step, 0.1), 0.9)
