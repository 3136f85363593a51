"""One face followed through a stream: judges each frame and learns from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.masks.appearance import Appearance
from liveswapping.masks.atlas import Atlas, atlas
from liveswapping.masks.evidence import (
    GREY_THRESHOLD,
    THRESHOLD,
    connect,
    spread,
    subtract_expected,
    weigh,
)
from liveswapping.masks.features import add_missing
from liveswapping.masks.glance import Glances
from liveswapping.masks.light import first_light, fit_light
from liveswapping.masks.observe import Observation, observe
from liveswapping.masks.outline import Drawing, border_texels, prepare
from liveswapping.masks.regions import MASS, SEED, Flags, departed, find_regions, grow, soften
from liveswapping.masks.roots import with_roots
from liveswapping.masks.structure import CELL, RADIUS, add_structure, correlate
from liveswapping.masks.surfaces import compare, no_surfaces, surfaces
from liveswapping.masks.thin import add_thin

SMOOTH_REACH: Final = 0.92
"""How far differences average along a surface, see `evidence.closeness`."""
EVIDENCE_REACH: Final = 0.83
ROUNDS: Final = 2
STABLE: Final = 0.05
"""When less of what was found changes in a round, another one is not worth it."""
ACQUAINTANCE: Final = 12
"""Judgements in the first so many frames, to know the face."""
WORTHWHILE: Final = 10
"""So many texels of a thing away from the face's rim are worth looking for more."""
ACQUAINTED: Final = 3.0
"""Frames after which a texel is known well enough to be told from what was in front of the face a frame ago."""
RECALL: Final = 2.0
"""Evidence that such a texel must have more."""
MEMORY: Final = 0.4
"""Evidence for being near to where a thing was a frame ago."""
CLEAN: Final = 0.035
"""Noise of y, p and q together in a good picture."""
OVERLOOKED: Final = 1.2
"""Differences between neighbours of so many times the noise beyond that are noise."""
LEAST_NOISE: Final = 1.5
"""Levels by which an averaged texel may be off in the cleanest picture."""
AVERAGED: Final = 0.5
"""What averaging leaves of noise."""
DROWNED: Final = 0.6
"""When more of a face seems hidden, it may be another face: at once where it was less than half of that before, …"""
LONG_DROWNED: Final = 15
"""… otherwise after so many frames."""
EXPECTED_RESIDUAL: Final = 0.08
"""Typical difference between skin and fitted light; more means hard shadows, and a weaker prior."""
ANOTHER_SCENE: Final = np.array([0.5, 0.12, 0.12])
"""From one frame to the next, light on skin changes by less than this (y, p, q)."""
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
def _trust(seen: F32, plain: F32, age: F32, hidden: Flags) -> F32:
    """(H, W) how much each texel may say about the light: what is known, or bare skin on anybody, and not hidden."""
    trust = np.zeros_like(seen)
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if age[row, column] > 0 or plain[row, column] > 0:
                trust[row, column] = seen[row, column] * (np.float32(0.05) if hidden[row, column] else np.float32(1))
    return trust


@njit(nogil=True, cache=True)
def _share(hidden: Flags, seen: F32) -> float:
    """0..1: how much of what is seen of the face is hidden."""
    covered, total = 0, 1
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            if seen[row, column] > 0.5:
                total += 1
                covered += hidden[row, column]
    return covered / total


@njit(nogil=True, cache=True)
def _find(
    colour: F32, level: F32, seen: F32, smooth: F32, variance: F32, evidence: F32, structure: F32,
    triangle: NDArray[np.int32], core: Flags, memory: F32, age: F32, before: F32, noise: float, levels: float,
) -> tuple[Flags, F32, F32]:  # fmt: skip
    """1 where a thing is; the evidence for it; and the colours of things (see `surfaces`), for the next frame.

    First what does not fit the face, or looks like what was there `before`; then, ROUNDS times, what looks like that.
    """
    known = (seen > 0).astype(np.float32)
    right, down, shares_right, shares_down = connect(colour, known, EVIDENCE_REACH, noise)
    bonus = np.float32(MEMORY) * memory
    compared = np.empty_like(evidence)
    first = evidence
    if before[0].max() > 0:
        compare(colour, level, seen, smooth, variance, levels, before, evidence, structure, compared)
        first = np.where(age >= ACQUAINTED, np.maximum(evidence, compared - np.float32(RECALL)), evidence)
    summed = spread(first, known, right, down, shares_right, shares_down) + bonus
    hidden = find_regions(summed, triangle, SEED, MASS)
    colours = np.zeros_like(before)
    for _ in range(ROUNDS):
        if (hidden & core).sum() < WORTHWHILE:
            break
        earlier = hidden
        colours = surfaces(colour, seen, hidden, summed)
        compare(colour, level, seen, smooth, variance, levels, colours, evidence, structure, compared)
        summed = spread(compared, known, right, down, shares_right, shares_down) + bonus
        hidden = find_regions(summed, triangle, SEED, MASS)
        if (hidden != earlier).sum() < STABLE * hidden.sum():
            break
    return hidden, summed, colours


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """One frame as judged; all over the atlas."""

    residual: F32
    """(3, H, W) seen minus expected, …"""
    smooth: F32
    """… and the same averaged along surfaces."""
    correlation: F32
    """Per cell, see `structure`."""
    hidden: Flags
    doubt: F32
    """(H, W) evidence for something in front, with a sharper eye than what `hidden` needs."""
    colours: F32
    """Of the things, see `surfaces`."""


