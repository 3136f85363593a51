"""The keyframes of one face, and which of them tell most about how it looks now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import LIPS_INNER, face_width
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.swappers.temporal.carry import ATTRIBUTES, SLOTS, carry
from liveswapping.swappers.temporal.geometry import (
    FIRST_EYE,
    VERTICES,
    drawing_order,
    earlier_points,
    eye_number,
    front_triangles,
    points_of,
    strain,
)
from liveswapping.swappers.temporal.keyframe import Keyframe
from liveswapping.swappers.temporal.light import change_of_light, light_at_points

KEPT: Final = 10
"""Keyframes of one face: enough for the poses and mouth shapes that keep coming back."""
AT_ONCE: Final = 3
"""Keyframes that are blended, and one more while it goes."""
TOLERANCE: Final = 0.03
"""Strain at which a keyframe's weight has fallen to 1/e."""
RELIGHT: Final = 0.25
"""Mean change of light (of its logarithm) with the same effect: what light does to hair and pores is not carried."""
FORGETTING: Final = 0.998
"""Weight per frame of age: of equals the newer one counts more."""
FADE: Final = 6
"""Frames in which a keyframe comes or goes."""
FARTHEST: Final = 0.6
"""Face widths between two frames from which on this is a cut, or somebody else."""
ENOUGH_STRAIN: Final = 0.004
ENOUGH_LIGHT: Final = 0.03
"""Below both changes another answer would say nothing new."""
STALE: Final = 60
"""Frames after which a new answer is asked for all the same."""
_LEAST: Final = 1e-3
"""No point's weight is less than this, so that the live frame is never seen, but between the lips: a mouth that was
closed in every keyframe opens on what the camera sees."""


class FaceMemory:
    """One face. One thread at a time."""

    def __init__(self) -> None:
        self._keys: list[Keyframe] = []
        self._levels: dict[int, float] = {}
        self._mesh: F32 | None = None

    @property
    def keys(self) -> Sequence[Keyframe]:
        """What is remembered, oldest first."""
        return self._keys

    def is_cut(self, mesh: F32) -> bool:
        """Whether the face has jumped since the last frame: what is remembered is of something else."""
        if self._mesh is None:
            return False
        away = np.linalg.norm((mesh - self._mesh)[:, :2].mean(axis=0))
        growth = face_width(mesh) / max(face_width(self._mesh), 1.0)
        return bool(away > FARTHEST * face_width(self._mesh) or not 0.6 < growth < 1.6)

    def add(self, key: Keyframe) -> None:
        """Remember one more. Answers for another person or look go, and so does one too many."""
        self._keys = [one for one in self._keys if one.identity is key.identity and one.look == key.look]
        self._keys.append(key)
        if len(self._keys) > KEPT:
            del self._keys[self._least_needed()]
        known = {one.index for one in self._keys}
        self._levels = {index: level for index, level in self._levels.items() if index in known}

    def _least_needed(self) -> int:
        """The keyframe that is most like a newer one."""
        likeness = [
            min(
                float(strain(newer.points, old.points).mean()) + _relit(newer.light, old.light)
                for newer in self._keys[n + 1 :]
            )
            for n, old in enumerate(self._keys[:-1])
        ]
        return int(np.argmin(likeness))

    def wants(self, image: Image, target: Target, index: int) -> bool:
        """Whether an answer to this frame would say something that is not remembered."""
        mesh = target.face.mesh
        if mesh is None or not self._keys:
            return True
        if self._keys[-1].identity is not target.identity or self._keys[-1].look != target.look:
            return True
        if index - self._keys[-1].index >= STALE:
            return True
        points, light = points_of(mesh), light_at_points(image, mesh, target.visible)
        return all(
            float(strain(points, key.points).mean()) > ENOUGH_STRAIN or _relit(light, key.light) > ENOUGH_LIGHT
            for key in self._keys
        )

    def draw(self, image: Image, target: Target, index: int) -> Patch:
        """The face of frame `index` from what is remembered. There must be a keyframe, and a mesh."""
        mesh = target.face.mesh
        assert mesh is not None
        self._mesh = mesh
        points = points_of(mesh)
        light = light_at_points(image, mesh, target.visible)
        views = [_view(key, mesh, points, light, index) for key in self._keys]
        used = self._chosen(views)
        keys, attributes = [self._keys[n] for n in used], np.stack([views[n] for n in used])
        attributes[:, :, 2] *= np.array([self._levels[key.index] for key in keys], np.float32)[:, None]
        region = mesh_region(points, 1.0, image.shape[1], image.shape[0])
        order = drawing_order(mesh)
        shows = np.stack([key.shows[order] for key in keys])
        picture, mask = carry(image, points, front_triangles()[order], eye_number(), keys, attributes, shows, region)
        return Patch(picture, np.array([[1, 0, -region.left], [0, 1, -region.top]], np.float32), mask)

    def _chosen(self, views: Sequence[F32]) -> list[int]:
        """Which keyframes are drawn, strongest first; those that come or go do so over some frames."""
        best = views[-1][:, 2].copy()
        wanted = [len(views) - 1]
        while len(wanted) < min(AT_ONCE, len(views)):
            gains = [
                -1.0 if n in wanted else float(np.maximum(view[:, 2] - best, 0).sum()) for n, view in enumerate(views)
            ]
            wanted.append(int(np.argmax(gains)))
            best = np.maximum(best, views[wanted[-1]][:, 2])
        first = not self._levels
        for n, key in enumerate(self._keys):
            level = self._levels.get(key.index, 0.0) + (1.0 if n in wanted else -1.0) / FADE
            self._levels[key.index] = 1.0 if first and n in wanted else min(max(level, 0.0), 1.0)
        drawn = [n for n, key in enumerate(self._keys) if self._levels[key.index] > 0]
        strength = {n: self._levels[self._keys[n].index] * float(views[n][:, 2].sum()) for n in drawn}
        return sorted(drawn, key=lambda n: -strength[n])[:SLOTS]


def _view(key: Keyframe, mesh: F32, points: F32, light: F32, index: int) -> F32:
    """(VERTICES, ATTRIBUTES) what a keyframe says of the points now, but for its place in the fade."""
    then = earlier_points(mesh, key.mesh)
    view = np.empty((VERTICES, ATTRIBUTES), np.float32)
    view[:, :2] = then - (key.region.left, key.region.top)
    age = FORGETTING ** max(0, index - key.index)
    view[:, 2] = age * np.exp(-np.minimum(strain(points, then) / TOLERANCE + _relit(light, key.light) / RELIGHT, 30.0))
    inside = view[list(LIPS_INNER), 2]
    view[:, 2] = np.maximum(view[:, 2], _LEAST)
    view[list(LIPS_INNER), 2] = inside
    view[:, 3:] = change_of_light(light, key.light)
    return view


def _relit(now: F32, then: F32) -> float:
    """How much the light has changed, as the mean of its logarithm's change."""
    return float(np.abs(np.log(change_of_light(now[:FIRST_EYE], then[:FIRST_EYE]))).mean())
