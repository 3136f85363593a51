"""Looks for what hides the faces while they are being drawn.

A swapper needs to know what of a face is visible only to take its light, which hardly changes from frame to frame: for
a tracked face what was visible in the last frame will do. So the masks of this frame, which decide what is pasted, are
made on a second thread meanwhile, if a core is free for it. A face seen for the first time has to wait for its mask.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image, Mask
from liveswapping.domain.protocols import Masker, Resumable
from liveswapping.imaging.bands import at_work, spare

_NEWEST: Final = 0.1
"""Share of the newest frame in a running mean."""


class Masking:
    """Owns a Masker and the thread it works on. One caller at a time."""

    def __init__(self, masker: Masker | None) -> None:
        self._masker = masker
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="masks")
        self._last: dict[int, Mask | None] = {}
        self._sparing = False
        self._turn = False
        self._stood: float | None = None
        """Seconds for which the loop stood still when this frame's masks were begun; None: they are the last ones."""
        self._waited = 0.0
        """The same of frames whose masks are looked for, until they are there; a running mean."""

    @property
    def savings(self) -> Sequence[str]:
        """It can look at every second frame only."""
        return () if self._masker is None else ("what hides a face is looked for in every second frame",)

    def save(self, count: int) -> None:
        """1: every second frame keeps the masks of the one before."""
        self._sparing = count > 0

    def cost(self, count: int) -> float:
        """Half of what the loop waits for masks."""
        return self._waited / 2

    def begin(self, image: Image, faces: Sequence[Face]) -> Future[list[Mask | None]]:
        """The masks of `faces`, begun; call `visible` to know what can be said meanwhile, then ask for the result."""
        self._turn = self._sparing and not self._turn
        self._stood = None
        if self._turn and all(face.track_id in self._last for face in faces):
            kept: Future[list[Mask | None]] = Future()
            kept.set_result([self._last[face.track_id] for face in faces])
            return kept
        self._stood = 0.0
        if spare():
            return self._worker.submit(self._aside, image, faces)
        done: Future[list[Mask | None]] = Future()
        began = time.perf_counter()
        done.set_result(self._masks(image, faces))
        self._stood = time.perf_counter() - began
        return done

    def visible(self, faces: Sequence[Face], begun: Future[list[Mask | None]]) -> list[Mask | None]:
        """The last frame's masks, whether or not this frame's are done: what is drawn never depends on timing.

        Where a face has none it is this frame's.
        """
        if any(face.track_id not in self._last for face in faces):
            return begun.result()
        return [self._last[face.track_id] for face in faces]

    def finish(self, faces: Sequence[Face], begun: Future[list[Mask | None]]) -> list[Mask | None]:
        """This frame's masks."""
        began = time.perf_counter()
        masks = begun.result()
        if self._stood is not None:
            self._waited += _NEWEST * (self._stood + time.perf_counter() - began - self._waited)
        self._last = {face.track_id: mask for face, mask in zip(faces, masks, strict=True) if face.track_id >= 0}
        return masks

    def reset(self) -> None:
        """Forget earlier pictures."""
        self._last = {}
        if self._masker is not None:
            self._masker.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._last, self._masker.state() if isinstance(self._masker, Resumable) else None

    def restore(self, state: tuple[dict[int, Mask | None], object]) -> None:
        """As `Resumable.restore`."""
        self._last, within = state
        masker: object = self._masker
        if isinstance(masker, Resumable):
            masker.restore(within)

    def close(self) -> None:
        """End the thread and release the masker."""
        self._worker.shutdown()
        if self._masker is not None:
            self._masker.close()

    def _aside(self, image: Image, faces: Sequence[Face]) -> list[Mask | None]:
        with at_work():
            return self._masks(image, faces)

    def _masks(self, image: Image, faces: Sequence[Face]) -> list[Mask | None]:
        if self._masker is None:
            return [None] * len(faces)
        self._masker.start(image)
        return [self._masker.mask(image, face) for face in faces]
