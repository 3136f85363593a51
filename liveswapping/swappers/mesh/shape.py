"""The shape slider: moves a face towards another one's proportions and takes its surroundings along."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import OVAL, POINTS, face_mesh
from liveswapping.swappers.mesh.pose import Pose, smoothing

SIGMA: Final = 0.02
"""Differences are smoothed over this share of the face's width, which takes the mesh's small errors out."""
LIDS: Final = 0.025
MOUTH: Final = 0.05
"""The same on eyes and lips, which lie closer together than this: proportions remain, expressions do not."""
RINGS: Final = ((1.08, 0.62), (1.22, 0.0))
"""Rings of points around the outline: distance from the face's centre, and share of the outline's movement."""


def proportions(source: F32, target: F32) -> F32:
    """How far each point must move for `target` to get `source`'s proportions: (468, 3) in the canonical frame.

    Both are frontal shapes (`Pose.shape`). The movement is symmetric and smooth, so that neither pose errors nor
    expressions come over.
    """
    moved = (source - target)[:POINTS]
    mirrored: F32 = moved[face_mesh().mirror[:POINTS]] * np.array([-1.0, 1.0, 1.0], np.float32)
    return np.asarray(_smoothing() @ ((moved + mirrored) * 0.5), np.float32)


@cache
def _smoothing() -> F32:
    """(468, 468) averaging over SIGMA, on eyes over LIDS and on lips over MOUTH; rows sum to 1."""
    fine = smoothing(SIGMA)
    for zone, wide in ((face_zones.eyes(), LIDS), (face_zones.lips(), MOUTH)):
        share = face_zones.at_points(zone, face_mesh().uv[:POINTS])[:, None]
        fine = fine + share * (smoothing(wide) - fine)
    return np.asarray(fine, np.float32)


@cache
def ring_triangles() -> NDArray[np.int32]:
    """The triangles around the outline, outermost first; ring r's points are numbered from POINTS + 36·r."""
    rows = []
    inner, count = list(OVAL), len(OVAL)
    for ring in range(len(RINGS)):
        outer = [POINTS + ring * count + i for i in range(count)]
        for i in range(count):
            n = (i + 1) % count
            rows += [(inner[i], outer[i], outer[n]), (inner[i], outer[n], inner[n])]
        inner = outer
    return np.array(rows[::-1], np.int32)


def move(mesh: F32, pose: Pose, movement: F32, amount: float) -> tuple[F32, F32]:
    """Move a mesh (478, 3) by `amount` of `movement` and put rings around it.

    Answers the points (468 + rings, 2) and, for each, the way back to where the frame shows it (same shape).
    """
    shift = amount * pose.scale * (movement @ pose.rotation)[:, :2]
    outline, outline_shift = mesh[list(OVAL), :2], shift[list(OVAL)]
    centre = outline.mean(axis=0)
    points, back = [mesh[:POINTS, :2] + shift], [-shift]
    for distance, share in RINGS:
        points.append(centre + (outline - centre) * distance + outline_shift * share)
        back.append(-outline_shift * share)
    return np.concatenate(points).astype(np.float32), np.concatenate(back).astype(np.float32)
