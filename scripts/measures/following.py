"""Whether the swapped face does what the target's does: the analyser is run again on the output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scripts.measures.bars import Bar
from scripts.measures.geometry import angle_difference, inter_ocular, mesh_difference, mouth_opening
from scripts.measures.swapping import SwappedFrame, tracked


def following(name: str, frames: Sequence[SwappedFrame]) -> list[Bar]:
    """Differences between the unsmoothed meshes of input and output, for frames swapped with the shape slider at 0.

    Mesh and mouth in inter-ocular distances of the input; of a frame's yaw, pitch and roll the one that differs most.
    """
    before = tracked([frame.before for frame in frames], smooth=False)
    after = tracked([frame.after for frame in frames], smooth=False)
    pairs = [(one.mesh, other.mesh) for one, other in zip(before, after, strict=True) if one and other]
    meshes = [(one, other) for one, other in pairs if one is not None and other is not None]
    mesh = np.array([mesh_difference(*pair) for pair in meshes])
    mouth = np.array([abs(mouth_opening(a) - mouth_opening(b)) / inter_ocular(a) for a, b in meshes])
    angles = np.array([angle_difference(*pair) for pair in meshes])
    return [
        Bar(
            f"4 every frame swapped: {name}", float(np.mean([frame.swapped > 0 for frame in frames])), 1, at_least=True
        ),
        Bar(f"4 mesh difference, median: {name}", float(np.median(mesh)), 0.03),
        Bar(f"4 mesh difference, p95: {name}", float(np.percentile(mesh, 95)), 0.05),
        Bar(f"4 mouth opening, median: {name}", float(np.median(mouth)), 0.04),
        Bar(f"4 mouth opening, p95: {name}", float(np.percentile(mouth, 95)), 0.08),
        Bar(f"4 head angles, degrees, median: {name}", float(np.median(angles)), 3.0),
        Bar(f"4 head angles, degrees, p95: {name}", float(np.percentile(angles, 95)), 3.0),
        Bar(f"4 head angles, degrees, worst frame: {name}", float(angles.max()), 3.0),
    ]
