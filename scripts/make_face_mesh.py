"""Makes `liveswapping/imaging/face_mesh.npz`: the neutral shape of the face mesh, its unrolling and its triangles.

    python -m scripts.make_face_mesh OUTPUT.npz [CLIP]

The shape is the mean of the meshes that the networks find in our dependencies' sample pictures, each turned to the
front, and of their mirror images; a clip of a talking head adds six of its frames. The committed file was made with
such a clip, as most of the pictures show laughing or tilted faces, and with the analyser of its day: made again it is
the same mesh in a slightly other shape, and everything that is tuned on the shape would have to be looked at again.
The triangles are a Delaunay triangulation of the unrolled shape; the lips, whose rings touch each other when the
mouth is closed, are strips between the rings. Nothing here is needed at run time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import Delaunay

from liveswapping.imaging.face_mesh import CHEEK_LEFT, CHEEK_RIGHT, CHIN, FOREHEAD, LIPS, OVAL, POINTS

Array = NDArray[np.float64]
STEP = 26
"""Frames of the clip between two that are used."""
MARGIN = 0.92
"""Share of the UV square that the face fills."""


def sample_meshes(clip: str | None) -> list[Array]:
    """A mesh (478, 3) of every face in the sample pictures of scikit-image and insightface, and of six frames."""
    from liveswapping.media.video import VideoSource
    from scripts.measures.people import faces_in, picture_of

    pictures = [picture_of(name) for name in ("astronaut", "hanks", "t1")]
    if clip is not None:
        source = VideoSource(clip)
        for number in range(6 * STEP):
            frame = source.read(1.0)
            if frame is not None and number % STEP == 0:
                pictures.append(frame.image)
        source.close()
    meshes = [face.mesh for picture in pictures for face in faces_in(picture)]
    return [mesh.astype(np.float64) for mesh in meshes if mesh is not None]


def normalised(mesh: Array) -> Array:
    """Centred on the face, root-mean-square distance 1."""
    centred = mesh - mesh[:POINTS].mean(axis=0)
    return np.asarray(centred / np.sqrt((centred[:POINTS] ** 2).sum(axis=1).mean()))


def turned_onto(mesh: Array, other: Array) -> Array:
    """`mesh` rotated onto `other` (Kabsch 1976)."""
    u, _, vt = np.linalg.svd(mesh[:POINTS].T @ other[:POINTS])
    return np.asarray(mesh @ (u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt))


def mean_shape(meshes: Sequence[Array]) -> Array:
    """Their mean after all are turned onto it; the last one gives the direction."""
    mean = normalised(meshes[-1])
    for _ in range(10):
        mean = normalised(np.mean([turned_onto(normalised(mesh), mean) for mesh in meshes], axis=0))
    return mean


def mirror_of(shape: Array) -> NDArray[np.int64]:
    """For each point the one on the other side: the cheapest pairing with the turned mirror image."""
    flipped, pairs = shape * [-1, 1, 1], np.arange(len(shape))
    for _ in range(8):
        distance = ((flipped[:, None] - shape[None]) ** 2).sum(axis=2)
        pairs = linear_sum_assignment(distance)[1]
        u, _, vt = np.linalg.svd(flipped[:POINTS].T @ shape[pairs][:POINTS])
        flipped = flipped @ (u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt)
    return pairs


def symmetric(shape: Array, mirror: NDArray[np.int64]) -> Array:
    """The mean with its mirror image, x = 0 being the plane of symmetry, one face width wide."""
    for _ in range(20):
        across = ((shape - shape[mirror]) * np.sign(shape[:, :1] - shape[mirror][:, :1]))[:POINTS].sum(axis=0)
        x = across / np.linalg.norm(across)
        y = np.array([0.0, 1.0, 0.0]) - x * x[1]
        y /= np.linalg.norm(y)
        shape = shape @ np.stack([x, y, np.cross(x, y)], axis=1)
        shape = shape - [(shape[:POINTS, 0] + shape[mirror][:POINTS, 0]).mean() / 2, 0, 0]
    shape = (shape + (shape * [-1, 1, 1])[mirror]) / 2
    shape = shape / np.linalg.norm(shape[CHEEK_LEFT] - shape[CHEEK_RIGHT])
    return np.asarray(shape - [0, shape[:POINTS, 1].mean(), shape[:POINTS, 2].mean()])


def unrolled(shape: Array) -> Array:
    """Cylinder coordinates (478, 2) around an axis behind the ears, in the middle of the unit square."""
    axis = shape[[CHEEK_LEFT, CHEEK_RIGHT], 2].mean() + 0.15
    angle = np.arctan2(shape[:, 0], axis - shape[:, 2])
    height = shape[CHIN, 1] - shape[FOREHEAD, 1]
    uv = np.stack([angle / (angle[CHEEK_RIGHT] - angle[CHEEK_LEFT]), shape[:, 1] / height], axis=1)
    face = uv[:POINTS]
    return np.asarray(0.5 + MARGIN * (uv - (face.max(axis=0) + face.min(axis=0)) / 2))


def triangulated(uv: Array) -> NDArray[np.int64]:
    """The face's triangles, all running the same way round."""
    hidden = {point for ring in LIPS[1:] for point in ring}
    outside = np.array([point for point in range(POINTS) if point not in hidden])
    candidates = outside[Delaunay(uv[outside]).simplices]
    middle = uv[candidates].mean(axis=1)
    wanted = _inside(uv, OVAL, middle) & ~_inside(uv, LIPS[0], middle)
    return _same_way_round(np.concatenate([candidates[wanted], np.array(_lips())]), uv)


