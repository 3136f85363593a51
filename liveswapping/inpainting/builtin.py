"""The engine that needs no weights: what other pictures show behind the hole, and a smooth guess at what none shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image
from liveswapping.inpainting.chains import NOWHERE, Sights, follow
from liveswapping.inpainting.membrane import fill_smoothly
from liveswapping.inpainting.paths import Paths
from liveswapping.inpainting.sampling import sample_image
from liveswapping.inpainting.shots import Reel

_REACH: Final = (12, 60)
"""Pictures that are looked ahead and back, at least and at most …"""
_PIXELS: Final = 1 << 26
"""… and so that this many pixels are looked at, which is what bounds the memory."""
_WARM: Final = 6
"""Pictures before a block whose guesses are made again, so that guesses do not jump between blocks."""
_CARRIED: Final = 0.75
"""Share of the last picture's guess in the next one: it flickers less."""
_GUESS: Final = 320
"""Pixels of the longer side at which guesses are made."""


@dataclass(frozen=True, slots=True, eq=False)
class _Filled:
    image: Image
    guessed: NDArray[np.bool_]
    """N: which slots in the hole no picture showed."""


class BuiltinInpainter:
    """`Inpainter` by optical flow alone. What it gives depends on the pictures and on nothing else."""

    name: Final = "builtin"

    def __init__(self, attend: Callable[[], None] = lambda: None, reach: int | None = None) -> None:
        """`attend` is called for every picture and may raise, which ends the run.

        `reach`: look so many pictures ahead and back; None: as many as their size allows.
        """
        self._attend = attend
        self._wanted = reach
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="flow")

    def lead(self, first: int) -> int:
        """As `Inpainter.lead`."""
        most = _REACH[1] if self._wanted is None else self._wanted
        return max(0, first - 2 * most - _WARM)

    def fill(self, reel: Reel, first: int) -> Iterator[Image]:
        """As `Inpainter.fill`."""
        if not reel.reaches(first):
            return
        reach = self._reach(reel[first].image)
        paths = Paths(reel, self._workers, self._attend)
        start = first // reach * reach
        while reel.reaches(start):
            lowest = max(0, start - reach - _WARM)
            reel.forget(lowest)
            paths.forget(lowest)
            end = reel.end_before(start + reach)
            last = reel.end_before(end + reach) - 1
            yield from self._block(reel, paths, (start, end, last), first)
            start = end

    def close(self) -> None:
        """Stop the threads."""
        self._workers.shutdown()

    def _reach(self, image: Image) -> int:
        if self._wanted is not None:
            return self._wanted
        least, most = _REACH
        return max(least, min(most, _PIXELS // image[..., 0].size))

    def _block(self, reel: Reel, paths: Paths, span: tuple[int, int, int], first: int) -> Iterator[Image]:
        """The pictures from `first` on of those from start to end, of which pictures up to the last are known."""
        start, end, last = span
        warm = max(0, start - _WARM)
        reach = self._reach(reel[start].image)
        later = _later(paths, warm, end, last, reach)
        before: _Filled | None = None
        for index, earlier in _earlier(paths, max(0, warm - reach), end, reach):
            if index < warm:
                continue
            before = _fill(reel, paths, index, (earlier, later.pop(index)), before)
            if index >= max(first, start):
                yield before.image


def _later(paths: Paths, start: int, end: int, last: int, reach: int) -> dict[int, Sights]:
    """What the holes of the pictures from `start` to `end` see in pictures after them."""
    found: dict[int, Sights] = {}
    sights = Sights.own(paths.slots(last), last)
    if last < end:
        found[last] = sights
    for index in range(last - 1, start - 1, -1):
        beyond = paths.slots(index + 1)
        sights = follow(paths.slots(index), index, paths.ahead(index), index + 1, beyond, sights, index + reach)
        if index < end:
            found[index] = sights
    return found


def _earlier(paths: Paths, start: int, end: int, reach: int) -> Iterator[tuple[int, Sights]]:
    """What each picture's hole sees in pictures before it, in order."""
    sights = Sights.own(paths.slots(start), start)
    yield start, sights
    for index in range(start + 1, end):
        before = paths.slots(index - 1)
        sights = follow(paths.slots(index), index, paths.back(index), index - 1, before, sights, index - reach)
        yield index, sights


def _fill(reel: Reel, paths: Paths, index: int, sights: tuple[Sights, Sights], before: _Filled | None) -> _Filled:
    slots, image = paths.slots(index), reel[index].image
    if not slots.count:
        return _Filled(image, np.zeros(0, np.bool_))
    colours = np.zeros((slots.count, 3), np.float32)
    weights = np.zeros(slots.count, np.float32)
    for sight in sights:
        _gather(reel, index, sight, slots.inner, colours, weights)
    guessed = slots.inner & (weights == 0)
    seen = (colours / np.where(weights == 0, np.float32(1), weights)[:, None])[slots.inner]
    result = image.copy()
    result[slots.rows[slots.inner], slots.columns[slots.inner]] = np.rint(np.clip(seen, 0, 255)).astype(np.uint8)
    if guessed.any():
        _guess(result, paths, index, guessed, before)
    return _Filled(result, guessed)


def _gather(reel: Reel, index: int, sights: Sights, wanted: NDArray[np.bool_], colours: F32, weights: F32) -> None:
    """Add the colours that are seen of the `wanted` pixels, the nearer in time the weightier."""
    seen = np.where(wanted, sights.picture, np.int32(NOWHERE))
    order = np.argsort(seen, kind="stable")
    pictures, begins = np.unique(seen[order], return_index=True)
    for picture, part in zip(pictures, np.split(order, begins[1:]), strict=True):
        if picture == NOWHERE:
            continue
        weight = 1 / float(picture - index) ** 2
        colours[part] += weight * sample_image(reel[int(picture)].image, sights.place[part])
        weights[part] += weight


def _guess(result: Image, paths: Paths, index: int, guessed: NDArray[np.bool_], before: _Filled | None) -> None:
    """Fill, in place, what no picture shows: smoothly, and as it was in the picture before."""
    slots = paths.slots(index)
    rows, columns = slots.rows[guessed], slots.columns[guessed]
    unknown = np.zeros(result.shape[:2], np.bool_)
    unknown[rows, columns] = True
    colours: F32 = _membrane(result, unknown)[rows, columns]
    if before is not None and before.guessed.any():
        steps = paths.back(index)
        places = np.stack([columns, rows], axis=1) + steps.motion[guessed]
        carried = sample_image(before.image, places.astype(np.float32))
        share = np.where(steps.sure[guessed], np.float32(_CARRIED), np.float32(0))[:, None]
        colours = np.asarray(share * carried + (1 - share) * colours, np.float32)
    result[rows, columns] = np.rint(np.clip(colours, 0, 255)).astype(np.uint8)


def _membrane(image: Image, unknown: NDArray[np.bool_]) -> F32:
    """A smooth filling, made at a small size: it has nothing in it that would need more."""
    height, width = unknown.shape
    share = min(1.0, _GUESS / max(height, width))
    if share == 1.0:
        return fill_smoothly(image.astype(np.float32), ~unknown)
    size = max(4, round(width * share)), max(4, round(height * share))
    known = np.asarray(cv2.resize(1 - unknown.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    total = cv2.resize(image * (~unknown)[..., None].astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mean = np.asarray(total / np.maximum(known, np.float32(1e-6))[..., None], np.float32)
    small = fill_smoothly(mean, known > 0)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
