"""A face's shape apart from how the head is turned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import POINTS, face_mesh


AROUND: Final = 0.06
"""Face widths over which a surface's direction is averaged: the cheek's counts, a nostril's does not."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """`mesh ≈ scale · shape @ rotation + centre`, with `shape` in the canonical mesh's frame."""

    rotation: F32
    """(3, 3) orthonormal, applied to row vectors from the right."""
    scale: float
    """Pixels per face width."""
    centre: F32
    """(3,) pixels."""
    shape: F32
    """(478, 3) the face as seen from the front; about 1 wide."""

    @property
    def direction(self) -> F32:
        """(3,) unit vector in the frame along which the face looks; z is negative towards the camera."""
        forward: F32 = -self.rotation[2]
        return forward


@cache
def _rigid_weights() -> F32:
    """(468,) how little a point moves with expression: jaw and lips count less."""
    y = face_mesh().canonical[:POINTS, 1]
    return np.where(y > 0.12, 0.15, 1.0).astype(np.float32)


def pose_of(mesh: F32) -> Pose:
    """Fit the canonical shape to `mesh` (478, 3): weighted Procrustes (Kabsch 1976, Umeyama 1991 for the scale)."""
    weights = _rigid_weights()[:, None] / _rigid_weights().sum()
    model, points = face_mesh().canonical[:POINTS], mesh[:POINTS]
    model_mean, mean = (weights * model).sum(axis=0), (weights * points).sum(axis=0)
    a, b = model - model_mean, points - mean
    u, sigma, vt = np.linalg.svd((weights * a).T @ b)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = float((sigma * sign).sum() / (weights * a * a).sum())
    centre = mean - scale * model_mean @ rotation
    shape = (mesh - centre) @ rotation.T / scale
    return Pose(rotation.astype(np.float32), scale, centre.astype(np.float32), shape.astype(np.float32))


@cache
def smoothing(sigma: float) -> F32:
    """(468, 468) Gaussian averaging over the face, `sigma` in face widths; rows sum to 1."""
    shape = face_mesh().canonical[:POINTS]
    squared = ((shape[:, None] - shape[None]) ** 2).sum(axis=2)
    # Points crowd around nose and mouth; without this the crowd would outvote the cheeks.
    crowd = np.exp(-squared / (2 * 0.03**2)).sum(axis=1)
    weights = np.exp(-squared / (2 * sigma**2)) / crowd[None]
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def facing(mesh: F32) -> F32:
    """(478,) how much the face around each point looks at the camera: 1 straight, 0 edge-on or away."""
    corners = face_mesh().triangles
    a, b, c = mesh[corners[:, 0]], mesh[corners[:, 1]], mesh[corners[:, 2]]
    normals = np.cross(b - a, c - a)
    summed = np.empty((POINTS, 3), np.float32)
    for axis in range(3):
        summed[:, axis] = np.bincount(corners.reshape(-1), np.repeat(normals[:, axis], 3), POINTS)
    summed = smoothing(AROUND) @ (summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-6))
    towards = np.ones(len(mesh), np.float32)
    towards[:POINTS] = summed[:, 2] / np.maximum(np.linalg.norm(summed, axis=1), 1e-6)
    return np.clip(towards, 0.0, 1.0)
