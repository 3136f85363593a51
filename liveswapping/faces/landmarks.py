"""The mesh of one face: MediaPipe's face landmark network, its eyes refined by the iris network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.region import TurnedSquare, crop, project, tensor, turn
from liveswapping.faces.topology import AREA_TRUST, KEYPOINTS, LEFT_EYE, MESH_POINTS, RIGHT_EYE, Eye
from liveswapping.inference.small_networks import Load, on_processor

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
_DOUBT = 0.2
"""See Sight.doubt."""
_MIRRORED_IRIS = [0, 3, 2, 1, 4]


@dataclass(frozen=True, slots=True)
class Care:
    """How often, and how exactly, a region is put right within one frame."""

    attempts: int
    tolerance: float
    """See Surface.off."""


TRACKED = Care(4, 0.07)
NEW = Care(6, 0.002)


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The mesh network's answer."""

    points: F32
    """(468, 3) in pixels."""
    score: float
    """0..1: how sure the network is that it looked at a face."""
    region: TurnedSquare
    """Where it looked."""
    better: TurnedSquare
    """Where this face is best looked at: see `region_around`."""
    view: Image
    """uint8 192×192 RGB: what it looked at."""

    @property
    def off(self) -> float:
        """How far the region was off the face: the largest of shift over size, relative growth / 3 and radians / 4.

        Above about 0.1 the network answers wrongly, and is sure of it.
        """
        shift = self.region.distance(self.better) / self.region.size
        growth = abs(math.log(self.better.size / self.region.size))
        return max(shift, growth / 3, abs(turn(self.region.angle, self.better.angle)) / 4)


def region_around(points: F32) -> TurnedSquare:
    """Where a face is best looked at: around its bounds along its own axes, turned with its eyes."""
    (x1, y1), (x2, y2) = points[LEFT_EYE.left_corner, :2], points[RIGHT_EYE.right_corner, :2]
    angle = math.atan2(float(y2 - y1), float(x2 - x1))
    cos, sin = math.cos(angle), math.sin(angle)
    own = points[:, :2] @ np.array([[cos, -sin], [sin, cos]], np.float32)
    (left, top), (right, bottom) = own.min(axis=0), own.max(axis=0)
    u, v = float(left + right) / 2, float(top + bottom) / 2
    size = _FACE_SCALE * float(max(right - left, bottom - top))
    return TurnedSquare(cos * u - sin * v, sin * u + cos * v, max(size, 1.0), angle)


@dataclass(frozen=True, slots=True, eq=False)
class EyePoints:
    """The iris network's answer: (71, 2) points of `eye.area`, (5, 2) of its iris, in pixels."""

    eye: Eye
    area: F32
    iris: F32


class LandmarkNetwork:
    """Mesh and iris network, loaded. One thread at a time."""

    def __init__(self, model_path: Callable[[str], Path], load: Load = on_processor) -> None:
        self._mesh = load(model_path("face_landmark"), (1,))
        self._iris = load(model_path("iris_landmark"), (1, 2))

    @property
    def batches(self) -> bool:
        """Both eyes at once take little longer than one."""
        return self._iris.batches

    def surface(self, image: Image, region: TurnedSquare, care: Care) -> Surface:
        """The face in `region`, which is corrected while it is further off the face than `care` allows."""
        for left in range(care.attempts - 1, -1, -1):
            view = crop(image, region, _MESH_PIXELS)
            points, flag = self._mesh(tensor(view))
            placed = project(region.matrix(_MESH_PIXELS), points.reshape(468, 3) + _MESH_SHIFT)
            surface = Surface(placed, _sigmoid(float(flag.ravel()[0])), region, region_around(placed), view)
            if not left or surface.score < SURE or surface.off <= care.tolerance:
                break
            region = surface.better
        return surface

    def eye(self, image: Image, surface: Surface, eye: Eye) -> EyePoints:
        """Lids, brow and iris of one eye."""
        return self._eyes(image, surface, (eye,))[0]

    def eyes(self, image: Image, surface: Surface) -> tuple[EyePoints, EyePoints]:
        """The same of both."""
        left, right = self._eyes(image, surface, (LEFT_EYE, RIGHT_EYE))
        return left, right

    def _eyes(self, image: Image, surface: Surface, eyes: Sequence[Eye]) -> list[EyePoints]:
        regions = [_around(surface, eye) for eye in eyes]
        views = [crop(image, region, _EYE_PIXELS, flip=eye.flip) for region, eye in zip(regions, eyes, strict=True)]
        areas, irises = self._iris(np.concatenate([tensor(view) for view in views]))
        found = []
        for eye, region, area, iris in zip(eyes, regions, areas, irises, strict=True):
            matrix = region.matrix(_EYE_PIXELS, eye.flip)
            rim = iris.reshape(5, 3)[_MIRRORED_IRIS] if eye.flip else iris.reshape(5, 3)
            found.append(EyePoints(eye, project(matrix, area.reshape(71, 3)[:, :2]), project(matrix, rim[:, :2])))
        return found


def _around(surface: Surface, eye: Eye) -> TurnedSquare:
    """Where an eye is looked at."""
    left, right = surface.points[eye.left_corner, :2], surface.points[eye.right_corner, :2]
    (x, y), (dx, dy) = (left + right) / 2, right - left
    size = _EYE_SCALE * math.hypot(float(dx), float(dy))
    return TurnedSquare(float(x), float(y), size, math.atan2(float(dy), float(dx)))


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One face as both networks saw it."""

    surface: Surface
    mesh: F32
    """(478, 3): the surface with refined eyes. Depth stays the surface's; an iris takes the mean of its lids."""
    doubt: float
    """How far the two networks disagree about the lids, in eye widths: about 0.06 on a face, over 0.2 where the mesh
    sits wrongly on it (mouth for nose), which the mesh network itself does not notice."""

    @property
    def doubtful(self) -> bool:
        """Whether the mesh may sit wrongly on the face."""
        return self.doubt > _DOUBT or self.surface.off > TRACKED.tolerance

    @classmethod
    def of(cls, surface: Surface, eyes: tuple[EyePoints, EyePoints]) -> Sight:
        """Join what the networks answered."""
        mesh = np.empty((MESH_POINTS, 3), np.float32)
        mesh[:468] = surface.points
        apart = 0.0
        for found in eyes:
            lids = surface.points[found.eye.lids]
            width = float(np.linalg.norm(lids[0, :2] - lids[8, :2])) + 1e-6
            apart += float(np.linalg.norm(found.area[:16] - lids[:, :2], axis=1).mean()) / width
            iris = slice(found.eye.iris, found.eye.iris + 5)
            mesh[iris, :2] = found.iris
            mesh[iris, 2] = lids[:, 2].mean()
            coarse = surface.points[found.eye.area, :2]
            mesh[found.eye.area, :2] = coarse + AREA_TRUST[:, None] * (found.area - coarse)
        return cls(surface, mesh, apart / 2)


def face_of(mesh: F32, score: float, track_id: int = -1) -> Face:
    """The face of a mesh: its bounds and ArcFace's five points."""
    surface = mesh[:468, :2]
    box = np.concatenate([surface.min(axis=0), surface.max(axis=0)])
    return Face(box, mesh[KEYPOINTS, :2], score, mesh, None, track_id)


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))
