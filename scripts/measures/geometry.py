"""What can be read from a face mesh: sizes, opening of the mouth, head angles; and how late one series follows another.

All meshes are (478, 3) in pixels, as `domain.face.Face.mesh`.
"""

from __future__ import annotations

import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import IRIS_LEFT, IRIS_RIGHT, LIPS_INNER, POINTS, face_mesh


def inter_ocular(mesh: F32) -> float:
    """Distance between the irises' centres in the picture."""
    return float(np.hypot(*(mesh[IRIS_RIGHT[0]] - mesh[IRIS_LEFT[0]])[:2]))


def width(mesh: F32) -> float:
    """Width of the mesh in the picture."""
    return float(np.ptp(mesh[:POINTS, 0]))


def mesh_difference(one: F32, other: F32) -> float:
    """Mean distance of the points in the picture, in inter-ocular distances of the first."""
    apart = np.hypot(*(one[:POINTS, :2] - other[:POINTS, :2]).T)
    return float(apart.mean()) / inter_ocular(one)


def mouth_opening(mesh: F32) -> float:
    """Distance between the middles of the inner lips in the picture, in pixels."""
    return float(np.hypot(*(mesh[LIPS_INNER[15]] - mesh[LIPS_INNER[5]])[:2]))


def head_angles(mesh: F32) -> F32:
    """(3,) yaw, pitch, roll in degrees: the rotation from the neutral frontal mesh (Kabsch 1976, with scale)."""
    neutral = face_mesh().canonical[:POINTS]
    a, b = neutral - neutral.mean(axis=0), mesh[:POINTS] - mesh[:POINTS].mean(axis=0)
    u, _, vt = np.linalg.svd(a.T @ b)
    turn = (u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt).T
    yaw = np.arctan2(turn[2, 0], np.hypot(turn[0, 0], turn[1, 0]))
    pitch = np.arctan2(turn[2, 1], turn[2, 2])
    roll = np.arctan2(turn[1, 0], turn[0, 0])
    return np.asarray(np.degrees([yaw, pitch, roll]), np.float32)


def angle_difference(one: F32, other: F32) -> float:
    """The largest of the three differences, in degrees."""
    apart = (head_angles(one) - head_angles(other) + 180.0) % 360.0 - 180.0
    return float(np.abs(apart).max())


def lag(follower: F32, leader: F32, most: float = 6.0) -> float:
    """By how many frames `follower` (frames, values) comes after `leader`: the peak of their cross-correlation.

    Correlated are the changes from frame to frame, so that a movement counts and a resting position does not; the
    leader is read between frames by linear interpolation, in steps of a twentieth of a frame.
    """
    after, before = np.diff(follower, axis=0), np.diff(leader, axis=0)
    times = np.arange(len(after))
    edge = int(np.ceil(most))
    inner = times[edge:-edge]
    scores: dict[float, float] = {}
    for shift in np.arange(-1.0, most, 0.05):
        low = np.floor(inner - shift).astype(int)
        part = (inner - shift - low)[:, None]
        moved = before[low] * (1 - part) + before[np.minimum(low + 1, len(before) - 1)] * part
        score = (after[edge:-edge] * moved).sum() / (np.linalg.norm(moved) * np.linalg.norm(after[edge:-edge]) + 1e-12)
        scores[round(float(shift), 2)] = float(score)
    peak = max(scores.values())
    return min((shift for shift, score in scores.items() if score >= peak - 1e-9), key=abs)
