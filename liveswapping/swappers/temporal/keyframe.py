"""One answer of a slow engine, prepared to be carried to later frames. All of it happens beside the live loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Image, Region
from liveswapping.domain.look import Look
from liveswapping.imaging.face_mesh import face_width
from liveswapping.imaging.mesh_warp import draw_mesh, mesh_region
from liveswapping.swappers.mesh.eyes import CORNERS, eye_triangles
from liveswapping.swappers.temporal.geometry import FIRST_EYE, front_triangles, points_of
from liveswapping.swappers.temporal.light import light_at_points
from liveswapping.swappers.temporal.own import OwnPixels, own_pixels
from liveswapping.swappers.temporal.owners import owners

FINER: Final = 2
"""A keyframe is kept this many times finer, interpolated once and well, so that reading between pixels costs no
sharpness. Faces wider than LARGE pixels have sharpness to spare."""
LARGE: Final = 420
_SHOWN: Final = 1 / 255
"""What a mask must reach for the answer's pixel to count; an engine need not draw any other."""
_MARGIN: Final = 3
"""Pixels around the rings."""


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """What an engine made of a face, with everything that was seen then."""

    identity: Identity
    look: Look
    index: int
    """The frame's number, counted by the caller."""
    mesh: F32
    """(478, 3) of the face then."""
    points: F32
    """(VERTICES, 2) of it."""
    light: F32
    """(VERTICES, 3)."""
    region: Region
    """The part of the frame that is kept."""
    scale: int
    """How many times finer than the frame `skin` and `eyes` are."""
    skin: NDArray[np.uint8]
    """(scale·h, scale·w, 4) BGR of the answer, and its mask; skin is continued into the eyes' openings."""
    eyes: NDArray[np.uint8]
    """The same, but what lies between the lids is continued over the lids."""
    own: OwnPixels
    """Where, and from where, the answer shows the camera's own pixels."""
    shows: NDArray[np.uint8]
    """Per triangle of `front_triangles`: 0, the answer leaves the frame alone; 2, some of it is the camera's own; 1."""


def keyframe_of(image: Image, target: Target, patch: Patch, index: int) -> Keyframe | None:
    """Prepare the engine's answer `patch` to `target` in `image`; None for a face without mesh or out of sight."""
    mesh = target.face.mesh
    if mesh is None:
        return None
    points = points_of(mesh)
    region = mesh_region(points, _MARGIN, image.shape[1], image.shape[0])
    if region.width < 8 or region.height < 8:
        return None
    answer, mask = _in_region(image, patch, region)
    scale = FINER if face_width(mesh) <= LARGE else 1
    opening = _openings(points, region)
    own = own_pixels(answer, image[region.slices], mask, face_width(mesh))
    return Keyframe(
        target.identity,
        target.look,
        index,
        mesh,
        points,
        light_at_points(image, mesh, target.visible),
        region,
        scale,
        _finer(_continued(answer, opening == 0), mask, scale),
        _finer(_continued(answer, opening > 0), mask, scale),
        own,
        _shows(points, region, mask, own),
    )


def face_centre(face: Face) -> F32:
    """(2,) the middle of the face's box."""
    return np.asarray((face.box[:2] + face.box[2:]) / 2, np.float32)


def _shows(points: F32, region: Region, mask: F32, own: OwnPixels) -> NDArray[np.uint8]:
    """See `Keyframe.shows`; a triangle beside one that shows something does so, too: what is read between pixels."""
    triangles = front_triangles()
    owner = owners(points, triangles, region)
    size = mask.shape[1], mask.shape[0]
    trust = cv2.resize(np.ascontiguousarray(own.values[..., 0]), size, interpolation=cv2.INTER_LINEAR)
    wide = np.ones((5, 5), np.uint8)
    seen = cv2.dilate((mask > _SHOWN).astype(np.uint8), wide) > 0
    borrowed = seen & (cv2.dilate((trust > 0).astype(np.uint8), wide) > 0)
    shows = np.zeros(len(triangles), np.uint8)
    shows[np.unique(owner[seen & (owner >= 0)])] = 1
    shows[np.unique(owner[borrowed & (owner >= 0)])] = 2
    hidden = np.setdiff1d(np.arange(len(triangles)), np.unique(owner))
    shows[hidden] = 2  # what was not in sight then may be now
    return shows


def _in_region(image: Image, patch: Patch, region: Region) -> tuple[Image, F32]:
    """The patch over the frame's own pixels, unblended: picture and mask (h, w)."""
    onto = patch.matrix.astype(np.float64).copy()
    onto[:, 2] += onto[:, :2] @ (region.left, region.top)
    size, flags = (region.width, region.height), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(patch.image, onto, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(patch.mask, onto, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    answer = image[region.slices].copy()
    shown = mask > _SHOWN
    answer[shown] = picture[shown]
    return answer, np.asarray(mask, np.float32)


def _openings(points: F32, region: Region) -> NDArray[np.uint8]:
    """(h, w) 1 between the lids."""
    openings = points[FIRST_EYE:]
    return draw_mesh(openings, np.zeros((CORNERS, 1), np.float32), eye_triangles(0), region)[1]


def _continued(picture: Image, known: NDArray[np.bool_]) -> Image:
    """`picture` with a few pixels beyond what is known filled from what is known nearby."""
    weight = known.astype(np.float32)
    near = cv2.GaussianBlur(weight, (0, 0), 1.5)
    filled = cv2.GaussianBlur(picture * weight[..., None], (0, 0), 1.5) / np.maximum(near, 1e-3)[..., None]
    unknown = ~known & (near > 1e-2)
    result = picture.copy()
    result[unknown] = np.clip(filled[unknown] + 0.5, 0, 255).astype(np.uint8)
    return result


def _finer(picture: Image, mask: F32, scale: int) -> NDArray[np.uint8]:
    layers = np.dstack([picture, np.clip(mask * 255.0 + 0.5, 0, 255).astype(np.uint8)])
    if scale == 1:
        return np.ascontiguousarray(layers)
    size = layers.shape[1] * scale, layers.shape[0] * scale
    return np.asarray(cv2.resize(layers, size, interpolation=cv2.INTER_CUBIC), np.uint8)
