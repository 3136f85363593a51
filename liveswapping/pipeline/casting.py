"""Which of the faces in a frame become whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from liveswapping.domain.casting import Cast
from liveswapping.domain.face import Face, Identity
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Recogniser
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.likeness import ByLikeness
from liveswapping.pipeline.places import ByPlace
from liveswapping.pipeline.selection import Selector


class Casting:
    """Gives faces their roles: first to those who are recognised, then by place, then to whom the selector takes."""

    def __init__(self, cast: Cast, recogniser: Recogniser | None = None) -> None:
        """A cast that recognises needs a recogniser, which becomes this object's to close; else ValueError."""
        if cast.recognises and recogniser is None:
            raise ValueError("a cast that tells people apart was given no recogniser")
        known = [role for role in cast.roles if role.likeness is not None]
        placed = [role for role in cast.roles if role.place is not None]
        self._by_likeness = ByLikeness(known, recogniser) if known and recogniser is not None else None
        self._by_place = ByPlace(placed) if placed else None
        self._plain = next((role for role in cast.roles if role.plain), None)
        self._selector = Selector()

    def choose(self, faces: Sequence[Face], image: Image, settings: Settings) -> list[tuple[Face, Identity]]:
        """The faces to swap, in the order given, and who each becomes. One thread at a time."""
        becomes: dict[int, Identity] = {}
        if self._by_likeness is not None:
            found = self._by_likeness.choose(faces, image, settings.reference_threshold, settings.faces == "all")
            becomes |= {index: role.identity for index, role in found.items()}
        if self._by_place is not None:
            rest = [index for index in range(len(faces)) if index not in becomes]
            placed = self._by_place.choose([faces[index] for index in rest])
            becomes |= {rest[place]: role.identity for place, role in placed.items()}
        if self._plain is not None:
            rest = [index for index in range(len(faces)) if index not in becomes]
            candidates = [faces[index] for index in rest]
            taken = {id(face) for face in self._selector.choose(candidates, image, settings.faces)}
            becomes |= {index: self._plain.identity for index in rest if id(faces[index]) in taken}
        return [(face, becomes[index]) for index, face in enumerate(faces) if index in becomes]

    def reset(self) -> None:
        """Forget all faces."""
        self._selector.reset()
        for part in (self._by_likeness, self._by_place):
            if part is not None:
                part.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        parts = (self._by_likeness, self._by_place)
        return self._selector.state(), [None if part is None else part.state() for part in parts]

    def restore(self, state: tuple[int, list[Any]]) -> None:
        """As `Resumable.restore`."""
        selector, (by_likeness, by_place) = state
        self._selector.restore(selector)
        if self._by_likeness is not None:
            self._by_likeness.restore(by_likeness)
        if self._by_place is not None:
            self._by_place.restore(by_place)

    def close(self) -> None:
        """Release the recogniser."""
        if self._by_likeness is not None:
            self._by_likeness.close()
