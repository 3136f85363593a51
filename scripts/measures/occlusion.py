"""Whether what is in front of the face stays in front: objects with known masks, laid over a clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liveswapping.domain.face import Identity
from liveswapping.domain.frame import F32
from liveswapping.domain.look import Look
from liveswapping.domain.settings import Settings
from scripts.measures.bars import Bar
from scripts.measures.geometry import lag
from scripts.measures.swapping import SwappedFrame, swap_clip, tracked
from scripts.occluders import OCCLUDERS

UNCHANGED = 8
"""Levels by which a pixel of the object may differ and still count as left alone."""

UNMOVED = Settings(look=Look(shape=0.0))
"""With the face's proportions kept, the mask is the swapped face and not the surroundings that move along with it."""
NEVER = 99.0
"""Frames of lag of a region that is not kept at all."""
FOLLOWS = 0.2
"""Correlation of its changes below which a region cannot be said to follow the object."""
AFTERWARDS = 12
"""Frames without the object at the end."""


def occlusion(name: str, clean: Sequence[SwappedFrame], person: Identity) -> list[Bar]:
    """All objects over the frames of `clean`, which were swapped without anything in front, both with UNMOVED.

    Then every object is taken away at once, and the last AFTERWARDS frames follow in reverse order. Counted are only
    pixels that the clean run swapped: of the object (its mask above 0.95), how many are left unchanged; of the rest
    (its mask below 0.05; clean mask above 0.5), how many are not swapped any more (mask below 0.5), while the object
    is there and after it left. The first of these is told apart by cause: the mask hides the pixel, or the face was
    placed elsewhere (a mesh that is found with an object in front differs from the clean one).
    """
    meshes = [face.mesh if face else None for face in tracked([frame.before for frame in clean], smooth=False)]
    known = [(frame, mesh) for frame, mesh in zip(clean, meshes, strict=True) if mesh is not None]
    free = [frame for frame, _ in known]
    bars = []
    for kind, draw in OCCLUDERS.items():
        layers = [draw(frame.before, mesh, number) for number, (frame, mesh) in enumerate(known)]
        pictures = [layer.over(frame.before) for layer, frame in zip(layers, free, strict=True)]
        after = free[-AFTERWARDS:][::-1]
        covered = swap_clip([*pictures, *(frame.before for frame in after)], person, UNMOVED)
        alphas = [layer.alpha for layer in layers]
        lost, hidden = unswapped(free, alphas, covered[: len(free)])
        nothing = [np.zeros_like(alphas[0])] * len(after)
        remaining, _ = unswapped(after, nothing, covered[len(free) :])
        bars += [
            Bar(f"6 object's pixels unchanged, {kind}: {name}", unchanged(free, alphas, covered), 0.85, at_least=True),
            Bar(f"6 free face left unswapped, {kind}: {name}", lost, 0.05),
            Bar(f"6 … of that, hidden by the mask, {kind}: {name}", hidden, 0.05),
            Bar(f"6 free face left unswapped after the object left, {kind}: {name}", remaining, 0.05),
            Bar(f"6 kept region behind the object, frames, {kind}: {name}", kept_behind(free, alphas, covered), 1.0),
        ]
    return bars


def unchanged(clean: Sequence[SwappedFrame], alphas: Sequence[F32], covered: Sequence[SwappedFrame]) -> float:
    """Share of the object's pixels, of those that the clean run swapped, that are as they were."""
    same = total = 0
    for free, alpha, frame in zip(clean, alphas, covered, strict=False):
        thing = (alpha > 0.95) & (free.mask > 0.05)
        change = np.abs(frame.after[thing].astype(int) - frame.before[thing]).max(axis=-1, initial=0)
        same, total = same + int((change <= UNCHANGED).sum()), total + int(thing.sum())
    return same / max(total, 1)


def unswapped(
    clean: Sequence[SwappedFrame], alphas: Sequence[F32], covered: Sequence[SwappedFrame]
) -> tuple[float, float]:
    """Shares of the free face's pixels that are not swapped, and that the mask hides."""
    lost = hidden = total = 0
    for free, alpha, frame in zip(clean, alphas, covered, strict=True):
        face = (alpha < 0.05) & (free.mask > 0.5)
        left = face & (frame.mask < 0.5)
        lost, hidden = lost + int(left.sum()), hidden + int((left & (frame.placed >= 0.5)).sum())
        total += int(face.sum())
    return lost / max(total, 1), hidden / max(total, 1)


def kept_behind(clean: Sequence[SwappedFrame], alphas: Sequence[F32], covered: Sequence[SwappedFrame]) -> float:
    """Frames by which the border of what is kept comes after the object's, by cross-correlation.

    Correlated are, at every pixel that is the face's in all frames, the changes from frame to frame of how much of it
    is kept with those of how much of it is the object's: where an edge moves over a pixel, both change. (The regions'
    middles, which were compared before, hardly move with a thing that the face wears: their correlation has no peak,
    and what it found was noise.) NEVER where the two hardly correlate at any shift.
    """
    face = np.all([frame.mask > 0.5 for frame in clean], axis=0)
    kept = np.array([1 - frame.mask[face] / free.mask[face] for free, frame in zip(clean, covered, strict=False)])
    wanted = np.array([alpha[face] for alpha in alphas])
    behind = lag(kept, wanted)
    late = round(behind)
    follower, leader = np.diff(kept, axis=0)[max(late, 0) :], np.diff(wanted, axis=0)[: len(wanted) - 1 - max(late, 0)]
    correlation = (follower * leader).sum() / (np.linalg.norm(follower) * np.linalg.norm(leader) + 1e-12)
    return behind if correlation > FOLLOWS else NEVER
