"""What moves behind a hole: the flow around it, carried on into it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.inpainting.membrane import fill_smoothly
from liveswapping.inpainting.motion import grid

_SAMPLES: Final = 4000
"""Pixels around the holes that the common motion is fitted to."""
_ROUNDS: Final = 5
_SCALE: Final = 0.3
"""Pixels from the fit at which a flow counts half."""
_ENOUGH: Final = 40
"""Fewer pixels than this fit nothing."""


def complete_flow(flow: F32, known: NDArray[np.bool_]) -> F32:
    """`flow` (h×w×2) with what is not `known` (h×w) filled in; a copy.

    What the camera does (an affine motion, fitted robustly) goes on unchanged into the hole; what the surroundings do
    besides goes on like a membrane, since diffusion alone continues a zoom or a turn too flatly.
    """
    common = _affine(flow, known)
    if common is None:
        return fill_smoothly(flow, known)
    return np.asarray(fill_smoothly(flow - common, known) + common, np.float32)


def _affine(flow: F32, known: NDArray[np.bool_]) -> F32 | None:
    """The affine flow field that most of the known flow follows; iteratively reweighted least squares."""
    places = np.flatnonzero(known)
    if places.size < _ENOUGH:
        return None
    places = places[:: max(1, places.size // _SAMPLES)]
    height, width = known.shape
    columns, rows = grid(height, width)
    terms = np.stack([columns / width - 0.5, rows / height - 0.5, np.ones_like(rows)], axis=-1).reshape(-1, 3)
    at, wanted = terms[places].astype(np.float64), flow.reshape(-1, 2)[places].astype(np.float64)
    found = np.array([[0, 0], [0, 0], np.median(wanted, axis=0)])
    for _ in range(_ROUNDS):
        error = np.square(wanted - at @ found).sum(axis=1)
        weight = 1 / (1 + error / _SCALE**2)
        weighted = at * weight[:, None]
        found = np.linalg.solve(weighted.T @ at + 1e-6 * np.eye(3), weighted.T @ wanted)
    return np.asarray((terms @ found.astype(np.float32)).reshape(flow.shape), np.float32)
