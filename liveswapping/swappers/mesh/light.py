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


@njit(nogil=True, cache=True)
def _box_means(image: Image, points: F32, radius: int, out: F32) -> None:
    height, width = image.shape[0], image.shape[1]
    for n in range(points.shape[0]):
        x0, y0 = int(points[n, 0]) - radius, int(points[n, 1]) - radius
        x1, y1 = min(width, x0 + 2 * radius + 1), min(height, y0 + 2 * radius + 1)
        x0, y0 = max(0, x0), max(0, y0)
        count = max(0, x1 - x0) * max(0, y1 - y0)
        b, g, r = 0, 0, 0
        for y in range(y0, y1):
            for x in range(x0, x1):
                b += image[y, x, 0]
                g += image[y, x, 1]
                r += image[y, x, 2]
        out[n, 3] = 1.0 if count > 0 else 0.0
        scale = 1.0 / max(count, 1)
        out[n, 0], out[n, 1], out[n, 2] = b * scale, g * scale, r * scale


def _visibility(points: F32, visible: Mask | None) -> F32 | float:
    if visible is None:
        return 1.0
    region = visible.region
    x = np.clip(points[:, 0].astype(np.intp) - region.left, 0, region.width - 1)
    y = np.clip(points[:, 1].astype(np.intp) - region.top, 0, region.height - 1)
    seen: F32 = visible.values[y, x]
    return seen**2


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """A face's light."""

    colour: F32
    """(478, 3) BGR 0..255 at each mesh point."""
    certainty: F32
    """(478,) 0..1: how much of it was seen nearby."""
    eyes: float
    """Mean luma 0..255 of what lies between the lids."""

    def towards(self, other: Light, share: float | F32) -> Light:
        """A mixture: `share` (or one share per mesh point (478, 1)) of `other`."""
        overall = float(np.mean(share))
        return Light(
            np.asarray(self.colour + share * (other.colour - self.colour), np.float32),
            other.certainty,
            self.eyes + overall * (other.eyes - self.eyes),
        )


def measure_light(image: Image, mesh: F32, facing: F32, visible: Mask | None = None) -> Light:
    """The light on a face. `mesh` (478, 3) pixels; `facing` (478,) 0..1, 0 where the skin turns away."""
    samples = _samples()
    points = mesh[:, :2][samples.corners].mean(axis=1)
    means = np.empty((len(points), 4), np.float32)
    _box_means(image, points, max(1, round(face_width(mesh) / 70)), means)
    weights = samples.weights * means[:, 3] * facing[samples.corners].mean(axis=1) * _visibility(points, visible)
    total = max(float(weights.sum()), 1e-6)
    mean = weights @ means[:, :3] / total
    summed = samples.spread @ np.concatenate([means[:, :3] * weights[:, None], weights[:, None]], axis=1)
    colour = (summed[:, :3] + TRUST * mean) / (summed[:, 3:] + TRUST)
    certainty = summed[:, 3] / (summed[:, 3] + TRUST)
    colour, certainty = colour.astype(np.float32), certainty.astype(np.float32)
    return Light(colour, certainty, _eyes_luma(image, mesh))


def _eyes_luma(image: Image, mesh: F32) -> float:
    points = between_lids(mesh[:, :2])
    means = np.empty((len(points), 4), np.float32)
    _box_means(image, points, max(1, round(face_width(mesh) / 120)), means)
    return float(np.mean(means[:, :3] @ LUMA))
