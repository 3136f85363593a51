"""Where the points of a face now lay in an earlier frame, and how much the face around them has changed since.

Besides the mesh's points there are rings around the outline, so that a little of the surroundings comes along, and
the openings of the eyes: what lies between the lids is carried with the iris, the rest with the skin.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.imaging.face_mesh import EYE_LEFT, EYE_RIGHT, IRIS_LEFT, IRIS_RIGHT, OVAL, POINTS, face_mesh
from liveswapping.swappers.mesh.eyes import CORNERS, eye_points, eye_triangles

RINGS: Final = (1.1, 1.3, 1.6, 2.0)
"""Distances of the rings from the outline's middle, in shares of the outline's own: engines that change the outline
reach far. What an engine leaves alone is not drawn."""
FIRST_EYE: Final = POINTS + len(OVAL) * len(RINGS)
"""The number of the first point of the eyes' openings."""
VERTICES: Final = FIRST_EYE + CORNERS
_LEFT: Final = np.array([*range(16), *range(32, 39)])
_RIGHT: Final = np.array([*range(16, 32), *range(39, 46)])


@cache
def _ring_triangles() -> NDArray[np.int32]:
    """Outermost first."""
    bands: list[list[tuple[int, int, int]]] = []
    inner, count = list(OVAL), len(OVAL)
    for ring in range(len(RINGS)):
        outer = [POINTS + ring * count + i for i in range(count)]
        after = [(i + 1) % count for i in range(count)]
        bands.append([(inner[i], outer[i], outer[n]) for i, n in enumerate(after)])
        bands[-1] += [(inner[i], outer[n], inner[n]) for i, n in enumerate(after)]
        inner = outer
    return np.array([triangle for band in reversed(bands) for triangle in band], np.int32)


@cache
def front_triangles() -> NDArray[np.int32]:
    """Rings, face, eyes: later ones lie over earlier ones of a face seen from the front."""
    return np.concatenate([_ring_triangles(), face_mesh().triangles, eye_triangles(FIRST_EYE)])


@cache
def ring_number() -> int:
    """How many of the triangles, the first ones, lie around the face."""
    return len(_ring_triangles())


def drawing_order(mesh: F32) -> NDArray[np.intp]:
    """The numbers of `front_triangles` with the face's own farthest first, as it may be turned (mesh (478, 3))."""
    first, count = ring_number(), len(face_mesh().triangles)
    order = np.arange(len(front_triangles()))
    depth = mesh[:, 2][face_mesh().triangles].sum(axis=1)
    order[first : first + count] = first + np.argsort(-depth, kind="stable")
    return order


def points_of(mesh: F32) -> F32:
    """(VERTICES, 2) of a mesh (478, 3), in pixels."""
    outline = mesh[list(OVAL), :2]
    centre = outline.mean(axis=0)
    rings = [centre + (outline - centre) * distance for distance in RINGS]
    return np.concatenate([mesh[:POINTS, :2], *rings, eye_points(mesh[:, :2])]).astype(np.float32)


def earlier_points(now: F32, then: F32) -> F32:
    """(VERTICES, 2) where each of `points_of(now)` lay in the frame of `then`; both are meshes (478, 3)."""
    points = points_of(then)
    openings = eye_points(now[:, :2])
    along_now, along_then = _along(now), _along(then)
    for rows, iris in ((_LEFT, IRIS_LEFT), (_RIGHT, IRIS_RIGHT)):
        here, there = now[iris[0], :2], then[iris[0], :2]
        turn = along_then * along_now.conjugate() * (_radius(then, iris) / _radius(now, iris))
        away = (openings[rows] - here) @ (1.0, 1j) * turn
        points[FIRST_EYE + rows] = there + np.stack([away.real, away.imag], axis=1)
    return points


def _along(mesh: F32) -> complex:
    """The line of the eyes as a complex number of length 1."""
    x, y = mesh[EYE_RIGHT[0], :2] - mesh[EYE_LEFT[0], :2]
    return complex(x, y) / max(abs(complex(x, y)), 1e-6)


def _radius(mesh: F32, iris: tuple[int, ...]) -> float:
    return max(float(np.linalg.norm(mesh[list(iris[1:]), :2] - mesh[iris[0], :2], axis=1).mean()), 0.5)


@njit(nogil=True, cache=True)
def _strain(now: F32, then: F32, triangles: NDArray[np.int32], out: F32, areas: F32) -> None:
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = now[j, 0] - now[i, 0], now[j, 1] - now[i, 1]
        bx, by = now[k, 0] - now[i, 0], now[k, 1] - now[i, 1]
        cx, cy = then[j, 0] - then[i, 0], then[j, 1] - then[i, 1]
        dx, dy = then[k, 0] - then[i, 0], then[k, 1] - then[i, 1]
        area = ax * by - ay * bx
        if area <= 1e-3:
            continue
        p, q = (cx * by - dx * ay) / area, (dx * ax - cx * bx) / area
        r, s = (cy * by - dy * ay) / area, (dy * ax - cy * bx) / area
        half, square = (p * p + q * q + r * r + s * s) / 2.0, (p * s - q * r) ** 2
        root = max(half * half - square, 0.0) ** 0.5
        most, least = max(half + root, 1e-4), max(half - root, 1e-4)
        cost = 0.25 * (np.log(most) ** 2 + np.log(least) ** 2)  # of squares: a quarter makes them logs of lengths
        for corner in (i, j, k):
            out[corner] += area * cost
            areas[corner] += area
    for n in range(out.shape[0]):
        out[n] /= max(areas[n], 1e-3)


def strain(now: F32, then: F32) -> F32:
    """(VERTICES,) how much the surroundings of each point were stretched or pressed from `then` to `now`.

    Both are (VERTICES, 2). The sum of the squared logarithms of the two principal stretches, averaged over the
    triangles around a point by their area now: 0 for a face that was only moved and turned in the plane.
    """
    out, areas = np.zeros(VERTICES, np.float32), np.zeros(VERTICES, np.float32)
    _strain(now, then, front_triangles(), out, areas)
    return out


@cache
def eye_number() -> int:
    """The number of the first triangle that shows an eye."""
    return ring_number() + len(face_mesh().triangles)
