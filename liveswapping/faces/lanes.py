"""Two threads that look at faces side by side, each with networks of its own, where a core is free for the second."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

from liveswapping.domain.frame import Image
from liveswapping.faces.landmarks import SURE, TRACKED, Care, LandmarkNetwork, Sight
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.topology import LEFT_EYE, RIGHT_EYE
from liveswapping.imaging.bands import spare
from liveswapping.inference.small_networks import Load, on_processor

LANES = 2
"""Two cores are what we promise real time on."""

T = TypeVar("T")


class Lanes:
    """The calling thread and one worker thread, which lives until `close`. Called from one thread at a time."""

    def __init__(self, model_path: Callable[[str], Path], load: Load = on_processor) -> None:
        self._networks = [LandmarkNetwork(model_path, load) for _ in range(LANES)]
        self._worker = ThreadPoolExecutor(LANES - 1, thread_name_prefix="faces")

    def close(self) -> None:
        """End the worker thread."""
        self._worker.shutdown()

    def spread(self, jobs: Sequence[Callable[[int], T]]) -> list[T]:
        """Do all jobs, on whichever thread is free; each is given its lane's number. The worker begins at the end."""
        if not spare():
            return [job(0) for job in jobs]
        waiting = deque(enumerate(jobs))
        done: dict[int, T] = {}

        def work_off(lane: int) -> None:
            while waiting:
                try:
                    index, job = waiting.pop() if lane else waiting.popleft()
                except IndexError:  # the other thread was quicker
                    return
                done[index] = job(lane)

        other = self._worker.submit(work_off, 1)
        try:
            work_off(0)
        finally:
            other.result()
        return [done[index] for index in range(len(jobs))]

    def sight(self, image: Image, region: TurnedSquare, care: Care = TRACKED) -> Sight | None:
        """The face in `region`, its eyes done side by side; None where there is none."""
        here, there = self._networks
        surface = here.surface(image, region, care)
        if surface.score < SURE:
            return None
        if here.batches or not spare():
            return Sight.of(surface, here.eyes(image, surface))
        other = self._worker.submit(there.eye, image, surface, RIGHT_EYE)
        try:
            left = here.eye(image, surface, LEFT_EYE)
        finally:
            right = other.result()
        return Sight.of(surface, (left, right))

    def sights(self, image: Image, regions: Sequence[TurnedSquare], care: Care = TRACKED) -> list[Sight | None]:
        """The faces in `regions`, in order."""
        if len(regions) == 1:
            return [self.sight(image, regions[0], care)]
        return self.spread([self._job(image, region, care) for region in regions]) if regions else []

    def sights_beside(
        self, image: Image, regions: Sequence[TurnedSquare], errand: Callable[[], T]
    ) -> tuple[list[Sight | None], T]:
        """The faces in `regions`, in order, and the answer of `errand`, which the worker thread begins with."""
        looks: list[Callable[[int], Sight | T | None]] = [self._job(image, region, TRACKED) for region in regions]
        *sights, answer = self.spread([*looks, lambda _lane: errand()])
        return cast("list[Sight | None]", sights), cast("T", answer)

    def _job(self, image: Image, region: TurnedSquare, care: Care) -> Callable[[int], Sight | None]:
        def look(lane: int) -> Sight | None:
            network = self._networks[lane]
            surface = network.surface(image, region, care)
            if surface.score < SURE:
                return None
            return Sight.of(surface, network.eyes(image, surface))

        return look
