"""Masks of people, of their faces and of their hair, over whole pictures: what of a clip is to be taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Analyser
from liveswapping.inference.litert import LiteRtModel
from liveswapping.masks.heads import Mark, bodies, hair_area, whole_face_area

KINDS: Final = ("face", "person", "hair")
_WIDE: Final = 1.3
"""Width by height from which on the network for wide pictures is used."""
_PERSON: Final = 0.4
"""Share from which on a pixel belongs to a person; rather too much than too little is taken out."""
_NEWEST: Final = 0.6
"""Weight of the newest picture in the shares: they flicker less."""
_KEPT: Final = 8
"""Pictures for which a face that is not found any more is masked where it was."""

Choose = Callable[[Sequence[Face], Image], Sequence[Face]]


def everybody(faces: Sequence[Face], image: Image) -> Sequence[Face]:
    """All of them are meant."""
    return faces


class PersonSegmenter:
    """Says which pixels are people, by MediaPipe's selfie segmentation. Made for people near the camera."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        self._path = model_path
        self._network: LiteRtModel | None = None
        self._usual: F32 | None = None

    def shares(self, image: Image) -> F32:
        """H×W, 0..1."""
        height, width = image.shape[:2]
        if self._network is None:
            wide = width > _WIDE * height
            name = "selfie_segmentation_landscape" if wide else "selfie_segmentation"
            self._network = LiteRtModel(self._path(name), threads=2)
        _, rows, columns, _ = self._network.input_shape
        small = cv2.cvtColor(cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
        (found,) = self._network(np.ascontiguousarray(small[None], np.float32) / np.float32(255))
        scaled = cv2.resize(found[0, ..., 0], (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(scaled, np.float32)

    def people(self, shares: F32) -> Mark:
        """H×W: who is in the next picture of a clip, whose shares these are; evened out over the pictures before."""
        if self._usual is None or self._usual.shape != shares.shape:
            self._usual = shares
        self._usual = _NEWEST * shares + (1 - _NEWEST) * self._usual
        return np.asarray(self._usual > _PERSON)

    def forget(self) -> None:
        """The next picture does not follow on."""
        self._usual = None


class PeopleAreas:
    """Which pixels are the faces, hair or bodies of those who are meant. Every picture of one clip, in order.

    Hair is approximate: what of a person around a face is neither that face nor has its skin's colour.
    """

    def __init__(self, kind: str) -> None:
        """`kind`: one of KINDS."""
        self._kind = kind
        self._held: dict[int, tuple[Face, int]] = {}

    def of(self, image: Image, meant: Sequence[Face], others: Sequence[Face], people: Mark | None) -> Mark:
        """H×W. Faces have meshes. `people`: who is in the picture; needed but for faces.

        Who is meant and was lost a moment ago is taken to be still there.
        """
        self._hold(meant, others)
        known = [face for face, _ in self._held.values()]
        if self._kind == "person":
            assert people is not None
            return bodies(known, others, people)
        marks = np.zeros(image.shape[:2], np.bool_)
        for face in known:
            if self._kind == "face":
                marks |= whole_face_area(image, face)
            else:
                assert people is not None
                marks |= hair_area(image, face, people)
        return marks

    def forget(self) -> None:
        """The next picture does not follow on."""
        self._held.clear()

    def _hold(self, meant: Sequence[Face], others: Sequence[Face]) -> None:
        there = {_key(face, n): face for n, face in enumerate(meant)}
        gone = {_key(face, n) for n, face in enumerate(others)} if others else set()
        kept = {
            key: (face, missing + 1)
            for key, (face, missing) in self._held.items()
            if key not in there and key not in gone and missing < _KEPT
        }
        self._held = {**kept, **{key: (face, 0) for key, face in there.items()}}


class PeopleMarker:
    """A marker of every person, face or head of hair of a clip. One clip; one thread."""

    def __init__(
        self, kind: str, model_path: Callable[[str], Path], analyser: Analyser | None, choose: Choose = everybody
    ) -> None:
        """`kind`: one of KINDS. `analyser` finds faces, and is closed with this; None: every person is meant.

        `choose` says whose: of the faces of a picture, those that are meant.
        """
        self._choose = choose
        self._segmenter = None if kind == "face" else PersonSegmenter(model_path)
        self._areas = PeopleAreas(kind)
        self._analyser = analyser

    def mark(self, image: Image) -> Mark:
        """As `Marker.mark`."""
        people = None if self._segmenter is None else self._segmenter.people(self._segmenter.shares(image))
        if self._analyser is None:
            assert people is not None
            return people
        found = [face for face in self._analyser.faces(image) if face.mesh is not None]
        meant = self._choose(found, image)
        others = [face for face in found if not any(face is one for one in meant)]
        return self._areas.of(image, meant, others, people)

    def end(self, pictures: int) -> None:
        """However many."""

    def close(self) -> None:
        """Release the networks."""
        if self._analyser is not None:
            self._analyser.close()


def _key(face: Face, number: int) -> int:
    """Of the same face in the next picture, as far as it is followed."""
    return face.track_id if face.track_id >= 0 else -1 - number
