"""Six friends at a table: all of them in a still, nearly all while they move, each keeping their number."""

from __future__ import annotations

import numpy as np

from liveswapping.build import open_store
from liveswapping.domain.face import Face
from liveswapping.domain.settings import Settings
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.media.scene import Scene
from scripts.measures.bars import Bar
from scripts.measures.people import faces_in, picture_of

SIZE = (1280, 720)
FIRST_LOOK = 30
"""Frames in which a live analyser may still be finding everybody."""


def group(frames: int) -> list[Bar]:
    """Faces found in the still; in the moving picture, the fewest found in a frame and how often a number changed.

    A face that is found again after it was lost under another number counts as a change.
    """
    picture = picture_of("t1")
    still = faces_in(picture)
    scene = Scene(picture, still, SIZE, seed=4)
    analyser = MediapipeAnalyser(open_store(Settings()).path)
    counts, changes = [], 0
    known: dict[int, int] = {}
    homes = _places(list(analyser.faces(scene.draw(0))))
    try:
        for index in range(frames):
            faces = list(analyser.faces(scene.draw(index)))
            for face, place in zip(faces, _places(faces), strict=True):
                apart = np.hypot(*(homes - place).T) if len(homes) else np.array([])
                if not len(apart) or apart.min() > 0.5 * float(face.box[2] - face.box[0]):
                    homes = np.concatenate([homes, place[None]])
                    apart = np.hypot(*(homes - place).T)
                person = int(apart.argmin())
                changes += known.setdefault(person, face.track_id) != face.track_id
                known[person] = face.track_id
            if index >= FIRST_LOOK:
                counts.append(len(faces))
    finally:
        analyser.close()
    return [
        Bar("3 faces in the still t1", len(still), 6, at_least=True),
        Bar("3 faces in the moving t1, fewest", min(counts), 5, at_least=True),
        Bar("3 numbers that changed in the moving t1", changes, 0),
    ]


def _places(faces: list[Face]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array([[face.box[[0, 2]].mean(), face.box[[1, 3]].mean()] for face in faces], np.float32).reshape(-1, 2)
