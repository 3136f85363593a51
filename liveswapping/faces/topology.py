"""What MediaPipe's iris network answers, in points of the face mesh. The mesh itself: `imaging.face_mesh`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32

Points = NDArray[np.intp]

MESH_POINTS: Final = 478
"""468 points of the face, then five of each iris: its centre, then the rim at the image's right, top, left, bottom."""


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """One eye: its corners from left to right in the image, and where the iris network's answer goes."""

    left_corner: int
    right_corner: int
    lids: Points
    """(16,) points, the first of `area`: the lower lid from corner to corner, then the upper one without them."""
    area: Points
    """(71,) points: lids, three rings around them, the brow. Published in MediaPipe's graph
    `tensors_to_face_landmarks_with_attention`."""
    iris: int
    """Its first point."""
    flip: bool
    """The network knows only the eye on the image's left; the other one is shown to it in a mirror."""


_LEFT_LIDS = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
_LEFT_RINGS = (
    *(130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190),
    *(226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189),
    *(35, 124, 46, 53, 52, 65),
    *(143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193),
)
_RIGHT_LIDS = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
_RIGHT_RINGS = (
    *(359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414),
    *(446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413),
    *(265, 353, 276, 283, 282, 295),
    *(372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417),
)

LEFT_EYE: Final = Eye(33, 133, np.array(_LEFT_LIDS), np.array(_LEFT_LIDS + _LEFT_RINGS), 468, False)
RIGHT_EYE: Final = Eye(362, 263, np.array(_RIGHT_LIDS), np.array(_RIGHT_LIDS + _RIGHT_RINGS), 473, True)

AREA_TRUST: Final[F32] = np.repeat(np.array([1.0, 0.7, 0.4], np.float32), [32, 16, 23])
"""How far the iris network's word goes for each point of `area`: its outer rings and brows are twice as noisy as the
mesh network's, and so they meet without a step."""

KEYPOINTS: Final = np.array((468, 473, 1, 61, 291))
"""ArcFace's five points: irises, nose tip, mouth corners, each pair from left to right in the image."""
