"""What the parts of a film's pipeline remember, kept at the frames where segments begin."""

from __future__ import annotations

from functools import cache
from typing import Any

from liveswapping.domain.snapshot import freeze, thaw
from liveswapping.pipeline.film import Memory


@cache
def savable() -> tuple[type, ...]:
    """The classes of which state consists. A part that remembers an object of another class cannot be saved."""
    from liveswapping.domain.face import Face
    from liveswapping.domain.frame import Mask, Region
    from liveswapping.faces.following import Followed
    from liveswapping.faces.landmarks import Sight, Surface
    from liveswapping.faces.region import TurnedSquare
    from liveswapping.faces.search import Schedule, Search
    from liveswapping.faces.tracks import Course, Track
    from liveswapping.imaging.smoothing import MeshSmoother
    from liveswapping.masks.appearance import Appearance
    from liveswapping.masks.glance import Glances
    from liveswapping.masks.outline import Drawing
    from liveswapping.masks.tracked import TrackedFace
    from liveswapping.pipeline.bridge import Sighting
    from liveswapping.pipeline.likeness import Known
    from liveswapping.pipeline.privacy import Seen
    from liveswapping.swappers.mesh.light import Light
    from liveswapping.swappers.mesh.track import Track as MeshTrack

    return (
        *(Appearance, Course, Drawing, Face, Followed, Glances, Known, Light, Mask, MeshSmoother, MeshTrack, Region),
        *(Schedule, Search, Seen, Sight, Sighting, Surface, Track, TrackedFace, TurnedSquare),
    )


class Memories:
    """A `Keeper`: every `every`-th frame's state, from the pipeline to whoever writes it down."""

    def __init__(self, every: int, first: int) -> None:
        """`first`: the frame that a run begins with, whose state is known."""
        self._every = every
        self._first = first
        self._kept: dict[int, Memory] = {}

    def due(self, index: int) -> bool:
        """A segment begins with frame `index`, and it is not the first of this run."""
        return index > self._first and index % self._every == 0

    def freeze(self, value: object) -> bytes:
        """As `Keeper.freeze`."""
        return freeze(value, savable())

    def thaw(self, data: bytes) -> Any:  # noqa: ANN401 - as many types as were frozen
        """As `Keeper.thaw`."""
        return thaw(data, savable())

    def keep(self, index: int, memory: Memory) -> None:
        """As `Keeper.keep`."""
        self._kept[index] = memory

    def take(self, index: int) -> Memory:
        """The state before frame `index`, once."""
        return self._kept.pop(index)
