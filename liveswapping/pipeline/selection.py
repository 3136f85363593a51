"""Which of the faces in a frame are swapped."""

from __future__ import annotations

from collections.abc import Sequence

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image

_LEAD = 1.3
"""How much larger (in area) another face must be before it takes over: two people side by side differ by less from
frame to frame, and a swap that jumps between them is worse than one that stays."""


class Selector:
    """Chooses faces, and stays with a choice for as long as the face is there."""

    def __init__(self) -> None:
        self._chosen = -1

    def choose(self, faces: Sequence[Face], image: Image, which: str) -> Sequence[Face]:
        """The faces to swap. `which` is one of `settings.FACES`; left and right are the image's."""
        if which == "all" or not faces:
            return faces
        centre = image.shape[1] / 2, image.shape[0] / 2
        if which == "largest":
            face = self._largest(faces)
        elif which == "central":
            face = min(faces, key=lambda face: _distance(face, centre))
        else:
            face = (min if which == "leftmost" else max)(faces, key=lambda face: float(face.box[0] + face.box[2]))
        self._chosen = face.track_id
        return [face]

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._chosen

    def restore(self, state: int) -> None:
        """As `Resumable.restore`."""
        self._chosen = state

    def reset(self) -> None:
        """Forget the choice."""
        self._chosen = -1

    def _largest(self, faces: Sequence[Face]) -> Face:
        largest = max(faces, key=_area)
        for face in faces:
            if face.track_id == self._chosen >= 0 and _area(largest) < _LEAD * _area(face):
                return face
        return largest


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return float((right - left) * (bottom - top))


def _distance(face: Face, centre: tuple[float, float]) -> float:
    left, top, right, bottom = face.box
    return float(((left + right) / 2 - centre[0]) ** 2 + ((top + bottom) / 2 - centre[1]) ** 2)
