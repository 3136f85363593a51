"""The motion of what is behind the holes of a scene, pair by pair, measured once and kept while it is needed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32
from liveswapping.inpainting.chains import Slots, Steps
from liveswapping.inpainting.completion import complete_flow
from liveswapping.inpainting.motion import FlowMeter, Grey, agree, grey
from liveswapping.inpainting.sampling import sample_field
from liveswapping.inpainting.shots import Hole, Reel, Shot

_LARGEST: Final = 640
"""Pixels of the longer side at which motion is measured."""
_SMEARED: Final = 20
"""Pixels around a hole, there, whose measured motion may be that of the thing in it: DIS begins at a fraction of the
size, with patches of 8×8. On panned clips 5 gives 24 dB, 12 gives 36, 24 gives 40; more leaves too little around."""
_SLACK: Final = 16.0
"""Square pixels: how far motion in a hole, which is a guess in both directions, may miss on its way back. A tighter
limit breaks chains that are right in the main: 33 dB instead of 27 dB on a panned clip."""
_SMALL: Final = 16


class Paths:
    """Owns what is known of a reel's pictures besides themselves. One thread calls; another measures beside it."""

    def __init__(self, reel: Reel, workers: ThreadPoolExecutor, attend: Callable[[], None]) -> None:
        """`attend` is called for each pair, and may raise."""
        self._reel = reel
        self._attend = attend
        self._workers = workers
        self._meters = FlowMeter(), FlowMeter()
        self._slots: dict[int, Slots] = {}
        self._greys: dict[int, Grey] = {}
        self._ahead: dict[int, Steps] = {}
        self._back: dict[int, Steps] = {}

    def slots(self, index: int) -> Slots:
        """The pixels of picture `index`'s hole."""
        if index not in self._slots:
            self._slots[index] = Slots(self._reel[index].hole)
        return self._slots[index]

    def ahead(self, index: int) -> Steps:
        """From the hole of picture `index` to the next picture."""
        self._measure(index)
        return self._ahead[index]

    def back(self, index: int) -> Steps:
        """From the hole of picture `index` to the one before."""
        self._measure(index - 1)
        return self._back[index]

    def forget(self, below: int) -> None:
        """Let go of what concerns only the pictures before `below`."""
        for kept in (self._slots, self._greys, self._ahead, self._back):
            for index in [one for one in kept if one < below]:
                del kept[index]

    def _grey(self, index: int) -> Grey:
        if index not in self._greys:
            self._greys[index] = grey(self._reel[index].image, self._size(index))
        return self._greys[index]

    def _size(self, index: int) -> tuple[int, int]:
        height, width = self._reel[index].image.shape[:2]
        share = min(1.0, _LARGEST / max(height, width))
        return max(_SMALL, round(width * share)), max(_SMALL, round(height * share))

    def _measure(self, index: int) -> None:
        """Both ways between picture `index` and the next."""
        if index in self._ahead:
            return
        self._attend()
        pair = (index, index + 1), (index + 1, index)
        greys = [(self._grey(one), self._grey(other)) for one, other in pair]
        known = [_measurable(self._reel[one], self._size(one)) for one, _ in pair]
        other = self._workers.submit(_completed, self._meters[1], *greys[1], known[1])
        flow = _completed(self._meters[0], *greys[0], known[0])
        back = other.result()
        self._ahead[index] = _steps(self.slots(index), flow, back)
        self._back[index + 1] = _steps(self.slots(index + 1), back, flow)
        self._greys.pop(index - 1, None)


def _completed(meter: FlowMeter, one: Grey, other: Grey, known: NDArray[np.bool_]) -> F32:
    return complete_flow(meter.flow(one, other), known)


def _measurable(shot: Shot, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where motion is that of the background, at `size`."""
    hole: Hole = shot.hole if shot.flow_hole is None else shot.flow_hole
    small = cv2.resize(hole.view(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SMEARED + 1, 2 * _SMEARED + 1))
    return np.equal(cv2.dilate(small.view(np.uint8), kernel), 0)


def _steps(slots: Slots, flow: F32, back: F32) -> Steps:
    """At the pixels of a hole, out of flows at the size that they were measured at."""
    height, width = slots.hole.shape
    scale = np.array([flow.shape[1] / width, flow.shape[0] / height], np.float32)
    places = (slots.places + 0.5) * scale - 0.5
    sure = agree(flow, back, _SLACK)[
        np.clip(np.rint(places[:, 1]).astype(int), 0, flow.shape[0] - 1),
        np.clip(np.rint(places[:, 0]).astype(int), 0, flow.shape[1] - 1),
    ]
    return Steps(sample_field(flow, places) / scale, sure)
