"""Hair has roots: where a fringe hides the forehead, what lies between it and the hairline is hair too.

The light parts of hair look like skin, and a fringe's lower edge alone, kept in front of a swapped forehead, would
hang in the air.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Mask
from liveswapping.imaging.face_mesh import FOREHEAD, OVAL, face_width

WIDTH: Final = 96
"""Working width in pixels."""
RAYS: Final = 180
BRIDGE: Final = 6
"""Mesh point between the eyes: rays start here."""
UPWARDS: Final = 75.0
"""Degrees to either side of straight up within which hair hangs into a face."""
NEAREST: Final = 0.22
"""Face widths from the bridge within which there are brows, not hair."""
LOCK: Final = 5
"""Working pixels: what is thinner is a strand, which hangs by itself."""
GAP: Final = 0.145
"""Face widths to the outline up to which a gap is closed; a hand further down has free forehead above it."""


def with_roots(mask: Mask, mesh: F32) -> Mask:
    """`mask` with the gaps closed between what hides the forehead of `mesh` (478, 3) and the outline above it."""
    scale = WIDTH / mask.region.width
    size = (WIDTH, max(1, round(mask.region.height * scale)))
    small = cv2.resize(mask.values, size, interpolation=cv2.INTER_AREA)
    points = (mesh[:, :2] - (mask.region.left, mask.region.top)) * scale
    above = points[FOREHEAD] - points[BRIDGE]
    straight = float(np.degrees(np.arctan2(above[1], above[0])))
    locks = cv2.morphologyEx(
        (np.asarray(small) < 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((LOCK, LOCK), np.uint8)
    )
    hidden = _rays(locks.astype(np.float32), points[BRIDGE]) > 0.5
    turned = (np.arange(RAYS) * 360.0 / RAYS - straight + 180.0) % 360.0 - 180.0
    hidden[np.abs(turned) > UPWARDS] = False
    wide = face_width(mesh) * scale
    hidden[:, : round(NEAREST * wide)] = False
    outline = np.zeros(size[::-1], np.float32)
    cv2.fillPoly(outline, [np.round(points[list(OVAL)]).astype(np.int32)], 1.0)
    rim = (_rays(outline, points[BRIDGE]) > 0.5).sum(axis=1)
    last = hidden.shape[1] - 1 - np.argmax(hidden[:, ::-1], axis=1)
    rooted = hidden.any(axis=1) & (rim - last < GAP * wide)
    if not rooted.any():
        return mask
    beyond = np.maximum.accumulate(hidden & rooted[:, None], axis=1).astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR | cv2.WARP_INVERSE_MAP | cv2.WARP_FILL_OUTLIERS
    filled = cv2.warpPolar(beyond, size, _centre(points[BRIDGE]), float(WIDTH), flags)
    filled = cv2.resize(filled, (mask.region.width, mask.region.height), interpolation=cv2.INTER_LINEAR)
    return Mask(mask.region, np.minimum(mask.values, 1.0 - np.asarray(filled, np.float32)))


def _rays(picture: F32, centre: F32) -> F32:
    """(RAYS, WIDTH) `picture` along rays from `centre`, one pixel a step."""
    flags = cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS
    return np.asarray(cv2.warpPolar(picture, (WIDTH, RAYS), _centre(centre), float(WIDTH), flags), np.float32)


def _centre(point: F32) -> tuple[float, float]:
    return float(point[0]), float(point[1])
