"""A face's shape apart from how the head is turned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import POINTS, face_mesh

ROUNDS: Final = 4
"""How often a surface's direction is averaged with its neighbours': the cheek's counts, a nostril's does not."""


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


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The canonical shape as the fit needs it."""

    weights: F32  # (468,), sum 1
    mean: F32  # (3,) weighted
    lever: F32  # (3, 468) weighted points about their mean
    spread: float  # their weighted mean square distance from it


@cache
def _model() -> _Model:
    points = face_mesh().canonical[:POINTS]
    weights = np.where(points[:, 1] > 0.12, 0.15, 1.0).astype(np.float32)  # jaw and lips move with the expression
    weights /= weights.sum()
    mean = weights @ points
    about = points - mean
    lever = np.ascontiguousarray((weights[:, None] * about).T)
    return _Model(weights, mean, lever, float((lever.T * about).sum()))


def pose_of(mesh: F32) -> Pose:
    """Fit the canonical shape to `mesh` (478, 3): weighted Procrustes (Kabsch 1976, Umeyama 1991 for the scale)."""
    model, points = _model(), mesh[:POINTS]
    u, sigma, vt = np.linalg.svd((model.lever @ points).astype(np.float64))
    if np.linalg.det(u @ vt) < 0.0:
        u[:, 2], sigma[2] = -u[:, 2], -sigma[2]
    rotation = (u @ vt).astype(np.float32)
    scale = float(sigma.sum()) / model.spread
    centre = model.weights @ points - np.float32(scale) * model.mean @ rotation
    shape = (mesh - centre) @ (rotation.T / np.float32(scale))
    return Pose(rotation, scale, centre, shape)


@cache
def smoothing(sigma: float) -> F32:
    """(468, 468) Gaussian averaging over the face, `sigma` in face widths; rows sum to 1."""
    shape = face_mesh().canonical[:POINTS]
    squared = ((shape[:, None] - shape[None]) ** 2).sum(axis=2)
    # Points crowd around nose and mouth; without this the crowd would outvote the cheeks.
    crowd = np.exp(-squared / (2 * 0.03**2)).sum(axis=1)
    weights = np.exp(-squared / (2 * sigma**2)) / crowd[None]
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


@njit(nogil=True, cache=True, fastmath=True)
def _facing(mesh: F32, triangles: NDArray[np.int32], out: F32) -> None:
    count = out.shape[0]
    normals, sums = np.zeros((count, 3)), np.zeros((count, 4))
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = mesh[j, 0] - mesh[i, 0], mesh[j, 1] - mesh[i, 1], mesh[j, 2] - mesh[i, 2]
        vx, vy, vz = mesh[k, 0] - mesh[i, 0], mesh[k, 1] - mesh[i, 1], mesh[k, 2] - mesh[i, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in range(3):
            p = triangles[t, corner]
            normals[p, 0] += nx
            normals[p, 1] += ny
            normals[p, 2] += nz
    for _ in range(ROUNDS):
        sums[:] = 0.0
        for t in range(triangles.shape[0]):
            i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            for c in range(3):
                total = normals[i, c] + normals[j, c] + normals[k, c]
                sums[i, c] += total
                sums[j, c] += total
                sums[k, c] += total
            sums[i, 3] += 3.0
            sums[j, 3] += 3.0
            sums[k, 3] += 3.0
        for p in range(count):
            for c in range(3):
                normals[p, c] = sums[p, c] / max(sums[p, 3], 1.0)
    for p in range(count):
        length = (normals[p, 0] ** 2 + normals[p, 1] ** 2 + normals[p, 2] ** 2) ** 0.5
        out[p] = min(max(normals[p, 2] / max(length, 1e-9), 0.0), 1.0)


def facing(mesh: F32) -> F32:
    """(478,) how much the face around each point looks at the camera: 1 straight, 0 edge-on or away."""
    towards = np.ones(len(mesh), np.float32)
    _facing(mesh, face_mesh().triangles, towards[:POINTS])
    return towards
