"""The built-in analyser for single pictures: takes its time, finds small, tilted and cut-off faces too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import FULL_RANGE, BlazeFace, Detection, same_faces
from liveswapping.faces.landmarks import NEW, Sight, face_of
from liveswapping.faces.lanes import LANES, Lanes
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.search import photograph_searches
from liveswapping.faces.tracks import apart
from liveswapping.imaging.face_mesh import face_width

_SURE = 0.9
"""The mesh network must be as sure as this: it, not the detector, decides what is a face."""
_SMALLEST = 16.0
"""Width in pixels below which a face is not worth having."""
_ATTEMPTS = 3
"""So many detections of the same face are tried before it is given up."""


class StillsAnalyser:
    """Faces of pictures that have nothing to do with each other. One thread at a time; has one worker thread."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        """Load the networks. Raises ModelError."""
        self._detectors = [BlazeFace(FULL_RANGE, model_path) for _ in range(LANES)]
        self._lanes = Lanes(model_path)

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of a picture, largest first; track ids are -1."""
        searches = [self._job(image, square) for square in photograph_searches(image)]
        detections = [found for answer in self._lanes.spread(searches) for found in answer]
        unseen = same_faces(detections)
        sights: list[Sight] = []
        for attempt in range(_ATTEMPTS):
            unseen = [group for group in unseen if len(group) > attempt]
            answers = self._lanes.sights(image, [group[attempt].region for group in unseen], NEW)
            sights += [sight for sight in answers if sight is not None and _worthy(sight)]
            unseen = [
                group for group, sight in zip(unseen, answers, strict=True) if sight is None or not _worthy(sight)
            ]
        faces = [face_of(sight.mesh, sight.surface.score) for sight in _distinct(sights)]
        return sorted(faces, key=lambda face: -float((face.box[2:] - face.box[:2]).prod()))

    def reset(self) -> None:
        """Nothing is kept from picture to picture."""

    def close(self) -> None:
        """End the worker thread."""
        self._lanes.close()

    def _job(self, image: Image, square: TurnedSquare) -> Callable[[int], list[Detection]]:
        return lambda lane: self._detectors[lane].detect(image, square)


def _worthy(sight: Sight) -> bool:
    return sight.surface.score > _SURE and face_width(sight.mesh) >= _SMALLEST


def _distinct(sights: Sequence[Sight]) -> list[Sight]:
    """One sight of each face: the one whose networks agree best."""
    kept: list[Sight] = []
    for sight in sorted(sights, key=lambda candidate: candidate.doubt):
        if all(apart(sight, other) > 0.5 for other in kept):
            kept.append(sight)
    return kept
