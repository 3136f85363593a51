"""Whether a still face stays still, and whether a moving one is followed at once."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from liveswapping.domain.face import Face, Identity
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.face_mesh import POINTS
from scripts.measures.bars import Bar
from scripts.measures.geometry import lag, width
from scripts.measures.swapping import swap_clip, tracked

SIGMA = 4.0
"""Sensor noise in levels, on every channel."""
REPEATS = 100
SETTLED = 15
"""Frames of every run that are not counted: a tracker that has just begun is no still frame's."""
TURN = np.radians(60.0)
TURN_FRAMES = 15
"""60° in half a second at 30 frames a second."""


def noisy(image: Image, seed: int = 0) -> list[Image]:
    """The same frame with fresh noise, over and over."""
    rng = np.random.default_rng(seed)
    return [np.clip(image + rng.normal(0.0, SIGMA, image.shape) + 0.5, 0, 255).astype(np.uint8) for _ in range(REPEATS)]


def steadiness(name: str, image: Image, person: Identity) -> list[Bar]:
    """Deviation of mesh points and of swapped pixels on a still frame with sensor noise.

    A point's deviation is the root of its mean squared distance from its own mean place, in per cent of the face's
    width. The pixels' is their standard deviation over time where the mask is above 0.95 in every frame, by the
    noise's own.
    """
    frames = noisy(image)
    meshes = _meshes(tracked(frames, smooth=True))[SETTLED:]
    places = meshes[:, :POINTS, :2]
    apart = np.sqrt(((places - places.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)) / width(meshes[0]) * 100
    swapped = swap_clip(frames, person)[SETTLED:]
    inside = np.min([frame.mask for frame in swapped], axis=0) > 0.95
    levels = np.stack([frame.after[inside] for frame in swapped]).astype(np.float32)
    return [
        Bar(f"5 still mesh, mean deviation, % of width: {name}", float(apart.mean()), 0.05),
        Bar(f"5 still mesh, worst point, % of width: {name}", float(apart.max()), 0.10),
        Bar(f"5 still pixels by noise: {name}", float(levels.std(axis=0).mean()) / SIGMA, 0.6),
    ]


def lateness(name: str, frames: Sequence[Image]) -> list[Bar]:
    """By how many frames the smoothed mesh comes after the unsmoothed one: clip at 4× speed, and a fast turn."""
    return [
        Bar(f"5 lag at 4× speed, frames: {name}", _lag(frames[::4]), 1.0),
        Bar(f"5 lag in a 60° turn, frames: {name}", _lag(turning(frames[0])), 1.0),
    ]


def turning(image: Image) -> list[Image]:
    """The picture held, turned in its plane by 60° about the face in half a second, and held again."""
    (face,) = tracked([image], smooth=False)
    assert face is not None, "the turned picture shows no face"
    x, y = float(face.box[[0, 2]].mean()), float(face.box[[1, 3]].mean())
    angles = np.interp(np.arange(TURN_FRAMES + 30), [15, 15 + TURN_FRAMES], [-TURN / 2, TURN / 2])
    size = image.shape[1], image.shape[0]
    turned = []
    for angle in np.degrees(angles):
        matrix = cv2.getRotationMatrix2D((x, y), float(angle), 1.0)
        turned.append(np.asarray(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REFLECT_101), np.uint8))
    return turned


def _lag(frames: Sequence[Image]) -> float:
    smoothed, plain = (tracked(frames, smooth=smooth) for smooth in (True, False))
    both = [index for index, pair in enumerate(zip(smoothed, plain, strict=True)) if all(pair)]
    after, before = (_meshes([faces[index] for index in both]) for faces in (smoothed, plain))
    return lag(after[:, :POINTS, :2].reshape(len(both), -1), before[:, :POINTS, :2].reshape(len(both), -1))


def _meshes(faces: Sequence[Face | None]) -> F32:
    return np.stack([face.mesh for face in faces if face is not None and face.mesh is not None])
