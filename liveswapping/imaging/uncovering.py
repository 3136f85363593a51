"""What a face that became smaller uncovers: not its surroundings, drawn in to close the gap, but what is behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Moved, Patch
from liveswapping.domain.frame import F32, Image, Region
from liveswapping.imaging.mesh_warp import draw_mesh

_CLEAR: Final = (0.25, 0.65)
"""Share of a person up to which a pixel is all background, and from which on it is all person."""
_INNER: Final = 0.04
"""Share of the way from a face's outline to its middle within which it may still be background: a mesh lies a little
askew. Further inside everything is face, whatever a segmentation says."""


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What is known of one frame's people, and of what they stand before."""

    plate: Image
    """The frame without them."""
    people: NDArray[np.uint8]
    """H×W, 0..255: how much of each pixel is a person."""


def uncovered(patch: Patch, backdrop: Backdrop) -> Patch:
    """`patch`, with the backdrop's own pixels wherever it does not show a person where it moved them to.

    A patch over the frame's own pixels, as every one is that has moved anything; one that has not stays as it is.
    """
    if patch.moved is None or not patch.mask.size:
        return patch
    height, width = patch.mask.shape
    region = Region(-int(patch.matrix[0, 2]), -int(patch.matrix[1, 2]), width, height)
    person = _person(patch.moved, backdrop.people, region)[..., None]
    behind = backdrop.plate[region.slices]
    mixed = behind + person * (patch.image.astype(np.float32) - behind)
    return replace(patch, image=np.rint(mixed).astype(np.uint8))


def _person(moved: Moved, people: NDArray[np.uint8], region: Region) -> F32:
    """How much of each pixel of the region is a person, where these were moved to."""
    back, covered = draw_mesh(moved.points, moved.back, moved.triangles, region)
    rows, columns = np.mgrid[: region.height, : region.width].astype(np.float32)
    shares = cv2.remap(
        people, columns + region.left + back[..., 0], rows + region.top + back[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    low, high = _CLEAR
    person = np.clip((np.asarray(shares, np.float32) / 255 - low) / (high - low), 0, 1)
    face = np.zeros(covered.shape, np.uint8)
    middle = moved.outline.mean(axis=0)
    inner = middle + (1 - _INNER) * (moved.outline - middle) - (region.left, region.top)
    cv2.fillPoly(face, [np.round(inner).astype(np.int32)], 1)
    return np.where((covered == 0) | (face > 0), np.float32(1), person)
