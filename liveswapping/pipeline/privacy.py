"""What may leave: the real face never does by accident.

Two policies decide. `no_face` is for the whole picture where there is no face that was swapped and can be trusted:
nobody there, an engine that failed or has not answered yet, a face almost hidden. `others` is for the faces of people
whom nobody chose. A face that is lost while others are swapped is covered where it was last seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image, Mask, Region
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.settings import Settings
from liveswapping.pipeline.watching import Look, Watching

if TYPE_CHECKING:
    from liveswapping.pipeline.pipeline import Swapped

_SAME: Final = 0.3
"""Two boxes that share this much of the smaller one are of one face."""
_ONE: Final = 0.7
"""With this much they are covered as one."""
LINGERING: Final = 45
"""Frames for which the place of a lost face stays covered."""
GLIMPSED: Final = 6
"""Frames for which a place stays covered where the lookout saw something once."""
GROWN: Final = 1.5
"""A covered place is this many times the face's box: forehead, ears and what it moves until the next frame."""
HAIR: Final = 0.5
"""How far hair reaches beyond a face's box, in its sizes: strands and partings look like faces to a doubtful eye."""
TINY: Final = 0.5
"""What is smaller than this beside a face is no face of somebody near enough to cover that one's hair."""
COARSE: Final = 24
"""Cells across a picture that is blurred as a whole."""
CELLS: Final = 4
"""Cells across a covered face: nobody is known by so few."""
VISIBLE: Final = 0.35
"""Less than this share of a face in sight is no swap that can be trusted: what shows may be the face itself."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What happens to what was not swapped."""

    no_face: str
    """pass, hold, blur or black."""
    others: str
    """pass or blur."""

    @classmethod
    def of(cls, settings: Settings, live: bool) -> Policies:
        """What was asked for; else nothing real leaves a live run, and a file keeps what it shows."""
        usual = "blur" if live else "pass"
        return cls(settings.no_face or usual, settings.others or usual)

    @property
    def exposing(self) -> bool:
        """A real face may leave."""
        return "pass" in (self.no_face, self.others)


@dataclass(slots=True, eq=False)
class Seen:
    """Where a face was seen last."""

    box: F32
    swapped: bool
    missing: int = 0


class Guard:
    """Covers what must not leave. One stream, one thread at a time."""

    def __init__(self, lookout: Look | None = None) -> None:
        """`lookout` sees whoever is there: tracking needs some frames for that."""
        self._lookout = None if lookout is None else Watching(lookout)
        self._strange: deque[list[F32]] = deque(maxlen=GLIMPSED)
        self._places: dict[int, Seen] = {}
        self._pool = ImagePool()
        self._safe: Image | None = None

    def expect(self, image: Image, policies: Policies) -> None:
        """Begin to look at a picture that will be protected, after those that were begun before it."""
        if self._lookout is not None and policies.others == "blur":
            self._lookout.begin(image)

    def protect(self, image: Image, done: Swapped | None, policies: Policies) -> tuple[Image, int]:
        """What leaves of `image`, and how many faces were covered (-1: the whole picture).

        `done` is what the pipeline made of it; None where it failed. `image` is not written, nor is what others hold.
        """
        lost = () if done is None else self._lost(done.chosen, done.others)
        whole = done is None or (policies.no_face != "pass" and (not done.swapped or not done.trusted))
        looks = not whole and policies.others == "blur"
        if self._lookout is not None and not looks:
            self._lookout.leave_out(image)
        if done is None or whole:
            there = image if done is None else done.image
            return (there, 0) if policies.no_face == "pass" else (self._instead(there, policies.no_face), -1)
        covered = [*(face.box for face in done.others), *self._strangers(image, done)] if looks else []
        if policies.no_face != "pass":
            covered += [place.box for place in lost if place.swapped or policies.others == "blur"]
        result = done.image
        if covered:
            result = result if done.own else self._pool.copy(result)
            for box in _joined(covered):
                cover(result, box * np.float32(result.shape[1] / image.shape[1]))
        if policies.no_face == "hold":
            self._safe = result
        return result, len(covered)

    def reset(self) -> None:
        """Forget earlier pictures."""
        self._places, self._safe = {}, None

    def close(self) -> None:
        """End what it had begun."""
        if self._lookout is not None:
            self._lookout.close()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._places, self._safe

    def restore(self, state: tuple[dict[int, Seen], Image | None]) -> None:
        """As `Resumable.restore`."""
        self._places, self._safe = state

    def _strangers(self, image: Image, done: Swapped) -> list[F32]:
        """Where there may be a face that is not tracked yet."""
        if self._lookout is None:
            return []
        known = [face.box for face in (*done.chosen, *done.others)]
        seen = [box for box in self._lookout.seen(image) if not any(_in_hair(box, face) for face in known)]
        self._strange.append([box for box in seen if all(_overlap(box, other) < _SAME for other in known)])
        return [box for boxes in self._strange for box in boxes if all(_overlap(box, one) < _SAME for one in known)]

    def _instead(self, image: Image, policy: str) -> Image:
        """The whole picture, so that nobody is known from it."""
        held = self._safe
        if policy == "hold" and held is not None and held.shape == image.shape:
            return held
        result = self._pool.empty(image.shape)
        if policy == "blur":
            height, width = image.shape[:2]
            cells = COARSE, max(2, round(COARSE * height / width))
            small = cv2.resize(image, cells, interpolation=cv2.INTER_AREA)
            cv2.resize(small, (width, height), dst=result, interpolation=cv2.INTER_LINEAR)
        else:
            result[:] = 0
        return result

    def _lost(self, chosen: Sequence[Face], others: Sequence[Face]) -> list[Seen]:
        """Where faces were until lately that are seen no more. Takes in this frame's."""
        for faces, swapped in ((chosen, True), (others, False)):
            for face in faces:
                if face.track_id >= 0:
                    self._places[face.track_id] = Seen(face.box, swapped)
        seen = {face.track_id for face in (*chosen, *others)}
        lost = []
        for ident, place in list(self._places.items()):
            if ident in seen:
                continue
            place.missing += 1
            found_again = any(_overlap(place.box, face.box) > _SAME for face in (*chosen, *others))
            if place.missing > LINGERING or found_again:
                del self._places[ident]
            else:
                lost.append(place)
        return lost


