"""A photograph whose people move: heads turn in depth, eyes blink, mouths talk, the light wanders.

The picture is bent by a smooth backward map that is worked out on a coarse grid. What a head does to the grid is a
sum of fixed fields (its position and depth, weighted by how much of a pixel belongs to the head), so a frame costs a
small product, a few steps of a fixed-point iteration and one `cv2.remap`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.face_mesh import (
    BROW_LEFT,
    BROW_RIGHT,
    CHIN,
    EYE_LEFT,
    EYE_RIGHT,
    FOREHEAD,
    IRIS_LEFT,
    IRIS_RIGHT,
    LIPS_INNER,
    OVAL,
    POINTS,
    face_mesh,
)
from liveswapping.imaging.mesh_warp import back_to_front, draw_mesh
from liveswapping.media.expression import Eye, Mouth, sample, smoothstep
from liveswapping.media.motion import Moment

STEP = 4
"""Pixels between the grid's nodes."""
_ROUNDS = 3
"""Steps of the fixed-point iteration that turns the forward motion round; each divides the error by about three."""
_RELIEF = 1.3
"""A bent photograph shows less of a turn than a turned head (nothing new comes into view): depth makes up for it."""


class Animation:
    """A photograph and the meshes of the faces in it, ready to be drawn at any moment."""

    def __init__(self, picture: Image, meshes: Sequence[F32]) -> None:
        """`picture` is what the frame shows at rest; `meshes` (478, 3) are in its pixels."""
        self._picture = picture
        self._canvas = picture.copy()
        self._features: list[tuple[Eye | Mouth, ...]] = []
        for mesh in meshes:
            left = Eye(picture, mesh, EYE_LEFT, BROW_LEFT, IRIS_LEFT[0])
            right = Eye(picture, mesh, EYE_RIGHT, BROW_RIGHT, IRIS_RIGHT[0])
            self._features.append((left, right, Mouth(picture, mesh)))
        self.motion = HeadMotion((picture.shape[1], picture.shape[0]), meshes)

    def draw(self, moments: Sequence[Moment]) -> Image:
        """The picture with one moment per face, in the order of the meshes."""
        for features, moment in zip(self._features, moments, strict=True):
            for feature in features:
                feature.draw(self._canvas, moment)
        moved = sample(self._canvas, self.motion.map(moments))
        for features in self._features:
            for feature in features:
                window = feature.region.slices
                self._canvas[window] = self._picture[window]
        return moved


