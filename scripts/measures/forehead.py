"""Whether the source's fringe comes along onto the target's forehead."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import face_mesh
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

    Skin: where the mask is above 0.5 and the mesh has no brow, eye, lip or nostril. The target's own skin there: its
    luma, smoothed over 3 % of the face's width, so that a pore or a wrinkle is not one.
    """
    dark = skin = 0
    for frame, face in zip(frames, tracked([frame.before for frame in frames], smooth=False), strict=True):
        if face is None or face.mesh is None:
            continue
        plain = (frame.mask > 0.5) & _plain_skin(frame.before, face.mesh)
        own = cv2.GaussianBlur(_luma(frame.before), (0, 0), 0.03 * width(face.mesh))
        dark += int((own - _luma(frame.after) > DARKER)[plain].sum())
        skin += int(plain.sum())
    return [Bar(f"6 dark pixels on swapped skin: {name}", dark / max(skin, 1), 0.005)]


def with_fringe(image: Image) -> Image:
    """The portrait with a dark fringe drawn over its forehead, in strands, down to the brows."""
    face = faces_in(image)[0]
    assert face.mesh is not None
    rng = np.random.default_rng(0)
    drawn = image.copy()
    across, size = face.mesh[454, :2] - face.mesh[234, :2], width(face.mesh)
    down = face.mesh[152, :2] - face.mesh[10, :2]
    for start in np.linspace(-0.52, 0.52, 90):
        root = face.mesh[10, :2] + start * across - 0.12 * down
        tip = root + (0.24 + rng.uniform(0.0, 0.1) - 0.25 * start**2) * down + rng.normal(0, 0.03) * across
        shade = tuple(int(value) for value in rng.uniform(0.7, 1.3) * np.array([22, 28, 38]))
        cv2.line(drawn, _pixel(root), _pixel(tip), shade, max(1, round(0.02 * size)), cv2.LINE_AA)
    return drawn


def _pixel(point: F32) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _plain_skin(image: Image, mesh: F32) -> Image:
    """H×W bool: on the mesh, and away from its features."""
    region = mesh_region(mesh[:, :2], 1.0, image.shape[1], image.shape[0])
    feature = at_points(features(), face_mesh().uv)[:, None]
    values, covered = draw_mesh(mesh[:, :2], feature.astype(np.float32), face_mesh().triangles, region)
    plain = np.zeros(image.shape[:2], bool)
    plain[region.slices] = (covered > 0) & (values[..., 0] < 0.02)
    return plain


def _luma(image: Image) -> F32:
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32)
