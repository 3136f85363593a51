"""One face followed through a stream: judges each frame and learns from it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.masks.appearance import Appearance
from liveswapping.masks.atlas import atlas
from liveswapping.masks.evidence import (
    GREY_THRESHOLD,
    THRESHOLD,
    closeness,
    spread,
    subtract_expected,
    weigh,
)
from liveswapping.masks.light import first_light, fit_light
from liveswapping.masks.observe import Observation
from liveswapping.masks.regions import MASS, SEED, Flags, find_regions, grow
from liveswapping.masks.structure import CELL, RADIUS, correlate
from liveswapping.masks.surfaces import compare, surfaces

SMOOTH_REACH: Final = 0.93
"""How far differences average along a surface, see `evidence.closeness`."""
EVIDENCE_REACH: Final = 0.85
STRUCTURE_GAIN: Final = 14.0
"""Evidence for each unit by which the correlation lies below what is usual for the place."""
STRUCTURE_LIMITS: Final = (-2.5, 6.0)
MEMORY: Final = 1.2
"""Evidence for being near to where a thing was a frame ago."""
EXPECTED_RESIDUAL: Final = 0.08
"""Typical difference between skin and fitted light; more means hard shadows, and a weaker prior."""
GREY: Final = 0.03
"""Mean colourfulness of skin below which a picture is black and white."""


class TrackedFace:
    """All that is remembered of one face."""

    def __init__(self) -> None:
        self._atlas = atlas()
        self._light: F32 = first_light(self._atlas.basis.shape[0])
        self._known: Appearance | None = None
        self._threshold = THRESHOLD
        self._memory: F32 | None = None
        self._hidden: Flags = np.zeros(self._atlas.triangle.shape, np.uint8)

    def judge(self, seen: Observation) -> F32 | None:
        """What hides the face now, as `outline.draw_mask` wants it; None when nothing does."""
        known = self._known or self._meet(seen)
        if self._known is not None:
            self._relight(seen, known)
        self._known = known
        residual = np.zeros_like(seen.colour)
        subtract_expected(seen.colour, known.mean, self._atlas.basis, self._light, seen.seen, residual)
        smooth = residual.copy()
        across, down = np.empty_like(seen.seen), np.empty_like(seen.seen)
        closeness(residual, SMOOTH_REACH, across, down)
        spread(smooth, seen.seen, across, down)
        evidence, correlation = self._evidence(seen, known, residual, smooth)
        closeness(seen.colour, EVIDENCE_REACH, across, down)
        summed = self._summed(evidence, seen, across, down)
        hidden = find_regions(summed, self._atlas.triangle, SEED, MASS)
        anything = bool(hidden.any())
        if anything:
            hidden, summed = self._seek_more(seen, known, smooth, evidence, hidden, summed, across, down)
        self._remember(hidden)
        near = grow(hidden, 1)
        known.learn_structure(correlation, seen.seen, grow(hidden, RADIUS * CELL))
        known.learn(self._atlas, seen, residual, smooth, hidden, near)
        return self._texels(seen, residual, hidden, summed) if anything else None

    def _meet(self, seen: Observation) -> Appearance:
        """First sight of a face: its light, and how far the prior can be relied on in it."""
        skin = (self._atlas.plain > 0) & (seen.seen > 0.5)
        trust = self._atlas.plain * seen.seen
        if not skin.any():
            return Appearance(self._atlas, 1.0)
        self._light[:, 0] = np.median(seen.colour[:, skin], axis=1)
        mean = self._atlas.mean
        self._light = fit_light(seen.colour, mean, self._atlas.basis, trust, self._light, first=True)
        residual = np.zeros_like(seen.colour)
        subtract_expected(seen.colour, mean, self._atlas.basis, self._light, seen.seen, residual)
        if float(np.abs(seen.colour[1:, skin]).mean()) < GREY:
            self._threshold = GREY_THRESHOLD
        return Appearance(
            self._atlas, max(1.0, float(np.percentile(np.abs(residual[0, skin]), 60)) / EXPECTED_RESIDUAL)
        )

    def _relight(self, seen: Observation, known: Appearance) -> None:
        trust = seen.seen * np.maximum(self._atlas.plain, (known.age > 0).astype(np.float32))
        trust = np.where(self._hidden, np.float32(0.05) * trust, trust)
        self._light = fit_light(seen.colour, known.mean, self._atlas.basis, trust, self._light)

    def _evidence(self, seen: Observation, known: Appearance, residual: F32, smooth: F32) -> tuple[F32, F32]:
        """Evidence of colour and structure for each texel, and the correlation of each cell."""
        evidence = np.zeros_like(seen.seen)
        weigh(smooth, seen.level, seen.seen, known.variance, self._threshold, evidence)
        correlation = np.zeros_like(known.correlation)
        weight = np.zeros_like(correlation)
        correlate(residual, known.mean, seen.seen, self._atlas.opening, evidence, correlation, weight)
        usual = np.minimum(0.6, known.correlation - 0.1) - 0.35 / (1 + known.age[::CELL, ::CELL] / 5)
        speaks = np.clip(STRUCTURE_GAIN * (usual - correlation), *STRUCTURE_LIMITS) * weight
        structure = np.repeat(np.repeat(speaks, CELL, axis=0), CELL, axis=1).astype(np.float32)
        both = np.minimum(evidence + structure, np.maximum(evidence, 2.5))
        return np.where(evidence > 2, evidence, both) * (seen.seen > 0), correlation

    def _summed(self, evidence: F32, seen: Observation, across: F32, down: F32) -> F32:
        summed = evidence[None].copy()
        spread(summed, seen.seen, across, down)
        if self._memory is not None:
            summed[0] += MEMORY * self._memory
        return summed[0]

    def _seek_more(
        self, seen: Observation, known: Appearance, smooth: F32, evidence: F32, hidden: Flags, summed: F32,
        across: F32, down: F32,
    ) -> tuple[Flags, F32]:  # fmt: skip
        """Twice: what do the things look like that were found, and where is more of them?"""
        weights = evidence
        for _ in range(2):
            colours = surfaces(seen.colour, seen.level, seen.seen, hidden, weights)
            compared = np.empty_like(evidence)
            compare(seen.colour, seen.level, seen.seen, smooth, known.variance, colours, evidence, compared)
            summed = weights = self._summed(compared, seen, across, down)
            hidden = find_regions(summed, self._atlas.triangle, SEED, MASS)
            if not hidden.any():
                break
        return hidden, summed

    def _remember(self, hidden: Flags) -> None:
        self._hidden = hidden
        self._memory = cv2.GaussianBlur(grow(hidden, 2).astype(np.float32), (0, 0), 1.5) if hidden.any() else None

    def _texels(self, seen: Observation, residual: F32, hidden: Flags, summed: F32) -> F32 | None:
        if not hidden.any():
            return None
        flags = hidden.astype(np.float32)
        texels = np.empty((*flags.shape, 8), np.float32)
        near = cv2.GaussianBlur(flags, (0, 0), 1.0)
        texels[..., 0] = near
        texels[..., 1] = cv2.erode(hidden, np.ones((3, 3), np.uint8))
        weight = cv2.GaussianBlur(flags, (0, 0), 1.5) + 1e-4
        for c in range(3):
            texels[..., 2 + c] = seen.colour[c] - residual[c]
            texels[..., 5 + c] = cv2.GaussianBlur(flags * seen.colour[c], (0, 0), 1.5) / weight
        return texels
