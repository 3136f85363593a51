"""Masks of people, of their faces and of their hair, over whole pictures: what of a clip is to be taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Analyser
from liveswapping.imaging.face_mesh import OVAL, face_width
from liveswapping.inference.litert import LiteRtModel

KINDS: Final = ("face", "person", "hair")
_WIDE: Final = 1.3
"""Width by height from which on the network for wide pictures is used."""
_PERSON: Final = 0.4
"""Share from which on a pixel belongs to a person; rather too much than too little is taken out."""
_NEWEST: Final = 0.6
"""Weight of the newest picture in the shares: they flicker less."""
_AROUND: Final = 0.12
"""Widths of a face by which its mask grows: over chin and ears, and up to the hair."""
_KEPT: Final = 8
"""Pictures for which a face that is not found any more is masked where it was."""
_HEAD: Final = (0.9, 1.1, 0.9)
"""Widths of a face that hair may reach beside it, above it, and below its chin."""
_CROWN: Final = 0.25
"""Share of a face's height, from its top, above which hair begins."""
_SKIN: Final = 12.0
"""Distance of Cr and Cb from the face's own, in levels, up to which a pixel is skin."""
_BRIGHT: Final = 0.6
"""Share of the face's brightness below which nothing is skin: dark hair has the colour of skin."""

Mark = NDArray[np.bool_]
Choose = Callable[[Sequence[Face], Image], Sequence[Face]]


def everybody(faces: Sequence[Face], image: Image) -> Sequence[Face]:
    """All of them are meant."""
    return faces


class PersonSegmenter:
    """Says which pixels are people, by MediaPipe's selfie segmentation. Made for people near the camera."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        self._path = model_path
        self._network: LiteRtModel | None = None

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


class PeopleMarker:
    """A marker of every person, face or head of hair of a clip. One clip; one thread.

    Hair is approximate: what of a person around a face is neither that face nor has its skin's colour.
    """

    def __init__(
        self, kind: str, model_path: Callable[[str], Path], analyser: Analyser | None, choose: Choose = everybody
    ) -> None:
        """`kind`: one of KINDS. `analyser` finds faces, and is closed with this; None: every person is meant.

        `choose` says whose: of the faces of a picture, those that are meant.
        """
        self._kind = kind
        self._choose = choose
        self._segmenter = None if kind == "face" else PersonSegmenter(model_path)
        self._analyser = analyser
        self._shares: F32 | None = None
        self._faces: list[Face] = []
        self._missing = 0

    def mark(self, image: Image) -> Mark:
        """As `Marker.mark`."""
        people = self._people(image)
        if self._analyser is None:
            return people
        marks = np.zeros(image.shape[:2], np.bool_)
        for face in self._found(image):
            if self._kind == "face":
                marks |= face_area(face, marks.shape)
            else:
                marks |= _hair(image, face, people) if self._kind == "hair" else _body(face, people)
        return marks

    def end(self, pictures: int) -> None:
        """However many."""

    def close(self) -> None:
        """Release the networks."""
        if self._analyser is not None:
            self._analyser.close()

    def _people(self, image: Image) -> Mark:
        if self._segmenter is None:
            return np.zeros(image.shape[:2], np.bool_)
        newest = self._segmenter.shares(image)
        if self._shares is None or self._shares.shape != newest.shape:
            self._shares = newest
        self._shares = _NEWEST * newest + (1 - _NEWEST) * self._shares
        return np.asarray(self._shares > _PERSON)

    def _found(self, image: Image) -> list[Face]:
        """The faces of the picture; none found: for a while those of the last one."""
        assert self._analyser is not None
        found = [face for face in self._analyser.faces(image) if face.mesh is not None]
        faces = list(self._choose(found, image))
        self._missing = 0 if faces else self._missing + 1
        if faces or self._missing > _KEPT:
            self._faces = faces
        return self._faces


def face_area(face: Face, shape: tuple[int, ...], around: float = _AROUND) -> Mark:
    """H×W: a face within its outline, grown by `around` of its width."""
    assert face.mesh is not None
    canvas = np.zeros(shape[:2], np.uint8)
    outline = np.round(face.mesh[list(OVAL), :2]).astype(np.int32)
    cv2.fillConvexPoly(canvas, cv2.convexHull(outline), 1)
    size = 2 * round(around * face_width(face.mesh)) + 1
    return np.asarray(cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))) > 0


def _body(face: Face, people: Mark) -> Mark:
    """The person whose face that is: what hangs together with it, neighbours that touch them among it."""
    _, parts = cv2.connectedComponents(people.astype(np.uint8))
    own = np.unique(parts[face_area(face, people.shape, 0.0)])
    return np.isin(parts, own[own > 0])


def _hair(image: Image, face: Face, people: Mark) -> Mark:
    assert face.mesh is not None
    inside = face_area(face, people.shape, 0.0)
    outline = face.mesh[list(OVAL), :2]
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    beside, above, below = (share * face_width(face.mesh) for share in _HEAD)
    head = np.zeros_like(people)
    rows = slice(max(0, int(top - above)), max(0, int(bottom + below)))
    head[rows, max(0, int(left - beside)) : max(0, int(right + beside))] = True
    if not inside.any():
        return np.zeros_like(people)
    light = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb).astype(np.float32)
    own = np.median(light[inside], axis=0)
    skin = np.abs(light[..., 1:] - own[1:]).max(axis=2) < _SKIN
    skin &= light[..., 0] > _BRIGHT * own[0]
    hair = (people & head & ~inside & ~skin).astype(np.uint8)
    hair = np.asarray(cv2.morphologyEx(hair, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
    _, parts = cv2.connectedComponents(hair)
    crown = parts[max(0, int(top - above)) : max(0, int(top + _CROWN * (bottom - top)))]
    return np.isin(parts, np.unique(crown[crown > 0]))  # what hangs together with it: not a dark collar