class TrackedFace:
    """All that is remembered of one face."""

    def __init__(self, turn: int = 0) -> None:
        """`turn`: see `glance.Glances`."""
        self._glances = Glances(turn)
        self._drawing: Drawing | None = None
        self._judged = 0
        self._forget()

    def look(self, image: Image, mesh: F32, frame: int) -> Drawing | None:
        """What hides the face of `mesh` in frame number `frame`; None when nothing does or nothing can be told."""
        if not self._glances.due(image, mesh, frame):
            return self._drawing
        seen = observe(image, mesh, self._atlas)
        if seen is None:
            return None
        texels = self.judge(seen, max(1, frame - self._judged))
        self._judged = frame
        self._glances.judged(seen.noise, known=self._frames >= ACQUAINTANCE)
        noise = float(np.linalg.norm(seen.noise))
        self._drawing = None if texels is None else prepare(texels, mesh, noise)
        return self._drawing

    @property
    def _atlas(self) -> Atlas:
        """Shared by all faces, and no part of what is remembered of one."""
        return atlas()

    def _forget(self) -> None:
        shape = self._atlas.triangle.shape
        self._light: F32 = first_light(self._atlas.basis.shape[0])
        self._appearance: Appearance | None = None
        self._threshold = THRESHOLD
        self._skin_level = 100.0
        self._frames, self._drowned, self._share = 0, 0, 0.0
        self._hidden: Flags = np.zeros(shape, np.uint8)
        self._colours: F32 = no_surfaces(shape)
        self._colour: F32 = np.zeros((3, *shape), np.float32)
        self._memory: F32 = np.zeros(shape, np.float32)

    def judge(self, seen: Observation, frames: int = 1) -> F32 | None:
        """What hides the face now, `frames` after the last time, as `outline.prepare` wants it; None: nothing does.

        When a thing left, the face is met anew: behind it, its mesh was found a little askew, and so it was learnt.
        """
        if self._appearance is None:
            self._appearance = self._meet(seen)
            changed = False
        else:
            changed = self._relight(seen, self._appearance)
        view = self._look(seen, self._appearance)
        left = departed(self._hidden, view.hidden, self._atlas.core, self._colour, seen.colour)
        if self._lost(view.hidden, seen, frames) or changed or left:
            self._forget()
            self._appearance = self._meet(seen)
            view = self._look(seen, self._appearance)
        self._learn(seen, self._appearance, view, frames)
        if not view.hidden.any():
            return None
        return border_texels(seen.colour, view.residual, with_roots(view.hidden))

    def _look(self, seen: Observation, face: Appearance) -> _View:
        """Judge a frame by what is known; changes nothing."""
        maps = self._atlas
        residual, evidence = np.empty_like(seen.colour), np.empty_like(seen.seen)
        subtract_expected(seen.colour, face.mean, self._light, seen.seen, residual)
        overlooked = OVERLOOKED * max(0.0, float(seen.noise.sum()) - CLEAN)
        grain = float(seen.noise[0])
        levels = max(LEAST_NOISE, AVERAGED * self._skin_level * grain)
        smooth = _smoothed(residual, (seen.seen > 0).astype(np.float32), overlooked)
        weigh(smooth, seen.level, seen.seen, face.variance, levels, self._threshold, evidence)
        doubt = add_thin(evidence, residual, seen.seen, face.age, maps.plain, maps.spread, seen.noise, self._threshold)
        structure = evidence.copy()
        correlation, weight = correlate(
            residual, face.mean, seen.seen, maps.fickle, evidence, grain, face.age, 1.0 if self._frames > 2 else 0.0
        )
        add_structure(evidence, seen.seen, correlation, weight, face.correlation, face.age)
        structure = evidence - structure
        add_missing(evidence, residual, face.mean, seen.seen, face.age, maps.parts, grain)
        hidden, summed, colours = _find(
            seen.colour, seen.level, seen.seen, smooth, face.variance, evidence, structure, maps.triangle, maps.core,
            self._memory, face.age, self._colours, overlooked, levels,
        )  # fmt: skip
        doubt = summed if doubt is None else np.maximum(summed, doubt)
        return _View(residual, smooth, correlation, hidden, doubt, colours)

    def _lost(self, hidden: Flags, seen: Observation, frames: int) -> bool:
        """Whether this cannot be the face that was learnt: most of it seems hidden, at once or for long."""
        share = _share(hidden, seen.seen)
        sudden = share > DROWNED and self._share < DROWNED / 2 and self._frames > 0
        self._drowned = self._drowned + frames if share > DROWNED else 0
        self._share = share
        self._frames += 1
        return sudden or self._drowned > LONG_DROWNED

    def _learn(self, seen: Observation, face: Appearance, view: _View, frames: int) -> None:
        """Take the frame into what is known."""
        self._hidden, self._colours, self._colour = view.hidden, view.colours, seen.colour
        self._memory = soften(grow(view.hidden, 2))
        face.learn_structure(view.correlation, seen.seen, grow(view.hidden, RADIUS * CELL))
        face.learn(self._atlas, seen, view.residual, view.smooth, view.hidden, view.doubt, self._threshold, frames)

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

    def _relight(self, seen: Observation, face: Appearance) -> bool:
        """Fit the light anew; True where it is another scene's: a cut, or a camera that changed its colours."""
        trust = _trust(seen.seen, self._atlas.plain, face.age, self._hidden)
        before = self._light
        self._light = fit_light(seen.colour, face.mean, self._atlas.basis, trust, before)
        change = np.abs((self._light - before)[:, :-1] @ self._atlas.basis_mean)
        return bool((change > ANOTHER_SCENE).any())
