"""Which point of MediaPipe's face mesh is what. "Left" is the image's left for an upright face."""

from __future__ import annotations

POINTS = 478
"""468 points of the surface, then five of each iris: centre, its right, top, left and bottom edge in the image."""

EYE_LEFT_OUTER, EYE_LEFT_INNER = 33, 133
EYE_RIGHT_INNER, EYE_RIGHT_OUTER = 362, 263
NOSE_TIP = 1
MOUTH_LEFT, MOUTH_RIGHT = 61, 291
IRIS_LEFT, IRIS_RIGHT = 468, 473

EYE_LEFT_RING = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
"""The edge of the lids: below from the outer to the inner corner, then above without the corners."""

EYE_RIGHT_RING = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)

_EYE_LEFT_RINGS = (
    (130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190),
    (226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189),
    (35, 124, 46, 53, 52, 65),
    (143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193),
)
_EYE_RIGHT_RINGS = (
    (359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414),
    (446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413),
    (265, 353, 276, 283, 282, 295),
    (372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417),
)

EYE_LEFT_AREA = EYE_LEFT_RING + tuple(index for ring in _EYE_LEFT_RINGS for index in ring)
"""The 71 points that the iris network answers, in its order: lids, rings around them, the brow (published in
MediaPipe's graph `tensors_to_face_landmarks_with_attention`)."""

EYE_RIGHT_AREA = EYE_RIGHT_RING + tuple(index for ring in _EYE_RIGHT_RINGS for index in ring)
