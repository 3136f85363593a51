"""Whether what is in front of the face stays in front: objects with known masks, laid over a clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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


def occlusion(name: str, clean: Sequence[SwappedFrame], person: Identity) -> list[Bar]:
    """All objects over the frames of `clean`, which were swapped without anything in front, both with UNMOVED.

    Counted are only pixels that the clean run swapped: of the object (its mask above 0.95), how many are left
    unchanged; of the rest (its mask below 0.05; clean mask above 0.5), how many are not swapped any more (mask below
    0.5). The kept region's border moves with the object: the lag between both regions' middles, by cross-correlation.
    """
    meshes = [face.mesh if face else None for face in tracked([frame.before for frame in clean], smooth=False)]
    known = [(frame, mesh) for frame, mesh in zip(clean, meshes, strict=True) if mesh is not None]
    bars = []
    for kind, draw in OCCLUDERS.items():
        layers = [draw(frame.before, mesh, number) for number, (frame, mesh) in enumerate(known)]
        pictures = [layer.over(frame.before) for layer, (frame, _) in zip(layers, known, strict=True)]
        covered = swap_clip(pictures, person, UNMOVED)
        alphas = [layer.alpha for layer in layers]
        kept, lost, behind = _figures([frame for frame, _ in known], alphas, covered)
        bars += [
            Bar(f"6 object's pixels unchanged, {kind}: {name}", kept, 0.85, at_least=True),
            Bar(f"6 free face left unswapped, {kind}: {name}", lost, 0.05),
            Bar(f"6 kept region behind the object, frames, {kind}: {name}", behind, 1.0),
        ]
    return bars


def _figures(
    clean: Sequence[SwappedFrame], alphas: Sequence[F32], covered: Sequence[SwappedFrame]
) -> tuple[float, float, float]:
    """Shares of unchanged object pixels and of unswapped free ones; lag of the kept region."""
    counts = np.zeros(4)
    places = []
    for free, alpha, frame in zip(clean, alphas, covered, strict=True):
        object_pixels = (alpha > 0.95) & (free.mask > 0.05)
        change = np.abs(frame.after[object_pixels].astype(int) - frame.before[object_pixels]).max(axis=-1, initial=0)
        face = (alpha < 0.05) & (free.mask > 0.5)
        unswapped = face & (frame.mask < 0.5)
        counts += (change <= UNCHANGED).sum(), object_pixels.sum(), unswapped.sum(), face.sum()
        kept, wanted = (free.mask > 0.5) & (frame.mask < 0.5), (free.mask > 0.5) & (alpha > 0.5)
        places.append([*_middle(kept), *_middle(wanted)])
    series = np.array([place for place in places if np.all(np.isfinite(place))], np.float32)
    behind = lag(series[:, :2], series[:, 2:], tie=0.05) if len(series) > 15 else NEVER
    return float(counts[0] / max(counts[1], 1)), float(counts[2] / max(counts[3], 1)), behind


def _middle(region: NDArray[np.bool_]) -> tuple[float, float]:
    rows, columns = np.nonzero(region)
    return (float(columns.mean()), float(rows.mean())) if len(rows) > 20 else (float("nan"), float("nan"))
