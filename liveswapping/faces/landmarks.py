"""The mesh of one face: MediaPipe's face landmark network, its eyes refined by the iris network."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces import topology
from liveswapping.faces.region import RotatedSquare, apply, crop, tensor
from liveswapping.inference.litert import LiteRtModel

MESH_PIXELS, EYE_PIXELS = 192, 64
_EYE_SCALE = 2.3
"""The eye's region is this many times the distance of its corners (MediaPipe's iris graphs)."""
_CLEAR_SCALE = 1.5
"""The face's region is this many times the longer side of its mesh (MediaPipe's landmark graphs)."""

_MESH_SHIFT = np.array([0.5, 0.5, 0.0], np.float32)
"""The mesh network counts from the first pixel's centre, the iris network from its corner: a face and its mirror
image agree only so."""


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """(478, 3) mesh in pixels, and how sure (0..1) the network is that it looked at a face."""

    mesh: F32
    score: float


class LandmarkNetwork:
    """Mesh and eyes of one face at a time; the two eyes are done side by side where `beside` is given."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        self._mesh = LiteRtModel(model_path("face_landmark"))
        self._eyes = [LiteRtModel(model_path("iris_landmark")) for _ in range(2)]

    def __call__(self, image: Image, region: RotatedSquare, beside: Executor | None, minimum: float) -> Landmarks:
        """The landmarks in `region`; eyes are left as the mesh has them where its score is below `minimum`."""
        points, flag = self._mesh(tensor(crop(image, region, MESH_PIXELS)))
        score = 1 / (1 + math.exp(-float(flag.ravel()[0])))
        mesh = np.empty((topology.POINTS, 3), np.float32)
        mesh[:468] = apply(region.matrix(MESH_PIXELS), points.reshape(468, 3) + _MESH_SHIFT)
        if score < minimum:
            mesh[468:] = mesh[topology.NOSE_TIP]
            return Landmarks(mesh, score)
        surface = mesh[:468].copy()
        if beside is None:
            self._refine(image, surface, mesh, right=True)
            self._refine(image, surface, mesh, right=False)
        else:
            other = beside.submit(self._refine, image, surface, mesh, right=True)
            self._refine(image, surface, mesh, right=False)
            other.result()
        return Landmarks(mesh, score)

    def _refine(self, image: Image, surface: F32, mesh: F32, right: bool) -> None:
        """Write lids, brow and iris of one eye into `mesh`. Depth: the mesh's own; the iris takes the lids' mean."""
        region = eye_region(surface, right)
        area, iris = self._eyes[right](tensor(crop(image, region, EYE_PIXELS, flip=right)))
        matrix = region.matrix(EYE_PIXELS, flip=right)
        ring = topology.EYE_RIGHT_RING if right else topology.EYE_LEFT_RING
        mesh[list(topology.EYE_RIGHT_AREA if right else topology.EYE_LEFT_AREA), :2] = apply(
            matrix, area.reshape(71, 3)[:, :2]
        )
        start = topology.IRIS_RIGHT if right else topology.IRIS_LEFT
        order = [0, 3, 2, 1, 4] if right else [0, 1, 2, 3, 4]
        mesh[start : start + 5, :2] = apply(matrix, iris.reshape(5, 3)[order, :2])
        mesh[start : start + 5, 2] = surface[list(ring), 2].mean()


def eye_region(mesh: F32, right: bool) -> RotatedSquare:
    """Where the iris network shall look."""
    left_corner, right_corner = (
        (topology.EYE_RIGHT_INNER, topology.EYE_RIGHT_OUTER)
        if right
        else (topology.EYE_LEFT_OUTER, topology.EYE_LEFT_INNER)
    )
    dx, dy = mesh[right_corner, :2] - mesh[left_corner, :2]
    x, y = (mesh[right_corner, :2] + mesh[left_corner, :2]) / 2
    size = _EYE_SCALE * math.hypot(float(dx), float(dy))
    return RotatedSquare(float(x), float(y), size, math.atan2(float(dy), float(dx)))


def mesh_region(mesh: F32) -> RotatedSquare:
    """Where the mesh network shall look next: around the face's bounds along its own axes, turned with the eyes."""
    dx, dy = mesh[topology.EYE_RIGHT_OUTER, :2] - mesh[topology.EYE_LEFT_OUTER, :2]
    angle = math.atan2(float(dy), float(dx))
    cos, sin = math.cos(angle), math.sin(angle)
    turned = mesh[:468, :2] @ np.array([[cos, -sin], [sin, cos]], np.float32)
    low, high = turned.min(axis=0), turned.max(axis=0)
    u, v = (low + high) / 2
    size = _CLEAR_SCALE * float((high - low).max())
    return RotatedSquare(float(cos * u - sin * v), float(sin * u + cos * v), size, angle)


def face_from(mesh: F32, score: float, track_id: int = -1) -> Face:
    """The face of a mesh: its bounds and ArcFace's five points (irises, nose tip, mouth corners)."""
    surface = mesh[:468, :2]
    box = np.concatenate([surface.min(axis=0), surface.max(axis=0)])
    five = [topology.IRIS_LEFT, topology.IRIS_RIGHT, topology.NOSE_TIP, topology.MOUTH_LEFT, topology.MOUTH_RIGHT]
    return Face(box, mesh[five, :2].copy(), score, mesh, None, track_id)
