"""Whether the source's fringe comes along onto the target's forehead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import CHIN, FOREHEAD, face_mesh
from liveswapping.imaging.face_zones import at_points, features
from liveswapping.imaging.mesh_warp import draw_mesh, mesh_region
from scripts.measures.bars import Bar
from scripts.measures.geometry import width
from scripts.measures.people import faces_in
from scripts.measures.swapping import SwappedFrame, tracked

DARKER = 40.0
"""Levels of luma below the target's own skin that no skin of ours may reach by itself."""


def forehead(name: str, frames: Sequence[SwappedFrame]) -> list[Bar]:
    """Share of swapped skin pixels that are darker than the target's own skin there by more than 40 levels.

    Skin: where the mask is above 0.5 and neither the target's mesh nor that of the result (whose shape may be the
    source's) has a brow, an eye, a lip or a nostril. The target's own skin there: its luma, smoothed over 3 % of the
    face's width, so that a pore or a wrinkle is not one.
    """
    before = tracked([frame.before for frame in frames], smooth=False)
    after = tracked([frame.after for frame in frames], smooth=False)
    dark = skin = 0
    for frame, target, result in zip(frames, before, after, strict=True):
        if target is None or result is None or target.mesh is None or result.mesh is None:
            continue
        plain = (frame.mask > 0.5) & _plain_skin(frame.before, target.mesh) & _plain_skin(frame.after, result.mesh)
        own = cv2.GaussianBlur(_luma(frame.before), (0, 0), 0.03 * width(target.mesh))
        dark += int((own - _luma(frame.after) > DARKER)[plain].sum())
        skin += int(plain.sum())
    return [Bar(f"6 dark pixels on swapped skin: {name}", dark / max(skin, 1), 0.005)]


HAIRLINE = (54, 103, 67, 109, 10, 338, 297, 332, 284)
"""Points of the mesh along the top of the forehead."""


def with_fringe(image: Image) -> Image:
    """The portrait with a dark fringe drawn over its forehead, in strands, down to the brows."""
    face = faces_in(image)[0]
    assert face.mesh is not None
    rng = np.random.default_rng(0)
    drawn = image.copy()
    size = width(face.mesh)
    down = face.mesh[CHIN, :2] - face.mesh[FOREHEAD, :2]
    places = np.linspace(0, len(HAIRLINE) - 1, 240)
    for place, (x, y) in zip(places, _along(face.mesh[list(HAIRLINE), :2], places), strict=True):
        middle = 1 - abs(place / (len(HAIRLINE) - 1) - 0.5)
        root = np.array([x, y]) - 0.3 * down
        tip = root + (0.36 + 0.16 * middle + rng.uniform(-0.07, 0.04)) * down + rng.normal(0, 0.03, 2) * size
        shade = tuple(int(value) for value in rng.uniform(0.6, 1.5) * np.array([24, 26, 29]))
        cv2.line(drawn, _pixel(root), _pixel(tip), shade, max(1, round(0.012 * size)), cv2.LINE_AA)
    return drawn


def _along(points: F32, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) positions on the line through `points`, counted in points."""
    numbers = np.arange(len(points))
    return np.stack([np.interp(places, numbers, points[:, axis]) for axis in (0, 1)], axis=1)


def _pixel(point: NDArray[np.floating[Any]]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _plain_skin(image: Image, mesh: F32) -> Image:
    """H×W bool: on the mesh, and away from its features."""
    region = mesh_region(mesh[:, :2], 1.0, image.shape[1], image.shape[0])
    # Looked up for every pixel: between mesh points, which are far apart on a forehead, brows would spread over it.
    uv, covered = draw_mesh(mesh[:, :2], face_mesh().uv, face_mesh().triangles, region)
    feature = at_points(features(), uv.reshape(-1, 2)).reshape(covered.shape)
    plain = np.zeros(image.shape[:2], bool)
    plain[region.slices] = (covered > 0) & (feature < 0.02)
    return plain


def _luma(image: Image) -> F32:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)
