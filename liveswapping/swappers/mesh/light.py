"""The low frequencies of a face's light and colour, as one smooth field over the mesh.

The field is a weighted Gaussian average of skin samples on the mesh (normalised convolution: Knutsson & Westin,
CVPR 1993): what is not plain skin — brows, eyes, lips, nostrils, the outline, anything hidden — has no weight
and is bridged by its surroundings. It is the same for a photograph and a live frame, so that what is divided
out of the one is exactly what the other puts in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Mask
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import POINTS, face_mesh, face_width
from liveswapping.swappers.mesh.eyes import between_lids

SIGMA: Final = 0.16
"""Width of the Gaussian in face widths: wider than a nose's shadow, narrower than one-sided light."""
LUMA: Final = np.array([0.114, 0.587, 0.299], np.float32)
"""BGR weights of luma (ITU-R BT.601)."""
PLAIN: Final = 0.005
"""How strongly each channel is taken to change as luma does, as a variance of log luma: a face in even light says
little about it."""
CONTRASTS: Final = (0.5, 1.4)
"""What is believed of a channel's contrast: more comes of coloured lamps from two sides, and would make skin gaudy."""
_WITH_LUMA: Final = np.concatenate([np.eye(3, dtype=np.float32), LUMA[:, None]], axis=1)
SAMPLES: Final = 240
"""Places where skin is looked at."""
TRUST: Final = 0.02
"""Weight of the face's mean colour beside the samples: decides only where nothing nearby is visible."""


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    corners: NDArray[np.intp]  # (SAMPLES, 3): a sample lies at the mean of these three mesh points
    weights: F32  # (SAMPLES,) 0..1: how plain the skin is there
    spread: F32  # (478, SAMPLES): how much each sample says about each mesh point


@cache
def _samples() -> _Samples:
    mesh = face_mesh()
    corners = np.concatenate([np.repeat(np.arange(POINTS)[:, None], 3, axis=1), mesh.triangles])
    uv, shape = mesh.uv[corners].mean(axis=1), mesh.canonical[corners].mean(axis=1)
    rim = np.clip((face_zones.at_points(face_zones.inside_outline(), uv) - 0.02) / 0.05, 0.0, 1.0)
    weights = (1.0 - face_zones.at_points(face_zones.features(), uv)) * rim
    chosen = _evenly(shape, weights > 0.3)
    corners, shape, weights = corners[chosen], shape[chosen], weights[chosen]
    squared = ((mesh.canonical[:, None] - shape[None]) ** 2).sum(axis=2)
    spread = np.exp(-squared / (2 * SIGMA**2))
    return _Samples(corners.astype(np.intp), weights.astype(np.float32), spread.astype(np.float32))