class HeadMotion:
    """Where each pixel of a moved picture comes from."""

    def __init__(self, size: tuple[int, int], meshes: Sequence[F32]) -> None:
        """`size` is width, height in pixels."""
        self._size = size
        columns, rows = -(-size[0] // STEP), -(-size[1] // STEP)
        self._spacing = np.array([size[0] / columns, size[1] / rows], np.float32)
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        self._nodes = np.stack([x, y], axis=2)
        self._grid: F32 = ((self._nodes + 0.5) * self._spacing - 0.5).astype(np.float32)
        belonging = [_belonging(self._grid, mesh) for mesh in meshes]
        crowd = np.maximum(np.sum(belonging, axis=0), 1.0)
        self._heads = [
            _Head(self._grid, self._spacing, mesh, share / crowd) for mesh, share in zip(meshes, belonging, strict=True)
        ]
        y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        self._identity = np.stack([x, y], axis=2)
        self._map = np.empty_like(self._identity)

    def map(self, moments: Sequence[Moment]) -> F32:
        """(H, W, 2) where in the resting picture each pixel is from; valid until the next call."""
        forward = np.zeros_like(self._grid)
        for head, moment in zip(self._heads, moments, strict=True):
            forward[head.part] += head.displacement(moment)
        forward /= self._spacing
        offset: Any = forward
        for _ in range(_ROUNDS):
            at = self._nodes - offset
            offset = cv2.remap(forward, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        cv2.resize(offset * self._spacing, self._size, dst=self._map, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.subtract(self._identity, self._map, dst=self._map), np.float32)


class _Head:
    """How far one head carries each node of the grid, as a sum of fixed fields."""

    def __init__(self, grid: F32, spacing: F32, mesh: F32, share: F32) -> None:
        self._width = float(np.ptp(mesh[:POINTS, 0]))
        down = mesh[CHIN, :2] - mesh[FOREHEAD, :2]
        pivot = mesh[CHIN, :2] + 0.25 * down
        back = float(np.percentile(mesh[:POINTS, 2], 97))
        depth = _RELIEF * (_depth(grid.shape[:2], spacing, mesh) - back)
        x, y = grid[..., 0] - pivot[0], grid[..., 1] - pivot[1]
        fields = [share * x, share * y, share * depth, share]
        fields += [_around(grid, mesh[list(brow), :2]) for brow in (BROW_LEFT, BROW_RIGHT)]
        fields += list(_pull(grid, mesh))
        fields += [_chest(grid, mesh)]
        stacked = np.stack(fields, axis=2).astype(np.float32)
        rows, columns = np.nonzero(np.abs(stacked).max(axis=2) > 1e-4)
        self.part = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        self._fields = np.ascontiguousarray(stacked[self.part])

    def displacement(self, moment: Moment) -> F32:
        """(rows, columns, 2) pixels by which each node of `part` of the grid is carried."""
        turn = (1.0 + moment.nearness) * _rotation(moment.yaw, moment.pitch, moment.roll)[:2] - np.eye(2, 3)
        width = self._width
        breath = np.array([[0.0], [-0.012 * width * moment.breath]])
        brow = np.array([[0.0], [-0.045 * width * moment.brows]])
        matrix = np.hstack(
            [
                turn,
                [[width * moment.shift_x], [width * moment.shift_y]],
                brow,
                brow,
                np.eye(2) * moment.lips,
                breath,
            ]
        )
        return np.asarray(self._fields @ matrix.T.astype(np.float32), np.float32)


def _rotation(yaw: float, pitch: float, roll: float) -> F32:
    """(3, 3), for x right, y down and z away from the viewer."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y, np.float32)


def _frame(mesh: F32) -> tuple[F32, F32, float, float]:
    """The face's middle, (2, 2) unit vectors across and down, its width and height in that frame."""
    down = mesh[CHIN, :2] - mesh[FOREHEAD, :2]
    height = float(np.hypot(*down))
    down = down / height
    axes = np.stack([np.array([down[1], -down[0]]), down]).astype(np.float32)
    own = mesh[list(OVAL), :2] @ axes.T
    low, high = own.min(axis=0), own.max(axis=0)
    return np.asarray((low + high) / 2 @ axes, np.float32), axes, float(high[0] - low[0]), height


def _belonging(grid: F32, mesh: F32) -> F32:
    """1 on the head with its hair, falling smoothly to 0 around it."""
    middle, axes, width, height = _frame(mesh)
    own = (grid - middle) @ axes.T
    across, down = own[..., 0] / width, own[..., 1] / height
    radius_y = np.where(down < -0.1, 0.95, 0.62)
    radius = np.hypot(across / 0.85, (down + 0.1) / radius_y)
    return 1.0 - smoothstep((radius - 0.85) / 0.9)


def _depth(shape: tuple[int, int], spacing: F32, mesh: F32) -> F32:
    """The mesh's depth at every node, continued outside the face with that of the nearest outline."""
    rows, columns = shape
    points = (mesh[:POINTS, :2] + 0.5) / spacing - 0.5
    triangles = face_mesh().triangles
    triangles = back_to_front(mesh, triangles)
    region = Region(0, 0, columns, rows)
    values, covered = draw_mesh(points.astype(np.float32), mesh[:POINTS, 2:3], triangles, region)
    distance, labels = cv2.distanceTransformWithLabels(1 - covered, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    by_label = np.zeros(int(labels.max()) + 1, np.float32)
    by_label[labels[covered > 0]] = values[..., 0][covered > 0]
    filled = by_label[labels]
    width = float(np.ptp(points[:, 0]))
    far = cv2.GaussianBlur(filled, (0, 0), 0.12 * width)
    near = cv2.GaussianBlur(filled, (0, 0), 0.02 * width)
    return np.asarray(near + np.clip(distance / (0.15 * width), 0, 1) * (far - near), np.float32)


def _around(grid: F32, points: F32) -> F32:
    """A bell over a brow: 1 along it, 0 at its own length away."""
    middle = points.mean(axis=0)
    length = float(np.ptp(points[:, 0]))
    offset = (grid - middle) / np.array([0.95 * length, 0.62 * length])
    return np.asarray(np.clip(1.0 - (offset**2).sum(axis=2), 0.0, 1.0) ** 2, np.float32)


def _pull(grid: F32, mesh: F32) -> F32:
    """(2, rows, columns) how spreading lips carry the cheeks: away from the mouth's middle, along its corners."""
    corners = mesh[[LIPS_INNER[0], LIPS_INNER[10]], :2]
    along = (corners[1] - corners[0]) / 2
    half = float(np.hypot(*along))
    offset = (grid - corners.mean(axis=0)) / half
    position = offset @ (along / half)
    bell = np.clip(1.0 - (offset**2).sum(axis=2) / 2.3**2, 0.0, 1.0) ** 2
    return np.asarray(0.15 * position * bell * along[:, None, None], np.float32)


def _chest(grid: F32, mesh: F32) -> F32:
    """What rises with the breath: everything below the throat."""
    middle, axes, width, height = _frame(mesh)
    own = (grid - middle) @ axes.T
    beside = np.clip(1.0 - (own[..., 0] / (2.2 * width)) ** 2, 0.0, 1.0)
    return np.asarray(smoothstep((own[..., 1] / height - 0.5) / 0.9) * beside, np.float32)
