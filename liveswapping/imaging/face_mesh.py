"""The shape and wiring of the 478-point face mesh that MediaPipe's networks give.

The networks publish points, not triangles. Both the neutral shape and the triangles here are ours:
`scripts/make_face_mesh.py` averages the frontalised, mirrored meshes of the faces in our dependencies' sample
pictures and triangulates them. "Left" and "right" are the image's, for an upright face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

POINTS: Final = 468
"""Points of the face itself; ten iris points follow."""

# fmt: off
OVAL: Final = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
               152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
"""The outline, clockwise in the image from the top of the forehead."""
LIPS: Final = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 408, 304, 303, 302, 11, 72, 73, 74, 184),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 407, 272, 271, 268, 12, 38, 41, 42, 183),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
)
"""Four rings from the lips' outer edge to the mouth's opening: left corner, lower lip, right corner, upper lip."""
LIPS_OUTER: Final = LIPS[0]
LIPS_INNER: Final = LIPS[3]
EYE_LEFT: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
"""The opening of the eye on the image's left: outer corner, lower lid, inner corner, upper lid."""
EYE_RIGHT: Final = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
BROW_LEFT: Final = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
BROW_RIGHT: Final = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)
IRIS_LEFT: Final = (468, 469, 470, 471, 472)
"""Centre, then four points of the rim."""
IRIS_RIGHT: Final = (473, 474, 475, 476, 477)
NOSE_TIP: Final = 1
CHIN: Final = 152
FOREHEAD: Final = 10
CHEEK_LEFT: Final = 234
"""The outline beside the ear; with CHEEK_RIGHT it spans the face's width."""
CHEEK_RIGHT: Final = 454
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """Shape and wiring. All arrays are read-only."""

    canonical: F32
    """(478, 3) neutral frontal shape; face width 1, origin at the centroid, x right, y down, smaller z is nearer."""
    uv: F32
    """(478, 2) 0..1, the shape unrolled around the head's vertical axis; u → 1−u mirrors it."""
    triangles: NDArray[np.int32]
    """(898, 3) point numbers below 468, clockwise in the image when seen from the front; eyes and mouth are filled."""
    mirror: NDArray[np.int32]
    """(478,) the point on the other side."""


@cache
def face_mesh() -> FaceMesh:
    """The one mesh there is, read on first use."""
    with np.load(Path(__file__).with_name("face_mesh.npz"), allow_pickle=False) as arrays:
        loaded = {name: arrays[name] for name in ("canonical", "uv", "triangles", "mirror")}
    for array in loaded.values():
        array.setflags(write=False)
    return FaceMesh(**loaded)


def face_width(mesh: F32) -> float:
    """Width of a face in pixels, from cheek to cheek in three dimensions, so that a turned head keeps its width."""
    return float(np.linalg.norm(mesh[CHEEK_LEFT] - mesh[CHEEK_RIGHT]))
