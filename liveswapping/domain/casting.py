"""Who becomes whom, where there is more than one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.face import Identity
from liveswapping.domain.frame import F32
from liveswapping.domain.settings import Settings

_PLACES: Final[Mapping[str, int]] = {"left": 0, "right": -1}


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """A person to become, and whose faces do."""

    identity: Identity
    place: int | None = None
    """The face that stands at this place when it is first seen: from the left, from 0; negative: from the right."""
    likeness: F32 | None = None
    """(512,) of unit length: the embedding of the person in front of the camera. Not together with a place."""

    @property
    def plain(self) -> bool:
        """It is for whoever is chosen by `settings.FACES`."""
        return self.place is None and self.likeness is None


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """All roles of a run, at most one of them plain."""

    roles: tuple[Role, ...]

    @classmethod
    def of(cls, identity: Identity) -> Cast:
        """One person for whoever is chosen."""
        return cls((Role(identity),))

    @property
    def recognises(self) -> bool:
        """People in front of the camera have to be told apart: a Recogniser is needed."""
        return any(role.likeness is not None for role in self.roles)


def mapped(settings: Settings) -> dict[str, list[str]]:
    """`settings.mapping` by who is swapped; several entries for one are several photographs. Raises SettingsError."""
    found: dict[str, list[str]] = {}
    for entry in settings.mapping:
        who, equals, source = entry.partition("=")
        if not (equals and who.strip() and source.strip()):
            raise SettingsError(f"--map {entry}: WHO=SOURCE is expected, such as left=me.jpg or her.jpg=me.jpg")
        found.setdefault(who.strip(), []).append(source.strip())
    if settings.reference and not settings.sources:
        raise SettingsError("--reference says who becomes --source, and there is none; use --map REFERENCE=SOURCE")
    return found


def place_of(who: str) -> int | None:
    """The place that a word of --map means, from the left, or negative from the right; None where it is a picture."""
    return int(who) if who.isdecimal() else _PLACES.get(who.lower())


def recognises(settings: Settings) -> bool:
    """People in front of the camera are told apart, which needs the recognition network. Raises SettingsError."""
    return bool(settings.reference) or any(place_of(who) is None for who in mapped(settings))
