"""A slow engine at camera rate."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Adjustable, Swapper
from liveswapping.swappers.temporal.deferred import Deferred
from liveswapping.swappers.temporal.keyframe import keyframe_of
from liveswapping.swappers.temporal.lane import Beside, SlowLane
from liveswapping.swappers.temporal.memory import FaceMemory, Prepared

AWAITED: Final = Patch(
    np.zeros((0, 0, 3), np.uint8), np.array([[1, 0, 0], [0, 1, 0]], np.float32), np.zeros((0, 0), np.float32)
)
"""No answer yet: a patch without a pixel."""


CARRYING: Final = 0.015
"""Seconds that carrying takes, until that is known: an engine that is quicker need not work beside the picture."""
_NEWEST: Final = 0.1
"""Share of the newest frame in a running mean."""
REST: Final = 5
"""Frames from one question to the next, at least: also quick engines leave the processor to the live picture."""
BESIDE: Final = "the engine works beside the picture"


@dataclass(frozen=True, slots=True)
class Rung:
    """One way of working beside the picture."""

    words: str
    """What is given up."""
    rest: int
    """Frames from one question to the next, at least."""


ENGINE: Final = (Rung(BESIDE, REST), Rung("the engine is asked in every fifteenth frame", 15))
RESTORER: Final = (
    Rung("faces are restored in every second frame", 2),
    Rung("faces are restored in every tenth frame", 10),
)
"""Also what restores faces can work beside the picture; the frames in between are carried."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the slow engine made of one frame: a keyframe for each face, by its track and that track's memory."""

    keys: Sequence[tuple[FaceMemory, Prepared]]


class TemporalSwapper:
    """Swapper around a slow one, which works on the newest frame on a thread of its own and is owned.

    What is shown comes from its earlier answers, carried on the mesh (`memory`). A face that it has not answered yet
    gets a patch without a pixel, and so does a face without a mesh. One thread at a time.
    """

    def __init__(
        self,
        slow: Swapper,
        lane: Beside[Answer] | None = None,
        *,
        always: bool = True,
        rungs: Sequence[Rung] = ENGINE,
    ) -> None:
        """`lane`: what the slow engine works on; None: a thread. Not `always`: only while told to `save`.

        `rungs`: ways of working beside the picture, the best first.
        """
        self._slow = slow
        self._lane: Beside[Answer] = SlowLane("slow engine") if lane is None else lane
        self._memories: dict[int, FaceMemory] = {}
        self._index = 0
        self._always = self._beside = always
        self._rungs, self._rest = tuple(rungs), rungs[0].rest
        self._deferred = Deferred(slow, lambda: self._beside)
        self._direct: tuple[Image, Sequence[Target], Sequence[Patch]] | None = None
        self._took, self._carrying = 0.0, CARRYING
        self._asked_at: int | None = None

    @property
    def network(self) -> object:
        """The slow engine's, which says what it runs on; None for one that has none."""
        return getattr(self._slow, "network", None)

    @property
    def savings(self) -> Sequence[str]:
        """It can stop waiting for the engine, and ask it less often."""
        return tuple(rung.words for rung in self._rungs[self._always :])

    def save(self, count: int) -> None:
        """0: the loop waits for the engine, and every frame is its own answer; from 1 on it works beside the loop."""
        self._beside = self._always or count > 0
        self._rest = self._rungs[max(0, count - (not self._always))].rest

    def cost(self, count: int) -> float:
        """How much longer the loop would wait for the engine than carrying takes; what asking less saves: not known."""
        return self._took - self._carrying if self._took and count == 1 and not self._always else 0.0

    @property
    def engine(self) -> Adjustable:
        """What the engine itself can give up."""
        return self._deferred

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target, in order. Raises what the slow engine raised, here or for an earlier frame."""
        self._index += 1
        if not self._beside and not self._lane.busy:
            return self._at_once(image, targets)
        self._forget_others(targets)
        answer = self._lane.result()
        if answer is not None:
            known = list(self._memories.values())
            for memory, key in answer.keys:
                if any(memory is one for one in known):
                    memory.add(key)
        self._begin_with(self._direct)
        self._ask(image, targets)
        began = time.perf_counter()
        drawn = [self._drawn(image, target) for target in targets]
        if any(patch is not AWAITED for patch in drawn):
            self._carrying += _NEWEST * (time.perf_counter() - began - self._carrying)
        return drawn

    def reset(self) -> None:
        """Forget all faces: what comes next does not follow on."""
        self._memories, self._direct = {}, None

    def close(self) -> None:
        """Wait for the slow engine and release it."""
        self._lane.close()
        self._memories = {}
        self._slow.close()

    def _at_once(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """The engine's own answers, waited for."""
        patches = self._answers(image, targets)
        self._memories = {}
        self._direct = image, targets, patches
        return patches

    def _begin_with(self, direct: tuple[Image, Sequence[Target], Sequence[Patch]] | None) -> None:
        """Where the engine was waited for until now, its last answers are the first to carry."""
        self._direct = None
        if direct is None:
            return
        image, targets, patches = direct
        for target, patch in zip(targets, patches, strict=True):
            memory = self._memories.get(target.face.track_id)
            key = None if memory is None else keyframe_of(image, target, patch, self._index - 1)
            if memory is not None and key is not None and not memory.keys:
                memory.add(memory.prepare(key))

    def _forget_others(self, targets: Sequence[Target]) -> None:
        """A face that is gone, or has jumped, is forgotten at once."""
        kept: dict[int, FaceMemory] = {}
        known = self._memories
        for target in targets:
            ident, mesh = target.face.track_id, target.face.mesh
            memory = self._memories.get(ident)
            if ident < 0 or mesh is None:
                continue
            kept[ident] = FaceMemory() if memory is None or memory.is_cut(mesh) else memory
        if any(memory not in known.values() for memory in kept.values()):
            self._asked_at = None  # a new face does not wait
        self._memories = kept

    def _ask(self, image: Image, targets: Sequence[Target]) -> None:
        """Have the slow engine look at this frame, where it is free and would say something new."""
        asked = [(self._memories[one.face.track_id], one) for one in targets if one.face.track_id in self._memories]
        if self._lane.busy or (self._asked_at is not None and self._index - self._asked_at < self._rest):
            return
        if not any(memory.wants(image, target, self._index) for memory, target in asked):
            return
        index = self._asked_at = self._index

        def work() -> Answer:
            patches = self._answers(image, [target for _, target in asked])
            made = [
                (memory, keyframe_of(image, target, patch, index))
                for (memory, target), patch in zip(asked, patches, strict=True)
            ]
            return Answer([(memory, memory.prepare(key)) for memory, key in made if key is not None])

        self._lane.begin(work)

    def _answers(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """The engine's own answers, on the calling thread."""
        self._deferred.tell()
        began = time.perf_counter()
        patches = self._slow.swap(image, targets)
        self._took = time.perf_counter() - began
        return patches

    def _drawn(self, image: Image, target: Target) -> Patch:
        memory = self._memories.get(target.face.track_id)
        if memory is None or not memory.keys:
            return AWAITED
        return memory.draw(image, target, self._index)
