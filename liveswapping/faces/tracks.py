"""Faces from frame to frame: where to look next, and which face is which."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.faces.landmarks import Sight
from liveswapping.faces.region import TurnedSquare, turn
from liveswapping.imaging.face_mesh import face_width
from liveswapping.imaging.smoothing import MeshSmoother

_SLACK_PLACE, _SLACK_SIZE, _SLACK_ANGLE = 0.006, 0.008, 0.015
"""A region of `_SLACK_REGION` pixels follows its face only by what exceeds this (of its size, of its size, radians):
several times the noise of the mesh, so that a still head is looked at in exactly the same place and sensor noise does
not feed on itself. Not more, because where the network looks moves its answer a little."""
_SLACK_REGION, _SLACK_POWER = 270.0, 0.6
"""Noise falls with the size of the region, to this power."""
_SLACK_NOISE, _LEAST_SLACK, _MOST_SLACK = 0.0004, 0.4, 3.0
"""The mesh's noise, in face widths, that asks for this slack; side views have three times as much as frontal ones."""
_CARRIED, _STEADY = 0.5, 0.02
"""Half of a motion is carried on into the next frame's region: less and a fast head slips out of it, more and one that
turns back does. Nothing of what is below this share of the region's size per frame."""
_JUMP = 0.15
"""Face widths beside the expected place from which on a face's looks are compared."""
_SLIP = 0.12
"""A doubt that rises to this at once is a sign that the mesh has lost its face. Side views live with more."""
_LOOKS, _LOOKS_EVERY = 8, 5
"""Side of the thumbnail that tells faces apart, and the frames between two of them."""


def follow(old: TurnedSquare, better: TurnedSquare, noise: float) -> TurnedSquare:
    """`old` moved towards `better` by what exceeds the slack. `noise`: the mesh's, in face widths."""
    usual = (_SLACK_REGION / old.size) ** _SLACK_POWER
    slack = min(max(usual, noise / _SLACK_NOISE, _LEAST_SLACK), _MOST_SLACK)
    distance = old.distance(better)
    share = max(0.0, 1.0 - slack * _SLACK_PLACE * old.size / distance) if distance else 0.0
    growth = _beyond(math.log(better.size / old.size), slack * _SLACK_SIZE)
    angle = old.angle + _beyond(turn(old.angle, better.angle), slack * _SLACK_ANGLE)
    x, y = old.x + share * (better.x - old.x), old.y + share * (better.y - old.y)
    return TurnedSquare(x, y, old.size * math.exp(growth), angle)