def _inside(uv: Array, outline: Sequence[int], points: Array) -> NDArray[np.bool_]:
    contour = uv[list(outline)].astype(np.float32).reshape(-1, 1, 2)
    return np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0 for x, y in points])


def _lips() -> list[tuple[int, int, int]]:
    """Strips between the rings, diagonals mirrored left to right, and the opening between lower and upper lip."""
    rows = []
    for outer, inner in pairwise(LIPS):
        for i in range(20):
            n = (i + 1) % 20
            if i % 10 < 5:
                rows += [(outer[i], outer[n], inner[i]), (outer[n], inner[n], inner[i])]
            else:
                rows += [(outer[i], outer[n], inner[n]), (outer[i], inner[n], inner[i])]
    ring = LIPS[-1]
    for i in range(10):
        lower, upper = (ring[i], ring[i + 1]), (ring[-i % 20], ring[19 - i])
        if i >= 5:
            quad = ((lower[0], lower[1], upper[1]), (lower[0], upper[1], upper[0]))
        else:
            quad = ((lower[0], lower[1], upper[0]), (lower[1], upper[1], upper[0]))
        rows += [triangle for triangle in quad if len(set(triangle)) == 3]
    return rows


def _same_way_round(triangles: NDArray[np.int64], uv: Array) -> NDArray[np.int64]:
    """Turn each like its neighbour: an area's sign would not do where closed lips overlap."""
    owners: dict[tuple[int, int], list[int]] = {}
    for number, triangle in enumerate(triangles):
        for a, b in zip(triangle, np.roll(triangle, -1), strict=True):
            owners.setdefault((min(a, b), max(a, b)), []).append(number)
    areas = np.cross(np.c_[uv[triangles[:, 1]] - uv[triangles[:, 0]], np.zeros(len(triangles))],
                     np.c_[uv[triangles[:, 2]] - uv[triangles[:, 0]], np.zeros(len(triangles))])[:, 2]  # fmt: skip
    first = int(np.argmax(np.abs(areas)))
    turned = triangles.copy()
    if areas[first] < 0:
        turned[first] = turned[first][[0, 2, 1]]
    done, waiting = {first}, [first]
    while waiting:
        current = waiting.pop()
        for a, b in zip(turned[current], np.roll(turned[current], -1), strict=True):
            for other in owners[min(a, b), max(a, b)]:
                if other in done:
                    continue
                mine = list(zip(turned[other], np.roll(turned[other], -1), strict=True))
                if (a, b) in mine:
                    turned[other] = turned[other][[0, 2, 1]]
                done.add(other)
                waiting.append(other)
    return turned


def main(output: str, clip: str | None = None) -> None:
    """Write the file."""
    shape = mean_shape(sample_meshes(clip))
    mirror = mirror_of(shape)
    shape = symmetric(shape, mirror)
    uv = unrolled(shape)
    triangles = triangulated(uv)
    np.savez_compressed(
        output,
        canonical=shape.astype(np.float32),
        uv=uv.astype(np.float32),
        triangles=triangles.astype(np.int32),
        mirror=mirror.astype(np.int32),
    )
    print(f"{output}: {len(shape)} points, {len(triangles)} triangles")


if __name__ == "__main__":
    main(*sys.argv[1:3])
