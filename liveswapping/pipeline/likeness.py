"""Gives roles to faces that look like somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liveswapping.domain.casting import Role
from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Recogniser

_LOOK_AGAIN: Final = 15
"""Frames after which a tracked face is recognised anew: it may have turned towards the camera since."""
_FORGOTTEN: Final = 60
"""Frames after which a face that did not come back is forgotten."""


@dataclass(slots=True, eq=False)
class Known:
    """A tracked face."""

    embedding: F32
    """(512,) of unit length, the mean of several looks."""
    looked: int
    """In which frame it was looked at last."""
    seen: int
    """In which frame it was there last."""


class ByLikeness:
    """Roles for people who are recognised. A tracked face is looked at now and then, any other each time."""

    def __init__(self, roles: Sequence[Role], recogniser: Recogniser) -> None:
        """`roles` all have a likeness; the recogniser is this object's to close."""
        self._roles = tuple(roles)
        self._people = np.stack([role.likeness for role in roles if role.likeness is not None])
        self._recogniser = recogniser
        self._known: dict[int, Known] = {}
        self._frame = 0

    def choose(self, faces: Sequence[Face], image: Image, threshold: float, everybody: bool) -> dict[int, Role]:
        """Index of a face → its role, where their cosine is at least `threshold`, the most alike first.

        A role goes to one face, or with `everybody` to all that are alike enough.
        """
        self._frame += 1
        chosen: dict[int, Role] = {}
        if not faces:
            return chosen
        alike = np.stack(self._embeddings(faces, image)) @ self._people.T
        for index, which in (divmod(int(place), len(self._roles)) for place in np.argsort(-alike, axis=None)):
            if alike[index, which] < threshold:
                break
            role = self._roles[which]
            if index not in chosen and (everybody or role not in chosen.values()):
                chosen[index] = role
        self._forget()
        return chosen

    def reset(self) -> None:
        """Forget all faces."""
        self._known.clear()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._known, self._frame

    def restore(self, state: tuple[dict[int, Known], int]) -> None:
        """As `Resumable.restore`."""
        self._known, self._frame = state

    def close(self) -> None:
        """Release the recogniser."""
        self._recogniser.close()

    def _embeddings(self, faces: Sequence[Face], image: Image) -> list[F32]:
        """Of every face; of those already known one a frame is looked at again, the one that has waited longest."""
        known = [self._known[face.track_id] for face in faces if face.track_id in self._known]
        oldest = min(known, key=lambda one: one.looked, default=None)
        due = oldest if oldest is not None and oldest.looked + _LOOK_AGAIN <= self._frame else None
        return [self._embedding(face, image, due) for face in faces]

    def _embedding(self, face: Face, image: Image, due: Known | None) -> F32:
        known = self._known.get(face.track_id)
        if known is not None:
            known.seen = self._frame
            if known is due:
                mean = known.embedding + self._look(face, image)
                known.embedding = np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)
                known.looked = self._frame
            return known.embedding
        embedding = self._look(face, image)
        if face.track_id >= 0:
            self._known[face.track_id] = Known(embedding, self._frame, self._frame)
        return embedding

    def _look(self, face: Face, image: Image) -> F32:
        return face.embedding if face.embedding is not None else self._recogniser.embedding(image, face)

    def _forget(self) -> None:
        for track in [track for track, known in self._known.items() if known.seen + _FORGOTTEN < self._frame]:
            del self._known[track]