def in_sight(face: Face, mask: Mask | None) -> bool:
    """Whether enough of a face is visible for its swap to be trusted."""
    if mask is None:
        return True
    left, top = int(face.box[0]) - mask.region.left, int(face.box[1]) - mask.region.top
    right, bottom = int(face.box[2]) - mask.region.left, int(face.box[3]) - mask.region.top
    part = mask.values[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    return part.size == 0 or float(part[::4, ::4].mean()) > VISIBLE


def cover(image: Image, box: F32) -> None:
    """Blur what is in and around `box` (4,) beyond recognition, in place."""
    region = _grown(box, image.shape[1], image.shape[0])
    if region.width < 2 or region.height < 2:
        return
    part = image[region.slices]
    cells = min(region.width, 2 * CELLS), min(region.height, 2 * CELLS)
    coarse = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    image[region.slices] = cv2.resize(coarse, (region.width, region.height), interpolation=cv2.INTER_LINEAR)


def _grown(box: F32, width: int, height: int) -> Region:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    reach = GROWN * max(box[2] - box[0], box[3] - box[1]) / 2
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    right, bottom = min(width, int(x + reach) + 1), min(height, int(y + reach) + 1)
    return Region(left, top, max(0, right - left), max(0, bottom - top))


def _in_hair(box: F32, face: F32) -> bool:
    """Whether a box lies in the hair above somebody's face, and is so small beside it that it can be nobody else's."""
    width, height = face[2] - face[0], face[3] - face[1]
    hair = face + np.array([-HAIR * width, -HAIR * height, HAIR * width, -height / 2], np.float32)
    return bool(box[2] - box[0] < TINY * width) and _overlap(box, hair) > 1 - _SAME


def _joined(boxes: Sequence[F32]) -> list[F32]:
    """As few boxes as hold all of `boxes`, where they lie over one another: one thing, seen in several frames."""
    joined: list[F32] = []
    for box in boxes:
        for number, known in enumerate(joined):
            if _overlap(box, known) > _ONE:
                joined[number] = np.concatenate([np.minimum(box[:2], known[:2]), np.maximum(box[2:], known[2:])])
                break
        else:
            joined.append(box)
    return joined


def _overlap(one: F32, other: F32) -> float:
    """Intersection over the smaller area."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((one[2] - one[0]) * (one[3] - one[1]), (other[2] - other[0]) * (other[3] - other[1]))
    return float(max(0.0, wide) * max(0.0, high) / max(smaller, 1e-6))
