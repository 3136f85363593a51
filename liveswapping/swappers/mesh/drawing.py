"""Which triangles the built-in engine draws, and what their corners carry."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.domain.look import Look
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import CHIN, LIPS, NOSE_TIP, OVAL, POINTS, face_mesh
from liveswapping.imaging.mesh_warp import back_to_front
from liveswapping.swappers.mesh.eyes import CORNERS, OPENINGS, eye_coordinates, eye_points, eye_triangles
from liveswapping.swappers.mesh.pose import Pose
from liveswapping.swappers.mesh.render import ATTRIBUTES
from liveswapping.swappers.mesh.shape import RINGS, move, ring_triangles
from liveswapping.swappers.mesh.texture import SIZE

MOVED: Final = 0.5
"""Pixels of movement from which on the frame itself is redrawn from elsewhere."""
EDGE_ON: Final = 0.3
"""Skin that faces the camera less than this fades out instead of smearing."""
TURNED: Final = -0.93
"""Up to here (about 20°) no part of a face lies before another one."""
TARGETS_MOUTH: Final = 0.3
"""Share of the target that shows through around its mouth. Folds and shadows there tell how a mouth stands, and the
photograph's are those of another moment: without the target's own, lips look further open, or closed, than they are."""
_RING_POINTS: Final = len(OVAL) * len(RINGS)
_RINGS: Final = slice(POINTS, POINTS + _RING_POINTS)
_EYES: Final = slice(POINTS + _RING_POINTS, None)
LID: Final = 4.0
"""An eyeball is fully there at this fraction of the way from a lid's edge to the eye's middle (its inverse)."""


@cache
def _from_the_front() -> NDArray[np.int32]:
    return np.concatenate([ring_triangles(), face_mesh().triangles, eye_triangles(POINTS + _RING_POINTS)])


def drawn_triangles(mesh: F32, pose: Pose) -> NDArray[np.int32]:
    """Surroundings first, then the face, then the eyeballs between its lids.

    On a turned head the nose may lie before the far cheek: then the face's triangles come farthest first.
    """
    if pose.direction[2] < TURNED:
        return _from_the_front()
    face = back_to_front(mesh, face_mesh().triangles)
    return np.concatenate([ring_triangles(), face, eye_triangles(POINTS + _RING_POINTS)])


def drawn_points(mesh: F32, pose: Pose, movement: F32, amount: float) -> tuple[F32, F32]:
    """Where every drawn corner lies (468 + rings + CORNERS, 2), and the way from there to where the frame shows it."""
    points, back = move(mesh, pose, movement, amount)
    return np.concatenate([points, eye_points(points)]), np.concatenate([back, eye_points(back)])


@cache
def _around_mouth() -> F32:
    """(468,) 1 from the nose to the fold below the lower lip and to the corners of the mouth, falling to 0 around."""
    x, y, _ = face_mesh().canonical[:POINTS].T
    nose, lip, chin = y[NOSE_TIP], y[LIPS[0][5]], y[CHIN]
    below = (lip + 0.5 * (chin - lip) - y) / (0.35 * (chin - lip))
    sides = [np.clip(side, 0.0, 1.0) for side in ((y - nose - 0.02) / 0.04, below, (0.28 - np.abs(x)) / 0.1)]
    return np.asarray(np.prod(sides, axis=0), np.float32)


@cache
def _shown(keep_eyes: bool, keep_mouth: bool) -> F32:
    """(468,) how far each mesh point may show the photograph: not between the lips, nor what the target keeps."""
    shown = 1.0 - np.float32(TARGETS_MOUTH) * _around_mouth()
    shown[list(LIPS[3])] = 0.0
    for zone, kept in ((face_zones.eyes, keep_eyes), (face_zones.lips, keep_mouth)):
        if kept:
            shown *= 1.0 - face_zones.at_points(zone(), face_mesh().uv[:POINTS])
    return shown


@cache
def _template(texels: int, keep_eyes: bool) -> F32:
    """`attributes` as far as they are the same in every frame."""
    corners = np.zeros((POINTS + _RING_POINTS + CORNERS, ATTRIBUTES), np.float32)
    uv = face_mesh().uv[:POINTS] * np.float32((SIZE - 1) * texels / SIZE)
    corners[:POINTS, :2] = uv
    corners[_RINGS, :2] = np.tile(uv[list(OVAL)], (len(RINGS), 1))
    corners[_EYES.start + len(OPENINGS) :, 8] = LID
    if not keep_eyes:
        corners[_EYES, 5] = corners[_EYES, 8]
    return corners


def attributes(texels: int, mesh: F32, light: F32, eyes_light: F32, turned: F32, back: F32, look: Look) -> F32:
    """What each drawn corner carries (N, ATTRIBUTES), in the order that `render` names.

    `texels` is the texture's width, `light` (478, 3) the skin's and `eyes_light` (CORNERS, 3) the eyeballs'.
    """
    corners = _template(texels, look.keep_eyes).copy()
    corners[_EYES, :2] = (eye_coordinates(mesh) + np.array([0, SIZE], np.float32)) * np.float32(texels / SIZE)
    corners[:POINTS, 2:5] = light[:POINTS]
    corners[_EYES, 2:5] = eyes_light
    shown = np.minimum(turned[:POINTS] * np.float32(1.0 / EDGE_ON), np.float32(1.0))
    corners[:POINTS, 5] = shown * _shown(look.keep_eyes, look.keep_mouth)
    corners[:, 6:8] = back
    moved = back[: _EYES.start]
    corners[: _EYES.start, 8] = np.hypot(moved[:, 0], moved[:, 1]) * np.float32(1.0 / MOVED)
    return corners
