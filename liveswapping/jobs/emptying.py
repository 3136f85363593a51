"""A film on its way to being swapped: people taken out of it, and what is behind those who stay, found beforehand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from liveswapping.domain.casting import Cast
from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Frame, Image
from liveswapping.domain.protocols import Analyser, Recogniser
from liveswapping.domain.settings import Settings
from liveswapping.imaging.face_mesh import face_width
from liveswapping.imaging.uncovering import Backdrop
from liveswapping.inpainting.canvas import Canvas, grown
from liveswapping.inpainting.motion import Grey
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Hole, Inpainter
from liveswapping.jobs.holed_film import HoledFilm
from liveswapping.masks.heads import face_area
from liveswapping.masks.people import PeopleAreas, PersonSegmenter
from liveswapping.media.film_source import FilmSource
from liveswapping.pipeline.casting import Casting
from liveswapping.pipeline.cuts import CutAnalyser
from liveswapping.pipeline.film import Behind
from liveswapping.pipeline.selection import Selector

WHAT: Final = ("face", "person")
"""What of a person can be hidden."""
_DILATION: Final = 4
"""Pixels by which what is taken out grows, as for inpainting."""
_RIM: Final = 0.02
"""Widths of a face by which people grow, beside that, where they are taken off what is behind them. Not more: what is
seen right beside them is no guess."""
_NEAR: Final = 1.0
"""Widths of a face around it within which what is behind people is looked for."""


@dataclass(frozen=True, slots=True)
class Emptying:
    """What is taken out of a film in which faces are swapped."""

    hide: str | None = None
    """One of WHAT, of everybody who is not swapped; with nobody to become, of whom `settings.faces` says."""
    outline: bool = False
    """Where a swapped face is smaller than what it replaces, what is behind it is shown."""
    engine: str = "auto"
    """What fills: auto, builtin or propainter."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Emptying:
        """As flags and requests name it."""
        return cls(options.get("hide"), bool(options.get("fill_outline")), options.get("fill_engine") or "auto")

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return self.hide is not None or self.outline


