"""Where a face's outline is hidden it stays where it is.

The shape slider moves an outline and takes its surroundings along. What is in front of the face is not taken along:
beside a hand or a strand of hair, a moved outline would stand next to the old one.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from liveswapping.domain.frame import F32, Mask
from liveswapping.imaging.face_mesh import OVAL, POINTS, face_mesh

REACH: Final = 0.1
"""How far into the face a held outline is felt, in face widths (the sigma of a Gaussian)."""
DEPTHS: Final = np.array([0.99, 0.965, 0.94], np.float32)
"""Where the outline is looked at, as shares of the way to it from the face's centre: what hides it may be thin."""
_OUTLINE: Final = np.array(OVAL)


@cache
def _felt() -> F32:
    """(468, 36): the outline's points weighted for every point of the face; rows sum to 1 on it, to less inside."""
    shape = face_mesh().canonical[:POINTS]
    squared = ((shape[:, None] - shape[_OUTLINE][None]) ** 2).sum(axis=2)
    weights = np.exp(-squared / (2 * REACH**2))
    nearest = weights.max(axis=1, keepdims=True)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True) * nearest, np.float32)


def hidden_outline(mesh: F32, visible: Mask | None) -> F32:
    """(36,) how much is in front of each point of the outline of a mesh (478, 3): 0 nothing, 1 something solid."""
    if visible is None:
        return np.zeros(len(OVAL), np.float32)
    outline = mesh[_OUTLINE, :2]
    centre, region = outline.mean(axis=0), visible.region
    places = centre + DEPTHS[:, None, None] * (outline - centre)
    x, y = (places[..., 0] - region.left).astype(np.intp), (places[..., 1] - region.top).astype(np.intp)
    inside = (x >= 0) & (y >= 0) & (x < region.width) & (y < region.height)
    hidden = np.zeros(inside.shape, np.float32)
    hidden[inside] = 1.0 - visible.values[y[inside], x[inside]]
    return np.asarray(hidden.max(axis=0), np.float32)


def free_to_move(hidden: F32) -> F32:
    """(468, 1) how far each point of the face may move, 0..1, while so much of its outline is `hidden` (36,)."""
    return np.asarray(1.0 - (_felt() @ hidden)[:, None], np.float32)
