"""A face of now, drawn from what an engine made of it earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.face_mesh import LIPS_INNER, face_width
from liveswapping.imaging.mesh_warp import mesh_region
from liveswapping.swappers.temporal.carry import ATTRIBUTES, carry
from liveswapping.swappers.temporal.geometry import (
    FIRST_EYE,
    VERTICES,
    drawing_order,
    earlier_points,
    eye_number,
    front_triangles,
    points_of,
    ring_number,
    strain,
)
from liveswapping.swappers.temporal.keyframe import Keyframe, Sheet
from liveswapping.swappers.temporal.light import change_of_light, light_at_points
from liveswapping.swappers.temporal.mixing import Mixing, unpacked
from liveswapping.swappers.temporal.stiff import to_earlier

TOLERANCE: Final = 0.03
"""Strain at which a keyframe's weight has fallen to 1/e."""
RELIGHT: Final = 0.25
"""Mean change of light (of its logarithm) with the same effect: what light does to hair and pores is not carried."""
FORGETTING: Final = 0.998
"""Weight per frame of age: of equals the newer one counts more."""
_LEAST: Final = 1e-3
"""No point's weight is less than this, so that the live frame is never seen, but between the lips: a mouth that was
closed in every keyframe opens on what the camera sees."""


@dataclass(frozen=True, slots=True, eq=False)
class Habit:
    """How an engine's answers go from frame to frame."""

    mixing: Mixing | None = None
    """What of them is the camera's picture, mixed; None: they are carried as they are."""
    where: F32 | None = None
    """(5, 2) where its crops have the keypoints, with which they move stiffly; None: they move with the mesh."""


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """The face that is to be drawn."""

    picture: Image
    """The frame, or the part of it that holds the face."""
    left: int
    top: int
    """Where in the frame that part begins."""
    index: int
    mesh: F32
    keypoints: F32
    points: F32
    light: F32
    """As in `Keyframe`."""

    @classmethod
    def of(cls, image: Image, target: Target, index: int) -> Now:
        """A target in its frame. It must have a mesh."""
        mesh = target.face.mesh
        assert mesh is not None
        light = light_at_points(image, mesh, target.visible)
        return cls(image, 0, 0, index, mesh, target.face.keypoints, points_of(mesh), light)

    @classmethod
    def again(cls, key: Keyframe) -> Now:
        """A keyframe's own frame."""
        region = key.region
        return cls(key.camera, region.left, region.top, key.index, key.mesh, key.keypoints, key.points, key.light)


def view(key: Keyframe, now: Now, habit: Habit) -> F32:
    """(VERTICES, ATTRIBUTES) what a keyframe says of the points now."""
    then = earlier_points(now.mesh, key.mesh)
    seen = np.empty((VERTICES, ATTRIBUTES), np.float32)
    age = FORGETTING ** max(0, now.index - key.index)
    changes = strain(now.points, then) / TOLERANCE + relit(now.light, key.light) / RELIGHT
    seen[:, 2] = age * np.exp(-np.minimum(changes, 30.0))
    inside = seen[list(LIPS_INNER), 2]
    seen[:, 2] = np.maximum(seen[:, 2], _LEAST)
    if habit.mixing is None and habit.where is None:
        seen[list(LIPS_INNER), 2] = inside
    if habit.where is not None:
        onto = to_earlier(now.keypoints, key.matrix, habit.where)
        then = now.points @ onto[:, :2].T + onto[:, 2]
    seen[:, :2] = then - (key.region.left, key.region.top)
    seen[:, 3:] = change_of_light(now.light, key.light) if habit.mixing is None else 1.0
    return seen


def drawn(now: Now, keys: Sequence[Keyframe], sheets: Sequence[Sheet], views: F32, habit: Habit) -> Patch:
    """The face, from 1 to SLOTS keyframes, strongest first; `views` (keys, VERTICES, ATTRIBUTES)."""
    height, width = now.picture.shape[:2]
    points = now.points - np.array([now.left, now.top], np.float32)
    order = drawing_order(now.mesh)
    triangles = front_triangles()[order]
    outlines = [sheet.outline for sheet in sheets if sheet.outline is not None]
    shown = np.any([sheet.shows[order] > 0 for sheet in outlines or sheets], axis=0)
    shown[ring_number() :] = True
    region = mesh_region(points[triangles[shown]].reshape(-1, 2), 1.0, width, height)

    def carried(picture: Image, used: Sequence[Sheet], attributes: F32) -> tuple[Image, F32]:
        shows = np.stack([sheet.shows[order] for sheet in used])
        return carry(picture, points, triangles, eye_number(), used, attributes, shows, region)

    if habit.mixing is None:
        picture, mask = carried(now.picture, sheets, views)
    else:
        rest, mask = carried(_plain(now.picture.shape, keys[0], sheets[0]), sheets, views)
        picture = unpacked(rest, habit.mixing.of(now.picture[region.slices], face_width(now.mesh)))
    if outlines:
        mask = carried(now.picture, outlines, _on_mesh(views, keys, now))[1]
    return Patch(picture, _shift(region, now), mask)


def relit(now: F32, then: F32) -> float:
    """How much the light has changed, as the mean of its logarithm's change."""
    return float(np.abs(np.log(change_of_light(now[:FIRST_EYE], then[:FIRST_EYE]))).mean())


def _on_mesh(views: F32, keys: Sequence[Keyframe], now: Now) -> F32:
    """`views`, but with the points where the mesh had them: an engine's mask follows the face's outline."""
    result = views.copy()
    for attributes, key in zip(result, keys, strict=True):
        attributes[:, :2] = earlier_points(now.mesh, key.mesh) - (key.region.left, key.region.top)
    return result


def _plain(shape: tuple[int, ...], key: Keyframe, sheet: Sheet) -> Image:
    """What a rest shows where no keyframe has seen anything: its usual value."""
    inside = sheet.skin[:: sheet.scale, :: sheet.scale, :3][: key.mask.shape[0], : key.mask.shape[1]][key.mask > 0.5]
    result = np.empty(shape, np.uint8)
    result[:] = np.median(inside, axis=0) if len(inside) else 128
    return result


def _shift(region: Region, now: Now) -> F32:
    return np.array([[1, 0, -region.left - now.left], [0, 1, -region.top - now.top]], np.float32)
