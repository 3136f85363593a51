"""Decides, with one cheap look at every frame, whether the face has to be judged anew or last time's answer will do.

Things move with the face (glasses, a fringe), move across it (a hand) or are not there at all. Only what moves across
changes anything on the mesh. A glance reads every other texel, takes the change of light away and compares with the
frame that was judged last: a new thing, or one that left, is a patch that changed more than a moving face does.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import POINTS, face_mesh
from liveswapping.masks.atlas import SIZE, atlas
from liveswapping.masks.observe import logarithms, seen_share

STRIDE: Final = 2
"""Texels between two samples."""
LONGEST: Final = 4
"""Frames from one judgement to the next at the most: skin-coloured things may come in unnoticed by a glance."""
TOLERANCE: Final = (0.045, 0.03)
"""Usual changes of y, and of p and q, of a talking face in tenths of a second (1 sigma, with light taken away); …"""
SLIPPING: Final = 0.45
"""… and how much of the difference to the neighbouring samples, for the mesh is never exact; …"""
OPENING: Final = 0.35
"""… and of y where eyes and mouth open and close."""
OVERRATED: Final = 6.0
"""No sample says more than this."""
CHANGED: Final = 14.0
"""Sum over 3×3 samples of half their squared deviations beyond which they changed: nine of 1.8 sigma."""
FLASH: Final = 0.12
"""Change of the light itself that asks for a judgement."""
SCALE: Final = 0.1
"""Robust scale of the fit of the light's change."""


@cache
def _sites() -> tuple[NDArray[np.int32], F32]:
    """(N, 6) row and column of each sample on the face, its triangle, that triangle's corners; (N, 3) their weights."""
    maps = atlas()
    triangle = maps.triangle[::STRIDE, ::STRIDE]
    rows, columns = np.nonzero(triangle >= 0)
    of_face = triangle[rows, columns]
    sites = np.column_stack([rows, columns, of_face, maps.corners[of_face]])
    return sites.astype(np.int32), np.ascontiguousarray(maps.weights[::STRIDE, ::STRIDE][rows, columns])


