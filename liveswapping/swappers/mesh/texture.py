"""A photograph prepared once: what is left of a face when its light has been taken out, unrolled to UV space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Portrait
from liveswapping.domain.frame import F32, Mask, Region
from liveswapping.imaging import face_zones
from liveswapping.imaging.face_mesh import POINTS, face_mesh, face_width
from liveswapping.imaging.mesh_warp import draw_mesh
from liveswapping.swappers.mesh.light import measure_light
from liveswapping.swappers.mesh.pose import Pose, facing, pose_of

SIZE: Final = 512
"""Texels per side: about one per pixel of a face 480 wide."""
UNIT: Final = 4096.0
"""Fixed-point texels: this is 1.0."""
DARKEST: Final = 16.0
"""Light below this level carries no ratio worth keeping."""
LARGEST_FACE: Final = 640
"""A photograph with a larger face is reduced first: the texture could not hold its detail and would alias."""
RIM: Final = 0.07
"""Width of the soft border along the face's outline, in UV units."""


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A prepared photograph. `levels` are int16 (S, S, 4) at S = 512, 256, 128: detail B, G, R (a channel's ratio to
    the local light, less 1) and how sure the texel is skin of this face, all × UNIT."""

    levels: tuple[NDArray[np.int16], ...]
    pose: Pose


def _reduced(portrait: Portrait) -> tuple[np.ndarray, F32, Mask | None]:
    mesh = portrait.face.mesh
    assert mesh is not None
    factor = min(1.0, LARGEST_FACE / max(face_width(mesh), 1.0))
    if factor == 1.0:
        return portrait.image, mesh, portrait.visible
    image = cv2.resize(portrait.image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    visible = portrait.visible
    if visible is not None:
        r = visible.region
        region = Region(round(r.left * factor), round(r.top * factor), round(r.width * factor), round(r.height * factor))
        visible = Mask(region, cv2.resize(visible.values, (region.width, region.height), interpolation=cv2.INTER_AREA))
    return image, (mesh * factor).astype(np.float32), visible


def _seen(visible: Mask | None, where: F32) -> F32 | float:
    """`visible` at the pixels `where` (H, W, 2)."""
    if visible is None:
        return 1.0
    local = where - np.array([visible.region.left, visible.region.top], np.float32)
    return cv2.remap(visible.values, local, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)


def prepare_texture(portrait: Portrait) -> Texture:
    """Take the light out of a photograph and unroll what remains. Needs `portrait.face.mesh`."""
    image, mesh, visible = _reduced(portrait)
    topology, turned = face_mesh(), facing(mesh)
    light = measure_light(image, mesh, turned, visible)
    square = Region(0, 0, SIZE, SIZE)
    values = np.concatenate([mesh[:POINTS, :2], light.colour[:POINTS], turned[:POINTS, None]], axis=1)
    unrolled, _ = draw_mesh(topology.uv[:POINTS] * (SIZE - 1), values, topology.triangles, square)
    where, low, turned_at = unrolled[..., :2], unrolled[..., 2:5], unrolled[..., 5]
    colours = cv2.remap(image, where, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    detail = (colours - low) / np.maximum(low, DARKEST)
    sure = np.clip((turned_at - 0.12) / 0.3, 0.0, 1.0) * _seen(visible, where)
    detail, sure = _mirrored_where_unsure(detail, sure.astype(np.float32))
    rim = cv2.resize(face_zones.inside_outline(), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    sure *= _smooth(np.clip(rim / RIM, 0.0, 1.0))
    texels = np.concatenate([np.clip(detail, -1.5, 3.0), sure[..., None]], axis=2)
    halves = [texels]
    for _ in range(2):
        halves.append(cv2.resize(halves[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    levels = tuple(np.ascontiguousarray(np.round(level * UNIT).astype(np.int16)) for level in halves)
    return Texture(levels, pose_of(mesh))


def _smooth(x: F32) -> F32:
    return x * x * (3.0 - 2.0 * x)


def _mirrored_where_unsure(detail: F32, sure: F32) -> tuple[F32, F32]:
    """Fill what the photograph does not show from the other side of the face, where that is seen better."""
    other, other_sure = detail[:, ::-1], sure[:, ::-1]
    borrowed = np.clip(other_sure - sure, 0.0, 1.0)
    share = borrowed / np.maximum(sure + borrowed, 1e-6)
    share = cv2.GaussianBlur(share, (0, 0), 6.0)
    return detail + share[..., None] * (other - detail), np.maximum(sure, borrowed * other_sure)