class Ahead:
    """What was found of frames before the pipeline comes to them: its analyser, and what is behind each frame."""

    def __init__(self) -> None:
        self._faces: deque[Sequence[Face] | Exception] = deque()
        self._behind: dict[int, Behind] = {}

    def offer(self, index: int, faces: Sequence[Face] | Exception, behind: Behind) -> None:
        """The next frame, before whoever reads it has it."""
        self._behind[index] = behind
        self._faces.append(faces)

    def behind(self, index: int) -> Behind:
        """Of a frame, once."""
        return self._behind.pop(index, Behind())

    def faces(self, image: Image) -> Sequence[Face]:
        """As `Analyser.faces`."""
        found = self._faces.popleft()
        if isinstance(found, Exception):
            raise found
        return found

    def reset(self) -> None:
        """What was found does not depend on what was found before."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True, eq=False)
class _Noted:
    faces: Sequence[Face] | Exception
    hidden: Hole | None
    people: Grey | None


class RoleMarker:
    """A marker of who is hidden, and of who stands before what is to be uncovered. Every picture of a film, in order.

    Owns analyser and recogniser.
    """

    def __init__(
        self,
        emptying: Emptying,
        settings: Settings,
        cast: Cast,
        analyser: Analyser,
        recogniser: Recogniser | None,
        model_path: Callable[[str], Path],
        first: int,
    ) -> None:
        """A cast without roles: nobody is swapped, and the settings say who is hidden. `first`: note from there on."""
        self._emptying, self._settings = emptying, settings
        self._analyser = CutAnalyser(analyser)
        self._casting = Casting(cast, recogniser) if cast.roles else None
        self._selector = Selector()
        self._areas = None if emptying.hide is None else PeopleAreas(emptying.hide)
        segments = emptying.outline or emptying.hide == "person"
        self._segmenter = PersonSegmenter(model_path) if segments else None
        self._cuts = 0
        self._left = first
        self.noted: deque[_Noted] = deque()
        """Of every picture from the first on, until somebody takes it."""

    def mark(self, image: Image) -> Hole:
        """As `Marker.mark`."""
        faces: Sequence[Face] | Exception
        try:
            faces = self._analyser.faces(image)
        except Exception as error:  # noqa: BLE001 - one frame's failure is that frame's, and who is hidden stays so
            faces = error
        if self._analyser.cuts != self._cuts:
            self._cut()
        swapped, hidden = self._roles([] if isinstance(faces, Exception) else faces, image)
        shares = None if self._segmenter is None else self._segmenter.shares(image)
        people = None if shares is None or self._segmenter is None else self._segmenter.people(shares)
        hole = np.zeros(image.shape[:2], np.bool_)
        if self._areas is not None:
            hole = self._areas.of(image, hidden, swapped, people)
            for face in swapped:
                hole &= ~face_area(face, hole.shape)
        self._note(faces, hole, shares if swapped else None)
        if self._emptying.outline and people is not None and swapped:
            hole = hole | _near(people, swapped)
        return hole

    def end(self, pictures: int) -> None:
        """However many."""

    def close(self) -> None:
        """Release the networks."""
        with ExitStack() as parts:
            parts.callback(self._analyser.close)
            if self._casting is not None:
                parts.callback(self._casting.close)

    def _note(self, faces: Sequence[Face] | Exception, hidden: Hole, shares: F32 | None) -> None:
        if self._left:
            self._left -= 1
            return
        grey = np.rint(shares * 255).astype(np.uint8) if self._emptying.outline and shares is not None else None
        self.noted.append(_Noted(faces, grown(hidden, _DILATION) if hidden.any() else None, grey))

    def _cut(self) -> None:
        self._cuts = self._analyser.cuts
        for part in (self._areas, self._segmenter):
            if part is not None:
                part.forget()

    def _roles(self, faces: Sequence[Face], image: Image) -> tuple[list[Face], list[Face]]:
        """Who is swapped, and who is hidden; of those whose mesh is known."""
        if self._casting is None:
            hidden = list(self._selector.choose(faces, image, self._settings.faces))
            return [], [face for face in hidden if face.mesh is not None]
        chosen = [face for face, _ in self._casting.choose(faces, image, self._settings)]
        kept = {id(face) for face in chosen}
        others = [face for face in faces if id(face) not in kept and face.mesh is not None]
        return [face for face in chosen if face.mesh is not None], others


class EmptiedFilm:
    """A source: a film's frames without those who are hidden. What was found of each is offered to `ahead` before.

    Owns the film, its marker and the inpainter. One thread reads.
    """

    live: Final = False

    def __init__(self, film: FilmSource, marker: RoleMarker, inpainter: Inpainter, first: int, ahead: Ahead) -> None:
        """`film` stands at its beginning; frames come from `first` on, as the marker's notes do."""
        self._film, self._marker, self._inpainter, self._ahead = film, marker, inpainter, ahead
        canvas = Canvas.of(film.info.width, film.info.height, dilation=_DILATION)
        self._holed = HoledFilm(film, marker, canvas, first, whole=False)
        self._filled = self._holed.filled(inpainter, True, Record())
        self.complete = False
        """Whether all frames were handed out."""

    def read(self, timeout: float) -> Frame | None:
        """The next frame."""
        filled = next(self._filled, None)
        if filled is None:
            self.complete = self._film.complete
            raise EndOfStream
        noted, frame = self._marker.noted.popleft(), filled.frame
        backdrop = None if noted.people is None else Backdrop(filled.image, noted.people)
        self._ahead.offer(frame.index, noted.faces, Behind(noted.hidden is not None, backdrop))
        if noted.hidden is None:
            return frame
        return replace(frame, image=np.where(noted.hidden[..., None], filled.image, frame.image))

    def close(self) -> None:
        """Close all of it."""
        with ExitStack() as parts:
            parts.callback(self._inpainter.close)
            parts.callback(self._marker.close)
            parts.callback(self._holed.close)
            parts.callback(self._filled.close)


def _near(people: Hole, faces: Sequence[Face]) -> Hole:
    """The people around faces, grown over their borders."""
    near = np.zeros_like(people)
    rim = 1
    for face in faces:
        assert face.mesh is not None
        width = face_width(face.mesh)
        (left, top), (right, bottom) = face.mesh[:, :2].min(axis=0), face.mesh[:, :2].max(axis=0)
        around = _NEAR * width
        rows = slice(max(0, int(top - around)), max(0, int(bottom + around)))
        near[rows, max(0, int(left - around)) : max(0, int(right + around))] = True
        rim = max(rim, round(_RIM * width))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
    return np.asarray(cv2.dilate((people & near).astype(np.uint8), kernel)) > 0
