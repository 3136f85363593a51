"""Faces, the people they shall become, and the patches that put the one onto the other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image, Mask
from liveswapping.domain.look import Look


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one frame; coordinates are the frame's pixels, x to the right, y down."""

    box: F32
    """(4,) x1, y1, x2, y2 of the face (of the mesh, where there is one)."""
    keypoints: F32
    """(5, 2) in the ArcFace order: eye on the image's left, eye on its right, nose tip, mouth corner on the
    image's left, mouth corner on its right (for an upright face)."""
    score: float
    """0..1: how sure the analyser is that this is a face."""
    mesh: F32 | None = None
    """(478, 3) MediaPipe's face mesh (468) and irises (2×5): x, y in pixels, z in the same unit, smaller is nearer."""
    embedding: F32 | None = None
    """(512,) ArcFace embedding of unit length."""
    track_id: int = -1
    """The same for the same face in consecutive frames; -1 where the analyser does not track."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photograph of a person, the face in it, and what of that face is visible (None: all)."""

    image: Image
    face: Face
    visible: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Identity:
    """A person to become: one photograph or several. Compared by object: engines cache what they prepare of it."""

    name: str
    portraits: tuple[Portrait, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A face in the frame, who it shall become, how, and what of it is visible (None: all)."""

    face: Face
    identity: Identity
    visible: Mask | None = None
    look: Look = field(default_factory=Look)


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """How an engine has moved a face and what is around it, as triangles; coordinates are the frame's pixels."""

    points: F32
    """(N, 2) where each corner was drawn."""
    back: F32
    """(N, 2) the way from there to where the frame shows it."""
    triangles: NDArray[np.int32]
    """(T, 3) corners, later ones over earlier ones."""
    outline: F32
    """(M, 2) the border of the face as it was drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """An engine's answer for one face.

    `image` is uint8 h×w×3 BGR; `mask` is float32 h×w, 0 keeps the frame and 1 takes the patch;
    `matrix` is (2, 3) and maps frame coordinates to patch coordinates (pixel centres at integers).
    """

    image: Image
    matrix: F32
    mask: F32
    moved: Moved | None = None
    """None: nothing was moved."""
