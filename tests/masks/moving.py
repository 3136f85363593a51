"""The astronaut in motion, found anew in every frame, with things in front of her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.face_mesh import OVAL
from liveswapping.masks.occlusion import OcclusionMasker
from scripts.occluders import Occluder

SIDE = 340


@dataclass(frozen=True)
class Shot:
    """One frame, whose face it shows, and what lies in front of it (H×W, 0..1)."""

    image: Image
    face: Face
    alpha: F32


def sway(picture: Image, box: F32, frames: int) -> list[Image]:
    """The face of `picture` filling most of a square frame, swaying and turning a little, in changing light."""
    centre = (box[:2] + box[2:]) / 2
    shots = []
    for n in range(frames):
        size = 0.42 * SIDE / float(box[2] - box[0]) * (1 + 0.04 * np.sin(0.05 * n))
        turn = 0.08 * np.sin(0.09 * n + 1)
        c, s = size * np.cos(turn), size * np.sin(turn)
        place = np.array([SIDE / 2 + 12 * np.sin(0.07 * n), SIDE / 2 + 8 * np.sin(0.11 * n)])
        matrix = np.column_stack([[[c, -s], [s, c]], place - np.array([[c, -s], [s, c]]) @ centre])
        frame = cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        shots.append(np.clip(frame * (1 + 0.06 * np.sin(0.06 * n)), 0, 255).astype(np.uint8))
    return shots


def behind(
    frames: Sequence[Image], analyser: MediapipeAnalyser, thing: Occluder | None, start: int = 0, end: int = 10**6
) -> list[Shot]:
    """`frames` with `thing` in front of the face from frame `start` to before `end`, and the face as found in that."""
    analyser.reset()
    meshes = [_mesh(analyser, frame) for frame in frames]
    analyser.reset()
    shots = []
    for n, (frame, mesh) in enumerate(zip(frames, meshes, strict=True)):
        alpha = np.zeros(frame.shape[:2], np.float32)
        if thing is not None and start <= n < end:
            layer = thing(frame, mesh, n)
            frame, alpha = layer.over(frame), layer.alpha
        shots.append(Shot(frame, analyser.faces(frame)[0], alpha))
    return shots


def visible(masker: OcclusionMasker, shot: Shot) -> F32:
    """The masker's answer over the whole frame."""
    masker.start(shot.image)
    values = np.ones(shot.image.shape[:2], np.float32)
    mask = masker.mask(shot.image, shot.face)
    if mask is not None:
        values[mask.region.slices] = mask.values
    return values


def on_face(shot: Shot) -> np.ndarray:
    """H×W: inside the face's outline."""
    canvas = np.zeros(shot.image.shape[:2], np.uint8)
    assert shot.face.mesh is not None
    cv2.fillPoly(canvas, [np.round(shot.face.mesh[list(OVAL), :2]).astype(np.int32)], 1)
    return canvas > 0


def shares(masker: OcclusionMasker, shots: Sequence[Shot], free: Sequence[F32] | None = None) -> tuple[float, float]:
    """Share of the thing's pixels that are kept, and of free face pixels that are wrongly kept.

    `free` are the masks without the thing: what is hidden there too (a fringe) is not counted as free.
    """
    counts = np.zeros(4)
    for n, shot in enumerate(shots):
        values, face = visible(masker, shot), on_face(shot)
        thing, rest = face & (shot.alpha > 0.95), face & (shot.alpha < 0.05)
        if free is not None:
            rest &= free[n] > 0.5
        counts += (values[thing] < 0.27).sum(), thing.sum(), (values[rest] < 0.5).sum(), rest.sum()
    return float(counts[0] / max(counts[1], 1)), float(counts[2] / max(counts[3], 1))


def _mesh(analyser: MediapipeAnalyser, frame: Image) -> F32:
    mesh = analyser.faces(frame)[0].mesh
    assert mesh is not None
    return mesh
