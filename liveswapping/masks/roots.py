"""Hair has roots: where a fringe hides the forehead, what lies between it and the hairline is hair too.

The light parts of hair look like skin, and a fringe's lower edge alone, kept in front of a swapped forehead, would
hang in the air.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray

from liveswapping.imaging.face_mesh import FOREHEAD, POINTS, face_mesh
from liveswapping.masks.atlas import SIZE, atlas
from liveswapping.masks.regions import Flags

RAYS: Final = 76
STEPS: Final = 64
BRIDGE: Final = 6
"""Mesh point between the eyes: rays start here."""
UPWARDS: Final = 75.0
"""Degrees to either side of straight up within which hair hangs into a face."""
NEAREST: Final = 0.22
"""Face widths from the bridge within which there are brows, not hair; rays begin here, …"""
FARTHEST: Final = 0.85
"""… and end here, outside the face."""
LOCK: Final = 5
"""Texels along a forehead: what is narrower is a strand, which hangs by itself."""
EDGE: Final = 3
"""Texels down it: of light hair little more than the shadow below its edge differs from skin."""
GAP: Final = 0.145
"""Face widths to the outline up to which a gap is closed; a hand further down has free forehead above it."""
BETWEEN: Final = 8
"""Rays to both sides within which hair has roots, where all that hides the forehead here has them too."""


@cache
def _rays() -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """(RAYS, STEPS, 2) row and column along each ray, -1 off the face; (SIZE, SIZE, 2) ray and step, -1 elsewhere."""
    uv, shape = face_mesh().uv[:POINTS] * (SIZE - 1), face_mesh().canonical[:POINTS]
    unit = np.ptp(uv, axis=0) / np.ptp(shape[:, :2], axis=0) * np.ptp(shape[:, 0])
    centre = uv[BRIDGE]
    up = (uv[FOREHEAD] - centre) / unit
    straight = np.arctan2(up[1], up[0])
    turns = straight + np.radians(np.linspace(-UPWARDS, UPWARDS, RAYS))
    reach = np.linspace(NEAREST, FARTHEST, STEPS)
    directions = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * unit
    places = np.round(centre + directions[:, None] * reach[None, :, None]).astype(int)[..., ::-1]
    inside = ((places >= 0) & (places < SIZE)).all(axis=-1)
    inside &= atlas().triangle[tuple(np.clip(places, 0, SIZE - 1).transpose(2, 0, 1))] >= 0
    along = np.where(inside[..., None], places, -1).astype(np.int16)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    offset = (np.stack([columns, rows], axis=-1) - centre) / unit
    turn = np.degrees(np.arctan2(offset[..., 1], offset[..., 0]) - straight)
    turn = (turn + 180.0) % 360.0 - 180.0
    ray = np.round((turn + UPWARDS) / (2 * UPWARDS) * (RAYS - 1))
    step = np.floor((np.hypot(*offset.transpose(2, 0, 1)) - NEAREST) / (FARTHEST - NEAREST) * (STEPS - 1))
    off = (ray < 0) | (ray >= RAYS) | (step < 0) | (step >= STEPS) | (atlas().triangle < 0)
    return along, np.where(off[..., None], -1, np.stack([ray, step], axis=-1)).astype(np.int16)


@njit(nogil=True, cache=True)
def _first_steps(hidden: Flags, locks: Flags, along: NDArray[np.int16], gap: float) -> NDArray[np.int16]:
    """Per ray: the step from which on all is hair, beyond its end where there is no hair with roots."""
    rays, steps = along.shape[0], along.shape[1]
    firsts, hangs = np.full(rays, steps, np.int16), np.full(rays, steps, np.int16)
    for ray in range(rays):
        first, last, rim = steps, -1, 0
        for step in range(steps):
            row, column = along[ray, step]
            if row < 0:
                continue
            rim = step
            if hidden[row, column]:
                hangs[ray] = min(hangs[ray], step)
            if locks[row, column]:
                first, last = min(first, step), step
        if last >= 0 and rim - last < gap:
            firsts[ray] = first
    rooted = firsts < steps
    for ray in range(rays):
        left, right = rooted[max(0, ray - BETWEEN) : ray], rooted[ray + 1 : ray + 1 + BETWEEN]
        if not rooted[ray] and left.any() and right.any():
            firsts[ray] = hangs[ray]
    return firsts


@njit(nogil=True, cache=True)
def _fill(flags: Flags, polar: NDArray[np.int16], firsts: NDArray[np.int16]) -> Flags:
    """`flags` and what lies further out on its ray than the ray's first step."""
    filled = flags.copy()
    for row in range(flags.shape[0]):
        for column in range(flags.shape[1]):
            ray, step = polar[row, column]
            if ray >= 0 and step >= firsts[ray]:
                filled[row, column] = 1
    return filled


def with_roots(hidden: Flags) -> Flags:
    """`hidden` (SIZE, SIZE) and the gaps between what hides the forehead and the outline above it."""
    along, polar = _rays()
    locks = np.asarray(cv2.morphologyEx(hidden, cv2.MORPH_OPEN, np.ones((EDGE, LOCK), np.uint8)), np.uint8)
    firsts = _first_steps(hidden, locks, along, GAP / (FARTHEST - NEAREST) * (STEPS - 1))
    return _fill(hidden, polar, firsts)