@njit(nogil=True, cache=True)
def _glance(
    image: Image, points: F32, sites: NDArray[np.int32], weights: F32, share: F32, step: int, table: F32, samples: F32
) -> None:
    """Fill `samples` (4, H, W), zero before: y, p, q, and 1 where seen; each the mean of 3×3 pixels `step` apart."""
    bottom, right = image.shape[0] - 1 - step, image.shape[1] - 1 - step
    half = np.float32(0.5)
    for n in range(sites.shape[0]):
        if share[sites[n, 2]] < half:
            continue
        i, j, k = sites[n, 3], sites[n, 4], sites[n, 5]
        x = int(weights[n, 0] * points[i, 0] + weights[n, 1] * points[j, 0] + weights[n, 2] * points[k, 0] + half)
        y = int(weights[n, 0] * points[i, 1] + weights[n, 1] * points[j, 1] + weights[n, 2] * points[k, 1] + half)
        if x < step or y < step or x > right or y > bottom:
            continue
        blue, green, red = np.uint32(4), np.uint32(4), np.uint32(4)
        for line in range(y - step, y + step + 1, step):
            for place in range(x - step, x + step + 1, step):
                blue += image[line, place, 0]
                green += image[line, place, 1]
                red += image[line, place, 2]
        b, g, r = table[blue // 9], table[green // 9], table[red // 9]
        row, column = sites[n, 0], sites[n, 1]
        samples[0, row, column] = np.float32(0.2) * b + np.float32(0.5) * g + np.float32(0.3) * r
        samples[1, row, column] = r - g
        samples[2, row, column] = b - g
        samples[3, row, column] = 1


@njit(nogil=True, cache=True)
def _tolerances(samples: F32, fickle: F32, noise: F32) -> F32:
    """(2, H, W) one over the usual change of y, and of p and q, of each sample, squared; 0 where it was not seen."""
    rows, columns = samples.shape[1], samples.shape[2]
    sharpness, slip = np.zeros((2, rows, columns), np.float32), np.zeros(3, np.float32)
    for row in range(rows):
        for column in range(columns):
            if samples[3, row, column] == 0:
                continue
            slip[:] = 0
            for y, x in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if 0 <= y < rows and 0 <= x < columns and samples[3, y, x] > 0:
                    for c in range(3):
                        slip[c] = max(slip[c], abs(samples[c, y, x] - samples[c, row, column]))
            opening = OPENING * fickle[STRIDE * row, STRIDE * column]
            usual = TOLERANCE[0] + SLIPPING * slip[0] + noise[0] + opening
            sharpness[0, row, column] = 1 / (usual * usual)
            usual = TOLERANCE[1] + SLIPPING * max(slip[1], slip[2]) + max(noise[1], noise[2]) + opening / 3
            sharpness[1, row, column] = 1 / (usual * usual)
    return sharpness


@njit(nogil=True, cache=True)
def _light_change(now: F32, then: F32, sharpness: F32) -> F32:
    """(3, 3) constant, along x and along y: how the light of y, p and q changed, by robust least squares."""
    rows, columns = now.shape[1], now.shape[2]
    change = np.zeros((3, 3), np.float32)
    for _ in range(2):
        for c in range(3):
            normal, right, term = np.eye(3) * 0.1, np.zeros(3), np.ones(3)
            for row in range(0, rows, 2):
                term[2] = row / rows - 0.5
                for column in range(0, columns, 2):
                    if sharpness[0, row, column] == 0 or now[3, row, column] == 0:
                        continue
                    term[1] = column / columns - 0.5
                    off = now[c, row, column] - then[c, row, column]
                    error = off - (change[c, 0] + change[c, 1] * term[1] + change[c, 2] * term[2])
                    weight = sharpness[min(c, 1), row, column] / (1 + (error / SCALE) ** 2) ** 2
                    for i in range(3):
                        right[i] += weight * term[i] * off
                        for j in range(3):
                            normal[i, j] += weight * term[i] * term[j]
            change[c] = np.linalg.solve(normal, right).astype(np.float32)
    return change


@njit(nogil=True, cache=True)
def _strongest(now: F32, then: F32, sharpness: F32, change: F32) -> float:
    """The largest sum, over 3×3 samples, of half the squared deviations between two glances under changed light."""
    rows, columns = now.shape[1], now.shape[2]
    half, most = np.float32(0.5), np.float32(OVERRATED)
    lines = np.zeros((rows, columns), np.float32)
    deviation = np.zeros(columns + 2, np.float32)
    off = np.empty(3, np.float32)
    for row in range(rows):
        deviation[:] = 0
        for column in range(columns):
            if sharpness[0, row, column] == 0 or now[3, row, column] == 0:
                continue
            x, y = np.float32(column / columns - 0.5), np.float32(row / rows - 0.5)
            for c in range(3):
                light = change[c, 0] + change[c, 1] * x + change[c, 2] * y
                off[c] = now[c, row, column] - then[c, row, column] - light
            squared = off[0] * off[0] * sharpness[0, row, column]
            squared += (off[1] * off[1] + off[2] * off[2]) * sharpness[1, row, column]
            deviation[column + 1] = min(half * squared, most)
        for column in range(columns):
            lines[row, column] = deviation[column] + deviation[column + 1] + deviation[column + 2]
    strongest = np.float32(0)
    for row in range(1, rows - 1):
        for column in range(columns):
            strongest = max(strongest, lines[row - 1, column] + lines[row, column] + lines[row + 1, column])
    return float(strongest)


class Glances:
    """When to judge one face. Ask `due` for every frame; tell `judged` when it was."""

    def __init__(self, turn: int) -> None:
        """Faces with different `turn` are judged in different frames where nothing hurries."""
        self._turn = turn
        self._interval = 1
        self._now: F32 | None = None
        self._then: F32 | None = None
        self._sharpness: F32 | None = None

    def due(self, image: Image, mesh: F32, frame: int) -> bool:
        """Glance at `mesh`'s face in frame number `frame`: must it be judged?"""
        self._now = glance(image, mesh)
        if self._then is None or self._sharpness is None or self._changed(self._now, self._then, self._sharpness):
            self._interval = 1
            return True
        return (frame + self._turn) % self._interval == 0

    def judged(self, noise: F32, *, known: bool) -> None:
        """The frame of the last glance was judged; `noise` as in `Observation`.

        A face that is not `known` yet is judged in every frame.
        """
        assert self._now is not None
        self._interval = min(2 * self._interval, LONGEST) if known else 1
        self._then, self._sharpness = self._now, _tolerances(self._now, atlas().fickle, noise)

    @staticmethod
    def _changed(now: F32, then: F32, sharpness: F32) -> bool:
        change = _light_change(now, then, sharpness)
        return float(np.abs(change[:, 0]).max()) > FLASH or _strongest(now, then, sharpness, change) > CHANGED


def glance(image: Image, mesh: F32) -> F32:
    """(4, SIZE / STRIDE, SIZE / STRIDE) y, p, q of every other texel, and 1 where it is seen."""
    points = np.ascontiguousarray(mesh[:POINTS, :2])
    share = seen_share(points, face_mesh().triangles, atlas().areas)
    step = max(1, int(float(np.ptp(points[:, 0])) * STRIDE / (3 * SIZE)))
    samples = np.zeros((4, SIZE // STRIDE, SIZE // STRIDE), np.float32)
    _glance(image, points, *_sites(), share, step, logarithms(), samples)
    return samples
