"""Where and when to look for faces: one search at a time in moving pictures, all of them in a photograph."""

from __future__ import annotations

import math
from enum import Enum

from liveswapping.domain.frame import Image
from liveswapping.faces.region import TurnedSquare

KEYFRAME = 10
"""Frames between two plain searches of a stream whose faces are tracked."""
_TILT = math.radians(30)
"""The detectors find faces that are turned by up to about this much."""
_SMALLEST_TILE = 64.0
"""Side in pixels."""
_HOT, _WARM = 8, 45
"""So many frames after a face was lost every frame is searched, and so many every fourth."""
_FACELESS = 90
"""After so many frames without a face only every third one is searched."""


def whole(image: Image, scale: float = 1.0) -> TurnedSquare:
    """The square that holds all of a picture, or `scale` times it."""
    height, width = image.shape[:2]
    return TurnedSquare((width - 1) / 2, (height - 1) / 2, scale * max(width, height))


def tiles(image: Image, side: float) -> list[TurnedSquare]:
    """Squares of `side` pixels that cover the picture, each overlapping the next by half or more.

    None where they would be too small to hold a face; larger ones where the picture is very long.
    """
    height, width = image.shape[:2]
    side = max(side, max(height, width) / 8)
    if side < _SMALLEST_TILE:
        return []
    return [TurnedSquare(x, y, side) for y in _places(height, side) for x in _places(width, side)]


def _places(length: int, side: float) -> list[float]:
    """Centres of the tiles along one axis."""
    if length <= side:
        return [(length - 1) / 2]
    count = math.ceil((length - side) / (side / 2)) + 1
    return [side / 2 - 0.5 + (length - side) * index / (count - 1) for index in range(count)]


def turned(square: TurnedSquare, angle: float) -> TurnedSquare:
    """The same square at another angle, in radians."""
    return TurnedSquare(square.x, square.y, square.size, angle)


def side_searches(image: Image) -> list[TurnedSquare]:
    """What a stream is searched for beside the plain search: tilted, small, huge and cut-off faces."""
    height, width = image.shape[:2]
    upright = tiles(image, min(height, width)) if max(height, width) > 1.2 * min(height, width) else []
    tilted = [turned(square, angle) for angle in (_TILT, -_TILT) for square in (*upright, whole(image))]
    return [*upright, *tilted, whole(image, 2.0)]


def photograph_searches(image: Image) -> list[TurnedSquare]:
    """Every square a photograph is searched in."""
    height, width = image.shape[:2]
    short = min(height, width)
    steep = [turned(whole(image), math.radians(angle)) for angle in (-90, -60, 60, 90)]
    squares = [whole(image), *tiles(image, short), *tiles(image, short / 2)]
    tilted = [turned(square, angle) for square in squares for angle in (-_TILT, _TILT)]
    fine = tiles(image, short / 4) if short >= 1600 else []
    return [*squares, whole(image, 2.0), *tilted, *steep, *fine]


class Search(Enum):
    """What kind of search a frame gets."""

    PLAIN = "all of the picture"
    SIDE = "the next of side_searches"
    LOST = "around the place where a face was lost"


class Schedule:
    """Says which one search, if any, the next frame of a stream gets, so that its cost stays bounded."""

    def __init__(self) -> None:
        self.interval = KEYFRAME
        """Frames between two plain searches while faces are tracked."""
        self._frame = 0
        self._since_plain = 0
        self._since_loss = _WARM
        self._faceless = 0
        self._last: Search | None = None

    def next(self, tracked: int) -> Search | None:
        """The search for the next frame of a stream in which so many faces are tracked."""
        self._frame += 1
        self._since_plain += 1
        self._since_loss += 1
        self._faceless = 0 if tracked else self._faceless + 1
        search = self._due(tracked)
        if search is Search.PLAIN:
            self._since_plain = 0
        self._last = search or self._last
        return search

    def plain_was_done(self) -> None:
        """A plain search was done out of turn."""
        self._since_plain, self._last = 0, Search.PLAIN

    def lost(self) -> None:
        """A face was lost in this frame."""
        self._since_loss = 0

    def _due(self, tracked: int) -> Search | None:
        plain_is_next = self._last is not Search.PLAIN
        if self._since_loss <= _HOT or (self._since_loss <= _WARM and self._since_loss % 4 == 0):
            if plain_is_next:
                return Search.PLAIN
            return Search.LOST if tracked or self._frame % 4 < 2 else Search.SIDE
        if not tracked:
            if self._faceless > _FACELESS and self._frame % 3:
                return None
            return Search.PLAIN if plain_is_next else Search.SIDE
        if self._since_plain >= self.interval:
            return Search.PLAIN
        return Search.SIDE if self._since_plain == self.interval // 2 else None
