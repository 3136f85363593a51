"""A face that turns away until it is seen from the side: a portrait's own pixels on its mesh, turned in space."""

from __future__ import annotations

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.face_mesh import POINTS, face_mesh
from liveswapping.imaging.mesh_warp import back_to_front, draw_mesh

FILLS = 0.55
"""Height of the face as a share of the frame's."""


def turned_heads(portrait: Image, face: Face, size: tuple[int, int], angles: F32) -> list[Image]:
    """One frame (width, height) per angle in degrees, of a face in the middle before its own blurred picture."""
    if face.mesh is None:
        raise ValueError("the portrait's face needs a mesh")
    room = np.asarray(cv2.GaussianBlur(cv2.resize(portrait, size), (0, 0), 40), np.uint8)
    mesh = face.mesh[:POINTS]
    centre = (mesh.max(axis=0) + mesh.min(axis=0)) / 2
    grown = FILLS * size[1] / float(np.ptp(mesh[:, 1]))
    return [_drawn(portrait, mesh, (mesh - centre) * grown @ _about_y(np.radians(angle)).T, room) for angle in angles]


def _about_y(angle: float) -> F32:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)


def _drawn(portrait: Image, mesh: F32, placed: F32, room: Image) -> Image:
    height, width = room.shape[:2]
    points = placed + np.array([width / 2, height / 2, 0], np.float32)
    triangles = back_to_front(points, face_mesh().triangles)
    region = Region(0, 0, width, height)
    source, covered = draw_mesh(points[:, :2], np.ascontiguousarray(mesh[:, :2]), triangles, region)
    seen = cv2.remap(portrait, source[..., 0], source[..., 1], cv2.INTER_LINEAR)
    return np.where(covered[..., None] > 0, seen, room).astype(np.uint8)
