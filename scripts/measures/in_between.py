"""Pictures between a slow engine's answers, compared with what the engine itself makes of those frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from skimage.metrics import structural_similarity

from liveswapping.build import open_store
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Image, Mask
from liveswapping.domain.look import Look
from liveswapping.domain.protocols import Swapper
from liveswapping.domain.settings import Settings
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.paste import paste
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.swappers.temporal.engine import Answer, TemporalSwapper

T = TypeVar("T")


class LateLane(Generic[T]):
    """Does a job at once and hands out its result after so many more questions for it: one a frame."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._left = 0
        self._result: list[T] = []

    @property
    def busy(self) -> bool:
        """A result was not yet fetched."""
        return bool(self._result)

    def begin(self, job: Callable[[], T]) -> None:
        """Do the job."""
        self._result, self._left = [job()], self._frames

    def result(self) -> T | None:
        """The result, when its time has come."""
        self._left -= 1
        return self._result.pop() if self._result and self._left <= 0 else None

    def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Of every compared frame, within the face's box."""

    psnr: F32
    ssim: F32


def compare(
    frames: Sequence[Image], make: Callable[[], Swapper], person: Identity, look: Look, late: int, every: int
) -> Found:
    """Swap `frames` by an engine that answers `late` frames late, and by one that answers at once.

    Both engines are made by `make`, both see the same faces and masks. Frames count from the second answer on, as in
    the first moments there is nothing to carry.
    """
    path = open_store(Settings()).path
    analyser, masker = MediapipeAnalyser(path), OcclusionMasker(path)
    truth, lane = make(), LateLane[Answer](late)
    between = TemporalSwapper(make(), lane)
    scores = []
    seen: Mask | None = None
    try:
        for index, image in enumerate(frames):
            faces = analyser.faces(image)[:1]
            if not faces:
                continue
            masker.start(image)
            mask = masker.mask(image, faces[0])
            target = Target(faces[0], person, seen if index else mask, look)
            seen = mask
            wanted, shown = truth.swap(image, [target])[0], between.swap(image, [target])[0]
            if index >= 2 * late and index % every == 0:
                scores.append(_score(image, faces[0], mask, wanted, shown))
    finally:
        for part in (analyser, masker, truth, between):
            part.close()
    psnr, ssim = np.array(scores, np.float32).T
    return Found(psnr, ssim)


def _score(image: Image, face: Face, mask: Mask | None, wanted: Patch, shown: Patch) -> tuple[float, float]:
    left, top, right, bottom = np.round(face.box).astype(int)
    one, other = (_pasted(image, patch, mask)[max(0, top) : bottom, max(0, left) : right] for patch in (wanted, shown))
    error = float(np.mean((one.astype(np.float32) - other) ** 2))
    likeness = structural_similarity(one, other, channel_axis=2)  # type: ignore[no-untyped-call]
    return 10.0 * float(np.log10(255.0**2 / max(error, 1e-6))), float(likeness)


def _pasted(image: Image, patch: Patch, mask: Mask | None) -> Image:
    picture = image.copy()
    if patch.mask.size:
        paste(picture, [patch], [mask])
    return picture
