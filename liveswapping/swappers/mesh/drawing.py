"""Which triangles the built-in engine draws, and what their corners carry."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.domain.look import Look
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import LIPS, OVAL, POINTS, face_mesh
from liveswapping.imaging.mesh_warp import back_to_front
from liveswapping.swappers.mesh.eyes import CORNERS, eye_coordinates, eye_points, eye_triangles
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
_RING_POINTS: Final = len(OVAL) * len(RINGS)
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
def _kept(zone: str) -> F32:
    """(468,) 1 where a mesh point belongs to a zone that the target may keep."""
    return face_zones.at_points(getattr(face_zones, zone)(), face_mesh().uv[:POINTS])


def attributes(texels: int, mesh: F32, light: F32, eyes_light: F32, turned: F32, back: F32, look: Look) -> F32:
    """What each drawn corner carries (N, ATTRIBUTES), in the order that `render` names.

    `texels` is the texture's width, `light` (478, 3) the skin's and `eyes_light` (CORNERS, 3) the eyeballs'.
    """
    corners = np.zeros((POINTS + _RING_POINTS + CORNERS, ATTRIBUTES), np.float32)
    rings, eyes = slice(POINTS, POINTS + _RING_POINTS), slice(POINTS + _RING_POINTS, None)
    uv = face_mesh().uv
    corners[:POINTS, :2] = uv[:POINTS] * (SIZE - 1)
    corners[rings, :2] = np.tile(uv[list(OVAL)] * (SIZE - 1), (len(RINGS), 1))
    corners[eyes, :2] = eye_coordinates(mesh)
    corners[eyes, 1] += SIZE
    corners[:, :2] *= texels / SIZE
    corners[:POINTS, 2:5] = light[:POINTS]
    corners[eyes, 2:5] = eyes_light
    corners[:POINTS, 5] = _skin(turned, look)
    corners[:, 6:8] = back
    corners[:, 8] = np.linalg.norm(back, axis=1) / MOVED
    between_lids = np.zeros(CORNERS, np.float32)
    between_lids[32:] = LID
    corners[eyes, 5] = 0.0 if look.keep_eyes else between_lids
    corners[eyes, 8] = between_lids
    return corners


def _skin(turned: F32, look: Look) -> F32:
    """(468,) how far each mesh point shows the photograph."""
    skin: F32 = np.clip(turned[:POINTS] / EDGE_ON, 0.0, 1.0)
    skin[list(LIPS[3])] = 0.0
    if look.keep_mouth:
        skin *= 1.0 - _kept("lips")
    if look.keep_eyes:
        skin *= 1.0 - _kept("eyes")
    return skin
