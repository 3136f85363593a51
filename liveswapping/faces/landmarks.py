"""The mesh of one face: MediaPipe's face landmark network, its eyes refined by the iris network."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.region import TurnedSquare, crop, project, tensor, turn
from liveswapping.faces.topology import AREA_TRUST, KEYPOINTS, LEFT_EYE, MESH_POINTS, RIGHT_EYE, Eye
from liveswapping.inference.litert import LiteRtModel

SURE = 0.5
"""Below this the mesh network did not look at a face."""

_MESH_PIXELS, _EYE_PIXELS = 192, 64
_FACE_SCALE = 1.5
"""The face's region is this many times the longer side of its mesh (MediaPipe's landmark graphs)."""
_EYE_SCALE = 2.3
"""The eye's region is this many times the distance of its corners (MediaPipe's iris graphs)."""
_MESH_SHIFT = np.array([0.5, 0.5, 0.0], np.float32)
"""The mesh network counts from the first pixel's centre, the iris network from its corner: only so do a face and its
mirror image give the same points."""
_MIRRORED_IRIS = [0, 3, 2, 1, 4]


@dataclass(frozen=True, slots=True)
class Care:
    """How often, and how exactly, a region is put right within one frame."""

    attempts: int
    tolerance: float
    """See Surface.off."""


TRACKED = Care(2, 0.07)
NEW = Care(4, 0.005)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The mesh network's answer: (468, 3) points in pixels, how sure it is of a face (0..1), and what it looked at."""

    points: F32
    score: float
    region: TurnedSquare
    view: Image
    """uint8 192×192 BGR: the region's picture."""

    @property
    def next_region(self) -> TurnedSquare:
        """Where this face is best looked at: around its bounds along its own axes, turned with its eyes."""
        points = self.points[:, :2]
        dx, dy = points[RIGHT_EYE.right_corner] - points[LEFT_EYE.left_corner]
        angle = math.atan2(float(dy), float(dx))
        cos, sin = math.cos(angle), math.sin(angle)
        own = points @ np.array([[cos, -sin], [sin, cos]], np.float32)
        low, high = own.min(axis=0), own.max(axis=0)
        u, v = (low + high) / 2
        size = _FACE_SCALE * float((high - low).max())
        return TurnedSquare(float(cos * u - sin * v), float(sin * u + cos * v), size, angle)

    @property
    def off(self) -> float:
        """How far the region was off the face: the largest of shift over size, relative growth and radians / 4.

        Above about 0.1 the network answers wrongly, and is sure of it.
        """
        better = self.next_region
        shift = self.region.distance(better) / self.region.size
        growth = abs(math.log(better.size / self.region.size))
        return max(shift, growth / 3, abs(turn(self.region.angle, better.angle)) / 4)


@dataclass(frozen=True, slots=True, eq=False)
class EyePoints:
    """The iris network's answer: (71, 2) points of `eye.area`, (5, 2) of its iris, in pixels."""

    eye: Eye
    area: F32
    iris: F32


class LandmarkNetwork:
    """Mesh and iris network, loaded. One thread at a time."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        self._mesh = LiteRtModel(model_path("face_landmark"))
        self._iris = LiteRtModel(model_path("iris_landmark"))

    def surface(self, image: Image, region: TurnedSquare, care: Care) -> Surface:
        """The face in `region`, which is corrected while it is further off the face than `care` allows."""
        for left in range(care.attempts - 1, -1, -1):
            view = crop(image, region, _MESH_PIXELS)
            points, flag = self._mesh(tensor(view))
            placed = project(region.matrix(_MESH_PIXELS), points.reshape(468, 3) + _MESH_SHIFT)
            surface = Surface(placed, 1 / (1 + math.exp(-float(flag.ravel()[0]))), region, view)
            if not left or surface.score < SURE or surface.off <= care.tolerance:
                break
            region = surface.next_region
        return surface

    def eye(self, image: Image, surface: Surface, eye: Eye) -> EyePoints:
        """Lids, brow and iris of one eye."""
        left, right = surface.points[eye.left_corner, :2], surface.points[eye.right_corner, :2]
        (x, y), (dx, dy) = (left + right) / 2, right - left
        size = _EYE_SCALE * math.hypot(float(dx), float(dy))
        region = TurnedSquare(float(x), float(y), size, math.atan2(float(dy), float(dx)))
        area, iris = self._iris(tensor(crop(image, region, _EYE_PIXELS, flip=eye.flip)))
        matrix = region.matrix(_EYE_PIXELS, eye.flip)
        rim = iris.reshape(5, 3)[_MIRRORED_IRIS] if eye.flip else iris.reshape(5, 3)
        return EyePoints(eye, project(matrix, area.reshape(71, 3)[:, :2]), project(matrix, rim[:, :2]))


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One face as both networks saw it."""

    surface: Surface
    mesh: F32
    """(478, 3): the surface with refined eyes. Depth stays the surface's; an iris takes the mean of its lids."""
    doubt: float
    """How far the two networks disagree about the lids, in eye widths: about 0.06 on a face, over 0.2 where the mesh
    sits wrongly on it (mouth for nose), which the mesh network itself does not notice."""

    @classmethod
    def of(cls, surface: Surface, eyes: tuple[EyePoints, EyePoints]) -> Sight:
        """Join what the networks answered."""
        mesh = np.empty((MESH_POINTS, 3), np.float32)
        mesh[:468] = surface.points
        apart = 0.0
        for found in eyes:
            lids = surface.points[list(found.eye.lids)]
            width = float(np.linalg.norm(lids[0, :2] - lids[8, :2])) + 1e-6
            apart += float(np.linalg.norm(found.area[:16] - lids[:, :2], axis=1).mean()) / width
            iris = slice(found.eye.iris, found.eye.iris + 5)
            mesh[iris, :2] = found.iris
            mesh[iris, 2] = lids[:, 2].mean()
            area = list(found.eye.area)
            mesh[area, :2] += np.array(AREA_TRUST, np.float32)[:, None] * (found.area - mesh[area, :2])
        return cls(surface, mesh, apart / 2)


def face_of(mesh: F32, score: float, track_id: int = -1) -> Face:
    """The face of a mesh: its bounds and ArcFace's five points."""
    surface = mesh[:468, :2]
    box = np.concatenate([surface.min(axis=0), surface.max(axis=0)])
    return Face(box, mesh[list(KEYPOINTS), :2], score, mesh, None, track_id)
