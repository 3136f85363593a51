"""A clip as inpainting reads it: pictures with their holes, a scene at a time, no more of them in memory than asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import Image
from liveswapping.imaging.scene_change import SceneChange
from liveswapping.inpainting.motion import same_scene

Hole: TypeAlias = NDArray[np.bool_]
"""H×W, True where the picture is to be filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture, and what of it is to go."""

    image: Image
    hole: Hole
    flow_hole: Hole | None = None
    """Where motion cannot be measured; None: in the hole."""


class Reel:
    """One scene, numbered from 0: pictures are read when they are asked for and forgotten when told. One thread."""

    def __init__(self, shots: Iterator[Shot]) -> None:
        self._shots = shots
        self._held: dict[int, Shot] = {}
        self._read = 0
        self._lowest = 0
        self._over = False

    def __getitem__(self, index: int) -> Shot:
        """Picture `index`, reading up to it. Raises IndexError where the scene is shorter, or it was forgotten."""
        if not self.reaches(index) or index < self._lowest:
            raise IndexError(index)
        return self._held[index]

    @property
    def count(self) -> int | None:
        """How many pictures the scene has; None while its end was not come to."""
        return self._read if self._over else None

    @property
    def lowest(self) -> int:
        """The first picture that was not told to be forgotten."""
        return self._lowest

    @property
    def held(self) -> int:
        """Pictures in memory."""
        return len(self._held)

    def reaches(self, index: int) -> bool:
        """Whether there is a picture `index`; reads up to it."""
        while self._read <= index and not self._over:
            shot = next(self._shots, None)
            if shot is None:
                self._over = True
                break
            if self._read >= self._lowest:
                self._held[self._read] = shot
            self._read += 1
        return index < self._read

    def end_before(self, index: int) -> int:
        """`index`, or how many pictures there are where that is less; reads up to it."""
        return index if self.reaches(index - 1) else self._read

    def forget(self, below: int) -> None:
        """Let go of the pictures before `below`, those too that were not read yet."""
        self._lowest = max(self._lowest, below)
        for index in [one for one in self._held if one < below]:
            del self._held[index]

    def finish(self) -> int:
        """Read to the end, keeping nothing: how many pictures the scene has."""
        self.forget(sys.maxsize)
        return self.end_before(sys.maxsize)

    def skip(self, wanted: int, need: int) -> bool:
        """Read up to picture `wanted`, keeping none before `need`. False: the scene ends before it."""
        self.forget(need)
        return self.reaches(wanted)


class Inpainter(Protocol):
    """Fills the holes of a scene. One scene after another; one thread."""

    @property
    def name(self) -> str:
        """For people, and for what is written down of a run."""
        ...

    def lead(self, first: int) -> int:
        """Which pictures of a scene are needed to fill picture `first` and those after it: from this one on."""
        ...

    def fill(self, reel: Reel, first: int) -> Iterator[Image]:
        """The filled pictures of a scene from `first` on, in order; those before `lead(first)` are not asked for."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


OnScene: TypeAlias = Callable[[int], None]
"""Told where in the film a scene begins."""


def fill_film(
    shots: Iterator[Shot], inpainter: Inpainter, first: int, cuts: bool, on_scene: OnScene = lambda index: None
) -> Iterator[Image]:
    """The filled pictures of a film from `first` on: the same, whatever `first` is. `cuts`: nothing crosses a cut."""
    feed = _Feed(shots, cuts)
    begin = 0
    while feed.more():
        on_scene(begin)
        reel = Reel(feed.scene())
        wanted = max(0, first - begin)
        if reel.skip(wanted, inpainter.lead(wanted)):
            yield from inpainter.fill(reel, wanted)
        begin += reel.finish()


class _Feed:
    """Hands out a stream of shots, scene by scene."""

    def __init__(self, shots: Iterator[Shot], cuts: bool) -> None:
        self._shots = shots
        self._change = SceneChange() if cuts else None
        self._last: Image | None = None
        self._waiting: Shot | None = None

    def more(self) -> bool:
        """Whether another scene begins."""
        if self._waiting is None:
            self._waiting = next(self._shots, None)
            if self._waiting is not None:
                self._cut_before(self._waiting.image)
        return self._waiting is not None

    def scene(self) -> Iterator[Shot]:
        """The shots up to the next cut."""
        shot, self._waiting = self._waiting, None
        while shot is not None:
            yield shot
            shot = next(self._shots, None)
            if shot is not None and self._cut_before(shot.image):
                self._waiting = shot
                return

    def _cut_before(self, image: Image) -> bool:
        """Whether another scene begins with this picture. A picture that is merely restless is no cut."""
        if self._change is None:
            return False
        last, self._last = self._last, image
        return self._change.is_cut(image) and last is not None and not same_scene(last, image)