def _beyond(value: float, slack: float) -> float:
    return math.copysign(max(0.0, abs(value) - slack), value)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a face was, and how far it moved per frame."""

    place: TurnedSquare
    x: float = 0.0
    y: float = 0.0

    def after(self, frames: float) -> TurnedSquare:
        """Where it will be."""
        return self.place.moved(frames * self.x, frames * self.y)


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
    slipped: bool = False
    """Whether the mesh may have lost its face in this frame without noticing."""
    lost_for: int = 0
    """Frames since it was lost."""
    _unsure_for: int = 0
    """Frames since it was seen with no other face near."""
    _course: Course = field(init=False)
    _sure_course: Course = field(init=False)
    """The course when no other face was near."""
    _surprise: float = 0.0
    _seen: int = 0

    def __post_init__(self) -> None:
        self._begin(self.sight)
        self.looks = looks_of(self.sight)

    @property
    def width(self) -> float:
        """Of the face, in pixels."""
        return face_width(self.sight.mesh)

    def see(self, sight: Sight, alone: bool) -> None:
        """Take in the next frame's sight. `alone`: no other face is near, so what is seen is surely this one."""
        before, now = self.sight.surface.better, sight.surface.better
        self._surprise = 0.8 * self._surprise + self.region.distance(now) / self.width
        more_doubt = sight.doubt > max(_SLIP, self.sight.doubt + _SLIP / 2)
        self.slipped = more_doubt or (sight.doubtful and not self.sight.doubtful)
        self.sight = sight
        self._course = Course(follow(self._course.place, now, self.smoother.noise), now.x - before.x, now.y - before.y)
        speed = math.hypot(self._course.x, self._course.y)
        self.region = self._course.after(_CARRIED * max(0.0, 1.0 - _STEADY * now.size / speed) if speed else 0.0)
        self._seen += 1
        self._unsure_for += 1
        if alone:
            self._sure_course, self._unsure_for = self._course, 0
            if self._seen % _LOOKS_EVERY == 0 and not sight.doubtful:
                self.looks = 0.8 * self.looks + 0.2 * looks_of(sight)

    def lose(self) -> None:
        """It was not seen in this frame. What was seen since another face came near may have been that one."""
        self._course = self._sure_course
        self._unsure_for += 1
        self.lost_for += 1

    def put_right(self, sight: Sight) -> None:
        """The mesh sat wrongly on the face, or the face was lost; `sight` is right."""
        self.sight = sight
        self._begin(sight)

    def is_somebody_else(self, sight: Sight) -> bool:
        """Whether the next frame's sight has jumped onto another face: after a cut, say."""
        jump = self.region.distance(sight.surface.better) / self.width
        return jump > _JUMP and not sight.doubtful and self._unlike(sight) + jump > 1.0

    def strangeness(self, sight: Sight, alone: bool = True) -> float:
        """How unlike this face at its expected place `sight` is: 0 is itself, beyond 1 it is somebody else.

        Where it is not `alone`, another face may hide part of it: then its looks say less than its place.
        """
        here = sight.surface.better
        away = self.expected.distance(here) / (self.width * (1.0 + 0.1 * self._unsure_for))
        growth = abs(math.log(here.size / self._course.place.size))
        return 0.4 * away + growth + self._unlike(sight) * (1.0 if alone else 0.5)

    @property
    def misfit(self) -> float:
        """How unlike itself this face has become: for telling which of two tracks on one face is wrong."""
        return self._surprise + self._unlike(self.sight)

    @property
    def expected(self) -> TurnedSquare:
        """Where it should be by now if it was lost: a motion goes on for a moment, ever slower."""
        return self._course.after((1.0 - 0.9**self._unsure_for) / 0.1)

    def _unlike(self, sight: Sight) -> float:
        """0 for the same looks, beyond 1 for another person's: likenesses are about 0.95 and below 0.7."""
        return 2.5 * (1.0 - likeness(self.looks, looks_of(sight)))

    def _begin(self, sight: Sight) -> None:
        self.smoother = MeshSmoother()
        self.region = follow(sight.surface.region, sight.surface.better, self.smoother.noise)
        self._course = self._sure_course = Course(self.region)
        self._surprise = 0.0
        self._unsure_for = self.lost_for = 0


def looks_of(sight: Sight) -> F32:
    """(192,) tiny picture of a face with mean 0 and length 1, so that light hardly matters."""
    small = cv2.resize(sight.surface.view, (_LOOKS, _LOOKS), interpolation=cv2.INTER_AREA).astype(np.float32)
    values = ((small - small.mean()) * _middle()).ravel()
    return np.asarray(values / (np.linalg.norm(values) + 1e-6), np.float32)


@cache
def _middle() -> F32:
    """(8, 8, 1) weights: the face counts, its background does not."""
    steps = (np.arange(_LOOKS) + 0.5) / _LOOKS * 2 - 1
    return np.asarray(np.exp(-1.5 * (steps[:, None] ** 2 + steps[None, :] ** 2))[..., None], np.float32)


def likeness(one: F32, other: F32) -> float:
    """−1..1 of two `looks_of`."""
    return float(one @ other) / (float(np.linalg.norm(one) * np.linalg.norm(other)) + 1e-6)


def stands_alone(sight: Sight, others: Iterable[Track]) -> bool:
    """Whether none of the other faces is near."""
    return all(apart(sight, other.sight) > 1.5 for other in others)


def apart(one: Sight, other: Sight) -> float:
    """Distance of two faces in widths of the wider one."""
    width = max(face_width(one.mesh), face_width(other.mesh))
    return one.surface.better.distance(other.surface.better) / width


def impostors(tracks: Sequence[Track]) -> list[Track]:
    """Tracks that have slipped onto a face which another one follows: of each such pair the one that fits worse."""
    wrong: list[Track] = []
    for index, track in enumerate(tracks):
        for other in tracks[index + 1 :]:
            if track not in wrong and other not in wrong and apart(track.sight, other.sight) < 0.35:
                wrong.append(max(track, other, key=lambda candidate: candidate.misfit))
    return wrong
