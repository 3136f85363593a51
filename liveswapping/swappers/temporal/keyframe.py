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
from liveswapping.swappers.temporal.geometry import FIRST_EYE, front_triangles, points_of, ring_number
from liveswapping.swappers.temporal.light import light_at_points
from liveswapping.swappers.temporal.mixing import Mixing, packed
from liveswapping.swappers.temporal.own import OwnPixels, no_own_pixels, own_pixels
from liveswapping.swappers.temporal.owners import owners

FINER: Final = 2
"""A keyframe is kept this many times finer, interpolated once and well, so that reading between pixels costs no
sharpness. Faces wider than LARGE pixels have sharpness to spare."""
LARGE: Final = 420
_SHOWN: Final = 1 / 255
"""What a mask must reach for the answer's pixel to count; an engine need not draw any other."""
_MARGIN: Final = 0.15
"""Face widths that are kept around what an engine shows: a picture need not move as its outline does."""


@dataclass(frozen=True, slots=True, eq=False)
class Keyframe:
    """What an engine made of a face, with everything that was seen then."""

    identity: Identity
    look: Look
    index: int
    """The frame's number, counted by the caller."""
    mesh: F32
    """(478, 3) of the face then."""
    keypoints: F32
    """(5, 2) of it."""
    points: F32
    """(VERTICES, 2) of it."""
    light: F32
    """(VERTICES, 3)."""
    region: Region
    """The part of the frame that is kept."""
    camera: Image
    """(h, w, 3) what was seen there."""
    answer: Image
    """(h, w, 3) what the engine made of it, unblended; the camera's own where its mask is 0."""
    mask: F32
    """(h, w) the engine's."""
    whole: Image
    """(h, w, 3) all of the engine's picture, also where its mask is 0; the camera's own beyond its border."""
    within: NDArray[np.bool_]
    """(h, w) where there is any."""
    matrix: F32
    """(2, 3) the engine's, frame to patch."""
    size: tuple[int, int]
    """Of the engine's patch: height, width."""
    own: OwnPixels
    """Where, and from where, the answer shows the camera's own pixels."""

    @property
    def width(self) -> float:
        """Of the face, in pixels."""
        return face_width(self.mesh)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A keyframe's answer, or the rest of it, made ready to be carried."""

    scale: int
    """How many times finer than the frame `skin` and `eyes` are."""
    skin: NDArray[np.uint8]
    """(scale·h, scale·w, 4) BGR of the answer, and its mask; skin is continued into the eyes' openings."""
    eyes: NDArray[np.uint8]
    """The same, but what lies between the lids is continued over the lids."""
    own: OwnPixels
    """The keyframe's, where those are to be shown."""
    shows: NDArray[np.uint8]
    """Per triangle of `front_triangles`: 0, the answer leaves the frame alone; 2, some of it is the camera's own; 1."""
    outline: Sheet | None = None
    """The mask alone, where that moves otherwise than the picture; the mask of `skin` and `eyes` is then all of it."""


def keyframe_of(image: Image, target: Target, patch: Patch, index: int) -> Keyframe | None:
    """Keep the engine's answer `patch` to `target` in `image`; None for a face without mesh or out of sight."""
    mesh = target.face.mesh
    if mesh is None or not (patch.mask > _SHOWN).any():
        return None
    points = points_of(mesh)
    region = _region(patch, points, _MARGIN * face_width(mesh), image.shape)
    if region.width < 8 or region.height < 8:
        return None
    whole, within, mask = _in_region(image, patch, region)
    camera = image[region.slices].copy()
    answer = np.where((mask > _SHOWN)[..., None], whole, camera)
    return Keyframe(
        target.identity,
        target.look,
        index,
        mesh,
        target.face.keypoints,
        points,
        light_at_points(image, mesh, target.visible),
        region,
        camera,
        answer,
        mask,
        whole,
        within,
        patch.matrix,
        (patch.mask.shape[0], patch.mask.shape[1]),
        own_pixels(answer, camera, mask, face_width(mesh)),
    )


def sheet_of(key: Keyframe, mixing: Mixing | None, *, stiff: bool) -> Sheet:
    """Make a keyframe ready: all of its answer, or what `mixing` leaves of it.

    `stiff`: the picture will not move as the face's outline does.
    """
    picture = key.whole if stiff or mixing is not None else key.answer
    if mixing is not None:
        picture = packed(picture - mixing.of(key.camera, key.width))
    mask = key.within.astype(np.float32) if stiff else key.mask
    plain = stiff or mixing is not None
    own = no_own_pixels(picture.shape) if plain else key.own
    scale, shows = FINER if key.width <= LARGE else 1, _shows(key.points, key.region, mask, own)
    if stiff:
        layers = _finer(picture, mask, scale)
        return Sheet(scale, layers, layers, own, shows, _outline(key))
    opening = _openings(key.points, key.region)
    skin, eyes = (_finer(_continued(picture, known), mask, scale) for known in (opening == 0, opening > 0))
    return Sheet(scale, skin, eyes, own, shows)


def _outline(key: Keyframe) -> Sheet:
    own = no_own_pixels(key.mask.shape)
    layers = _finer(np.zeros_like(key.camera), key.mask, 1)
    return Sheet(1, layers, layers, own, _shows(key.points, key.region, key.mask, own))


def face_centre(face: Face) -> F32:
    """(2,) the middle of the face's box."""
    return np.asarray((face.box[:2] + face.box[2:]) / 2, np.float32)


def _region(patch: Patch, points: F32, margin: float, shape: tuple[int, ...]) -> Region:
    """The part of a frame of this shape that a patch shows something of, with `margin`, as far as `points` reach."""
    shown = patch.mask > _SHOWN
    (top, bottom), (left, right) = (np.flatnonzero(shown.any(axis=axis))[[0, -1]] for axis in (1, 0))
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]], np.float32)
    back = cv2.invertAffineTransform(patch.matrix)
    lowest, highest = points.min(axis=0) + margin, points.max(axis=0) - margin
    return mesh_region(np.clip(corners @ back[:, :2].T + back[:, 2], lowest, highest), margin, shape[1], shape[0])


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
    hidden = np.setdiff1d(np.arange(ring_number(), len(triangles)), np.unique(owner))
    shows[hidden] = 2  # what was not in sight then may be now
    return shows


def _in_region(image: Image, patch: Patch, region: Region) -> tuple[Image, NDArray[np.bool_], F32]:
    """The patch over the frame's own pixels, unblended, where there is any of it, and its mask."""
    onto = patch.matrix.astype(np.float64).copy()
    onto[:, 2] += onto[:, :2] @ (region.left, region.top)
    size, flags = (region.width, region.height), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(patch.image, onto, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(patch.mask, onto, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    everywhere = np.ones(patch.mask.shape, np.uint8)
    within = cv2.warpAffine(everywhere, onto, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=0) > 0
    whole = np.where(within[..., None], picture, image[region.slices])
    return np.asarray(whole, np.uint8), np.asarray(within), np.asarray(mask, np.float32)


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
