"""The built-in analyser for moving pictures: MediaPipe's small face networks, detecting now and then, tracking between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.blazeface import FULL_RANGE, BlazeFace, overlap
from liveswapping.faces.landmarks import LandmarkNetwork, face_from, mesh_region
from liveswapping.faces.region import RotatedSquare

KEYFRAME = 10
"""A detection every so many frames while faces are tracked."""
SURE = 0.5
"""Below this the mesh network did not look at a face."""


@dataclass(slots=True)
class _Track:
    ident: int
    region: RotatedSquare
    face: Face | None = None


class MediapipeAnalyser:
    """Faces of a stream. One thread at a time; owns one worker thread until `close`."""

    def __init__(self, model_path: Callable[[str], Path], *, smooth: bool = True, max_faces: int = 8) -> None:
        self._detector = BlazeFace(FULL_RANGE, model_path)
        self._landmarks = LandmarkNetwork(model_path)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="faces")
        self._max_faces = max_faces
        self._smooth = smooth
        self._next_id = 0
        self.reset()

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of the next picture of the stream, largest first."""
        self._follow(image, self._tracks)
        self._tracks = [track for track in self._tracks if track.face is not None]
        if self._countdown <= 0 or not self._tracks:
            self._follow(image, self._found(image))
            self._countdown = KEYFRAME
        self._countdown -= 1
        faces = [track.face for track in self._tracks if track.face is not None]
        return sorted(faces, key=lambda face: -_area(face.box))

    def reset(self) -> None:
        """Forget all faces; the next picture is searched anew."""
        self._tracks: list[_Track] = []
        self._countdown = 0

    def close(self) -> None:
        """End the worker thread."""
        self._pool.shutdown()

    def _follow(self, image: Image, tracks: list[_Track]) -> None:
        for track in tracks:
            landmarks = self._landmarks(image, track.region, self._pool, SURE)
            if landmarks.score < SURE:
                track.face = None
                continue
            track.region = mesh_region(landmarks.mesh)
            track.face = face_from(landmarks.mesh, landmarks.score, track.ident)

    def _found(self, image: Image) -> list[_Track]:
        """New tracks for detections that no track covers."""
        boxes = [track.face.box for track in self._tracks if track.face is not None]
        new = []
        for detection in self._detector.detect(image):
            box = detection.corners.ravel()
            if boxes and float(overlap(box, np.stack(boxes)).max()) > 0.3:
                continue
            if len(self._tracks) + len(new) < self._max_faces:
                new.append(_Track(self._next_id, detection.region))
                self._next_id += 1
        self._tracks += new
        return new


def _area(box: F32) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
