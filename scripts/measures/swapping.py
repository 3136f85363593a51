"""The real pipeline over a clip, with what it put where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from liveswapping.build import open_store
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Image, Mask
from liveswapping.domain.protocols import Analyser, Masker, Swapper
from liveswapping.domain.settings import Settings
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.imaging.paste import paste
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.pipeline.finish import finish
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.timing import Laps
from liveswapping.swappers.mesh.engine import MeshSwapper


@dataclass(frozen=True, slots=True, eq=False)
class SwappedFrame:
    """One frame before and after."""

    before: Image
    after: Image
    mask: F32
    """H×W: how much of each pixel is the swapped face, …"""
    placed: F32
    """… and how much were, had nothing been found in front of it."""
    touched: Image
    """H×W, 0 where the mask is exactly 0."""
    swapped: int


class _Watched:
    """A swapper whose last patches can be looked at."""

    def __init__(self, swapper: Swapper) -> None:
        self._swapper = swapper
        self._patches: Sequence[Patch] = ()

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        self._patches = self._swapper.swap(image, targets)
        return self._patches

    def taken(self) -> Sequence[Patch]:
        """The patches since the last call."""
        patches, self._patches = self._patches, ()
        return patches

    def close(self) -> None:
        self._swapper.close()


class _WatchedMasker:
    """A masker whose last masks can be looked at."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._masks: list[Mask | None] = []

    def start(self, image: Image) -> None:
        self._masker.start(image)

    def mask(self, image: Image, face: Face) -> Mask | None:
        self._masks.append(self._masker.mask(image, face))
        return self._masks[-1]

    def reset(self) -> None:
        self._masker.reset()

    def close(self) -> None:
        self._masker.close()

    def taken(self) -> Sequence[Mask | None]:
        """The masks since the last call, one for each face that was swapped."""
        masks, self._masks = self._masks, []
        return masks


def swap_clip(frames: Iterable[Image], person: Identity, settings: Settings | None = None) -> list[SwappedFrame]:
    """Every frame through a fresh live pipeline, built as `build_pipeline` builds it."""
    settings = settings or Settings()
    store = open_store(settings)
    watched = _Watched(MeshSwapper())
    masker = _WatchedMasker(OcclusionMasker(store.path))
    pipeline = Pipeline(MediapipeAnalyser(store.path), watched, person, masker)
    results = []
    try:
        for frame in frames:
            done = pipeline.process(frame, settings, Laps())
            patches = [finish(one, settings.look) for one in watched.taken()]
            visible = masker.taken()
            mask, placed = (
                _pasted(frame, patches, masks)[..., 0].astype(np.float32) / np.float32(255)
                for masks in (visible, [None] * len(patches))
            )
            support = [replace(patch, mask=(patch.mask > 0).astype(np.float32)) for patch in patches]
            touched = _pasted(frame, support, visible)[..., 0]
            results.append(SwappedFrame(frame, done.image.copy(), mask, placed, touched, done.swapped))
    finally:
        pipeline.close()
    return results


def _pasted(frame: Image, patches: Sequence[Patch], visible: Sequence[Mask | None]) -> Image:
    """White patches on black: the masks as the frame sees them."""
    canvas = np.zeros_like(frame)
    paste(canvas, [replace(patch, image=np.full_like(patch.image, 255)) for patch in patches], visible)
    return canvas


def tracked(frames: Iterable[Image], *, smooth: bool) -> list[Face | None]:
    """The largest face of every frame, as the live analyser finds it."""
    analyser: Analyser = MediapipeAnalyser(open_store(Settings()).path, smooth=smooth)
    try:
        found = [list(analyser.faces(frame)) for frame in frames]
    finally:
        analyser.close()
    return [faces[0] if faces else None for faces in found]
