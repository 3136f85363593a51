"""One face followed through a stream: judges each frame and learns from it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.masks.appearance import Appearance
from liveswapping.masks.atlas import atlas
from liveswapping.masks.evidence import (
    GREY_THRESHOLD,
    THRESHOLD,
    connect,
    spread,
    subtract_expected,
    weigh,
)
from liveswapping.masks.light import first_light, fit_light
from liveswapping.masks.observe import Observation
from liveswapping.masks.outline import border_texels
from liveswapping.masks.regions import MASS, SEED, Flags, find_regions, grow, soften
from liveswapping.masks.structure import CELL, RADIUS, add_structure, correlate
from liveswapping.masks.surfaces import compare, surfaces
from liveswapping.masks.thin import add_thin

SMOOTH_REACH: Final = 0.92
"""How far differences average along a surface, see `evidence.closeness`."""
EVIDENCE_REACH: Final = 0.83
ROUNDS: Final = 2
WORTHWHILE: Final = 10
"""So many texels of a thing away from the face's rim are worth looking for more."""
MEMORY: Final = 1.2
"""Evidence for being near to where a thing was a frame ago."""
CLEAN: Final = 0.035
"""Noise of y, p and q together in a good picture."""
OVERLOOKED: Final = 1.2
"""Differences between neighbours of so many times the noise beyond that are noise."""
LEAST_NOISE: Final = 1.5
"""Levels by which an averaged texel may be off in the cleanest picture."""
AVERAGED: Final = 0.5
"""What averaging leaves of noise."""
EXPECTED_RESIDUAL: Final = 0.08
"""Typical difference between skin and fitted light; more means hard shadows, and a weaker prior."""
GREY: Final = 0.03
"""Mean colourfulness of skin below which a picture is black and white."""


@njit(nogil=True, cache=True)
def _smoothed(residual: F32, known: F32, noise: float) -> F32:
    """Differences averaged along surfaces."""
    smooth = np.empty_like(residual)
    right, down, shares_right, shares_down = connect(residual, known, SMOOTH_REACH, noise)
    for c in range(3):
        smooth[c] = spread(residual[c], known, right, down, shares_right, shares_down)
    return smooth


@njit(nogil=True, cache=True)
def _find(
    colour: F32, level: F32, seen: F32, smooth: F32, variance: F32, evidence: F32, triangle: NDArray[np.int32],
    core: Flags, memory: F32, noise: float, levels: float,
) -> tuple[Flags, F32]:  # fmt: skip
    """1 where a thing is: first what does not fit the face, then, ROUNDS times, what looks like that; and why."""
    known = (seen > 0).astype(np.float32)
    right, down, shares_right, shares_down = connect(colour, known, EVIDENCE_REACH, noise)
    bonus = np.float32(MEMORY) * memory
    summed = spread(evidence, known, right, down, shares_right, shares_down) + bonus
    hidden = find_regions(summed, triangle, SEED, MASS)
    compared = np.empty_like(evidence)
    for _ in range(ROUNDS):
        if (hidden & core).sum() < WORTHWHILE:
            break
        colours = surfaces(colour, seen, hidden, summed)
        compare(colour, level, seen, smooth, variance, levels, colours, evidence, compared)
        summed = spread(compared, known, right, down, shares_right, shares_down) + bonus
        hidden = find_regions(summed, triangle, SEED, MASS)
    return hidden, summed


class TrackedFace:
    """All that is remembered of one face."""

    def __init__(self) -> None:
        self._atlas = atlas()
        self._light: F32 = first_light(self._atlas.basis.shape[0])
        self._appearance: Appearance | None = None
        self._threshold = THRESHOLD
        self._skin_level = 100.0
        self._hidden: Flags = np.zeros(self._atlas.triangle.shape, np.uint8)
        self._memory: F32 = np.zeros(self._atlas.triangle.shape, np.float32)

    def judge(self, seen: Observation) -> F32 | None:
        """What hides the face now, as `outline.draw_mask` wants it; None when nothing does."""
        if self._appearance is None:
            face = self._appearance = self._meet(seen)
        else:
            face = self._appearance
            self._relight(seen, face)
        residual = np.empty_like(seen.colour)
        subtract_expected(seen.colour, face.mean, self._light, seen.seen, residual)
        overlooked = OVERLOOKED * max(0.0, float(seen.noise.sum()) - CLEAN)
        levels = max(LEAST_NOISE, AVERAGED * self._skin_level * float(seen.noise[0]))
        smooth = _smoothed(residual, (seen.seen > 0).astype(np.float32), overlooked)
        evidence = np.empty_like(seen.seen)
        weigh(smooth, seen.level, seen.seen, face.variance, levels, self._threshold, evidence)
        doubt = add_thin(
            evidence, residual, seen.seen, face.age, self._atlas.plain, self._atlas.spread, seen.noise, self._threshold
        )
        correlation, weight = correlate(residual, face.mean, seen.seen, self._atlas.fickle, evidence, seen.noise[0])
        add_structure(evidence, seen.seen, correlation, weight, face.correlation, face.age)
        hidden, summed = _find(
            seen.colour, seen.level, seen.seen, smooth, face.variance, evidence, self._atlas.triangle,
            self._atlas.core, self._memory, overlooked, levels,
        )  # fmt: skip
        self._hidden, anything = hidden, bool(hidden.any())
        self._memory = soften(grow(hidden, 2)) if anything else np.zeros_like(evidence)
        face.learn_structure(correlation, seen.seen, grow(hidden, RADIUS * CELL))
        doubtful = summed if doubt is None else np.maximum(summed, doubt)
        face.learn(self._atlas, seen, residual, smooth, hidden, doubtful, self._threshold)
        return border_texels(seen.colour, residual, hidden) if anything else None

    def _meet(self, seen: Observation) -> Appearance:
        """First sight of a face: its light, and how far the prior can be relied on in it."""
        skin = (self._atlas.plain > 0) & (seen.seen > 0.5)
        if not skin.any():
            return Appearance(self._atlas, 1.0)
        mean = self._atlas.mean
        self._light[:, 0] = np.median(seen.colour[:, skin], axis=1)
        trust = self._atlas.plain * seen.seen
        self._light = fit_light(seen.colour, mean, self._atlas.basis, trust, self._light, first=True)
        residual = np.empty_like(seen.colour)
        subtract_expected(seen.colour, mean, self._light, seen.seen, residual)
        self._skin_level = float(np.median(seen.level[skin]))
        if float(np.abs(seen.colour[1:, skin]).mean()) < GREY:
            self._threshold = GREY_THRESHOLD
        typical = float(np.percentile(np.abs(residual[0, skin]), 60))
        return Appearance(self._atlas, max(1.0, typical / EXPECTED_RESIDUAL))

    def _relight(self, seen: Observation, face: Appearance) -> None:
        known = np.maximum(self._atlas.plain, face.age > 0)
        trust = seen.seen * known * np.where(self._hidden, np.float32(0.05), np.float32(1))
        self._light = fit_light(seen.colour, face.mean, self._atlas.basis, trust, self._light)