def _evenly(points: F32, allowed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """SAMPLES of the allowed points, far from each other, so that no region outvotes another.

    Farthest-point sampling (Gonzalez 1985).
    """
    distance = np.where(allowed, np.inf, -1.0)
    chosen = [int(np.argmax(allowed))]
    for _ in range(SAMPLES - 1):
        to_last = ((points - points[chosen[-1]]) ** 2).sum(axis=1)
        distance = np.minimum(distance, np.where(allowed, to_last, -1.0))
        chosen.append(int(np.argmax(distance)))
    return np.array(chosen, np.intp)


@njit(nogil=True, cache=True, inline="always")
def _box_mean(image: Image, x: float, y: float, radius: int) -> tuple[float, float, float, int]:
    """Mean B, G, R of the pixels up to `radius` from a point, and how many they are."""
    x0, y0 = int(x) - radius, int(y) - radius
    x1, y1 = min(image.shape[1], x0 + 2 * radius + 1), min(image.shape[0], y0 + 2 * radius + 1)
    x0, y0 = max(0, x0), max(0, y0)
    b, g, r = 0, 0, 0
    for row in range(y0, y1):
        for column in range(x0, x1):
            b += image[row, column, 0]
            g += image[row, column, 1]
            r += image[row, column, 2]
    count = max(0, x1 - x0) * max(0, y1 - y0)
    scale = 1.0 / max(count, 1)
    return b * scale, g * scale, r * scale, count


@njit(nogil=True, cache=True)
def _sample(
    image: Image,
    mesh: F32,
    facing: F32,
    corners: NDArray[np.intp],
    plain: F32,
    visible: F32,
    left: int,
    top: int,
    radius: int,
    out: F32,
) -> None:
    """Per sample weighted B, G, R and the weight itself (SAMPLES, 4); no `visible` values: all of it is."""
    rows, columns = visible.shape
    for n in range(corners.shape[0]):
        i, j, k = corners[n]
        x, y = (mesh[i, 0] + mesh[j, 0] + mesh[k, 0]) / 3, (mesh[i, 1] + mesh[j, 1] + mesh[k, 1]) / 3
        b, g, r, count = _box_mean(image, x, y, radius)
        weight = plain[n] * (facing[i] + facing[j] + facing[k]) / 3 if count else 0.0
        if visible.size:
            weight *= visible[min(max(int(y) - top, 0), rows - 1), min(max(int(x) - left, 0), columns - 1)] ** 2
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = b * weight, g * weight, r * weight, weight


@njit(nogil=True, cache=True)
def _mean_luma(image: Image, points: F32, radius: int) -> float:
    total = 0.0
    for n in range(points.shape[0]):
        b, g, r, _ = _box_mean(image, points[n, 0], points[n, 1], radius)
        total += LUMA[0] * b + LUMA[1] * g + LUMA[2] * r
    return float(total / points.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A face's light."""

    colour: F32
    """(478, 3) BGR 0..255 at each mesh point."""
    certainty: F32
    """(478,) 0..1: how much of it was seen nearby."""
    eyes: float
    """Mean luma 0..255 of what lies between the lids."""
    contrast: F32
    """(3,) how fast B, G and R change where luma changes: 1 each for plain shading. Film, make-up and a channel near
    its end bend that: there dark skin is orange rather than grey, and bright skin white."""

    def towards(self, other: Light, share: float | F32) -> Light:
        """A mixture: `share` (or one share per mesh point (478, 1)) of `other`."""
        overall = float(np.mean(share))
        return Light(
            np.asarray(self.colour + share * (other.colour - self.colour), np.float32),
            other.certainty,
            self.eyes + overall * (other.eyes - self.eyes),
            np.asarray(self.contrast + overall * (other.contrast - self.contrast), np.float32),
        )


_ALL_VISIBLE: Final = np.empty((0, 0), np.float32)


def measure_light(image: Image, mesh: F32, facing: F32, visible: Mask | None = None) -> Light:
    """The light on a face. `mesh` (478, 3) pixels; `facing` (478,) 0..1, 0 where the skin turns away."""
    samples, width = _samples(), face_width(mesh)
    values, left, top = _ALL_VISIBLE, 0, 0
    if visible is not None:
        values, left, top = visible.values, visible.region.left, visible.region.top
    weighted = np.empty((SAMPLES, 4), np.float32)
    radius = max(1, round(width / 70))
    _sample(image, mesh, facing, samples.corners, samples.weights, values, left, top, radius, weighted)
    total = weighted.sum(axis=0)
    mean = total[:3] / max(float(total[3]), 1e-6)
    summed = samples.spread @ weighted
    near = summed[:, 3:] + np.float32(TRUST)
    colour = (summed[:, :3] + np.float32(TRUST) * mean) / near
    eyes = _mean_luma(image, between_lids(mesh[:, :2]), max(1, round(width / 120)))
    return Light(colour, summed[:, 3] / near[:, 0], eyes, _contrast(weighted))


def _contrast(weighted: F32) -> F32:
    """See Light.contrast: each channel's regression on luma over the samples, in logarithms, drawn towards 1."""
    weights = weighted[:, 3]
    colours = np.log(np.maximum(weighted[:, :3] / np.maximum(weights, 1e-6)[:, None], 1.0) @ _WITH_LUMA)
    share = weights / max(float(weights.sum()), 1e-6)
    colours -= share @ colours
    towards = share * colours[:, 3]
    slopes = (towards @ colours + PLAIN) / (towards @ colours[:, 3] + PLAIN)
    return np.asarray(np.clip(slopes[:3], *CONTRASTS), np.float32)
