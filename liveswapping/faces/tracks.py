"""Faces from frame to frame: where to look next, and which face is which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.faces.landmarks import Sight
from liveswapping.faces.region import TurnedSquare, turn
from liveswapping.imaging.face_mesh import face_width
from liveswapping.imaging.smoothing import MeshSmoother

_SLACK_PLACE, _SLACK_SIZE, _SLACK_ANGLE = 0.006, 0.008, 0.015
"""A region follows its face only by what exceeds this (of its size, of its size, radians): several times the noise
of the mesh, so that a still head is looked at in exactly the same place and sensor noise does not feed on itself."""
_STEADY = 0.02
"""Below this share of the region's size per frame a motion is not carried on into the next frame."""
_LOOKS = 8
"""Side of the thumbnail that tells faces apart."""


def follow(old: TurnedSquare, better: TurnedSquare) -> TurnedSquare:
    """`old` moved towards `better` by what exceeds the slack."""
    distance = old.distance(better)
    share = max(0.0, 1.0 - _SLACK_PLACE * old.size / distance) if distance else 0.0
    growth = _beyond(math.log(better.size / old.size), _SLACK_SIZE)
    angle = old.angle + _beyond(turn(old.angle, better.angle), _SLACK_ANGLE)
    x, y = old.x + share * (better.x - old.x), old.y + share * (better.y - old.y)
    return TurnedSquare(x, y, old.size * math.exp(growth), angle)


def _beyond(value: float, slack: float) -> float:
    return math.copysign(max(0.0, abs(value) - slack), value)


@dataclass(slots=True, eq=False)
class Track:
    """One face over time."""

    ident: int
    sight: Sight
    region: TurnedSquare = field(init=False)
    """Where to look for it in the next frame."""
    looks: F32 = field(init=False)
    """See looks_of."""
    smoother: MeshSmoother = field(init=False)
    missed: int = 0
    """Frames since it was last seen."""
    _anchor: TurnedSquare = field(init=False)
    _velocity: tuple[float, float] = (0.0, 0.0)
    _surprise: float = 0.0
    _seen: int = 0

    def __post_init__(self) -> None:
        self._restart(self.sight)
        self.looks = looks_of(self.sight.surface.view)

    @property
    def width(self) -> float:
        """Of the face, in pixels."""
        return face_width(self.sight.mesh)

    def see(self, sight: Sight, alone: bool) -> None:
        """Take in the next frame's sight. `alone`: no other face is near, so its looks are its own."""
        before, now = self.sight.surface.next_region, sight.surface.next_region
        self._surprise = 0.8 * self._surprise + self.region.distance(now) / self.width
        self.sight = sight
        self._velocity = (now.x - before.x, now.y - before.y)
        speed = math.hypot(*self._velocity)
        carried = max(0.0, 1.0 - _STEADY * now.size / speed) if speed else 0.0
        self._anchor = follow(self._anchor, now)
        self.region = self._anchor.moved(carried * self._velocity[0], carried * self._velocity[1])
        self._seen += 1
        if alone and self._seen % 5 == 0:
            self.looks = 0.8 * self.looks + 0.2 * looks_of(sight.surface.view)

    def put_right(self, sight: Sight) -> None:
        """The mesh sat wrongly on the face; `sight` is right."""
        self.sight = sight
        self._restart(sight)

    def found_again(self, sight: Sight) -> None:
        """It was lost, and is back."""
        self.missed = 0
        self.put_right(sight)

    def strangeness(self, sight: Sight) -> float:
        """How unlike this face at its expected place `sight` is: 0 is itself, beyond 1 it is somebody else."""
        here = sight.surface.next_region
        reach = self.width * (1.0 + 0.15 * self.missed)
        away = self.expected.distance(here) / reach
        growth = abs(math.log(here.size / self._anchor.size))
        return away + growth + 1.0 - likeness(self.looks, looks_of(sight.surface.view))

    @property
    def misfit(self) -> float:
        """How unlike itself this face has become: for telling which of two tracks on one face is wrong."""
        return self._surprise + 1.0 - likeness(self.looks, looks_of(self.sight.surface.view))

    @property
    def expected(self) -> TurnedSquare:
        """Where it should be after the frames missed: a motion goes on for a moment, ever slower."""
        frames = (1.0 - 0.8**self.missed) / 0.2
        return self._anchor.moved(frames * self._velocity[0], frames * self._velocity[1])

    def _restart(self, sight: Sight) -> None:
        self.smoother = MeshSmoother()
        self._anchor = self.region = follow(sight.surface.region, sight.surface.next_region)
        self._velocity = (0.0, 0.0)


def looks_of(view: Image) -> F32:
    """(192,) tiny picture of a face with mean 0 and length 1, so that light hardly matters."""
    small = cv2.resize(view, (_LOOKS, _LOOKS), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    return np.asarray(small / (np.linalg.norm(small) + 1e-6), np.float32)


def likeness(one: F32, other: F32) -> float:
    """−1..1 of two tiny pictures."""
    return float(one @ other) / (float(np.linalg.norm(one) * np.linalg.norm(other)) + 1e-6)


def crowded(track: Track, tracks: Sequence[Track]) -> bool:
    """Whether another face is near."""
    return any(other is not track and apart(track.sight, other.sight) < 1.5 for other in tracks)


def apart(one: Sight, other: Sight) -> float:
    """Distance of two faces in widths of the wider one."""
    width = max(face_width(one.mesh), face_width(other.mesh))
    return one.surface.next_region.distance(other.surface.next_region) / width


def impostors(tracks: Sequence[Track]) -> list[Track]:
    """Tracks that have slipped onto a face which another one follows: of each such pair the one that fits worse."""
    wrong: list[Track] = []
    for index, track in enumerate(tracks):
        for other in tracks[index + 1 :]:
            if track not in wrong and other not in wrong and apart(track.sight, other.sight) < 0.35:
                wrong.append(max(track, other, key=lambda candidate: candidate.misfit))
    return wrong
