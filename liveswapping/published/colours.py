"""The published names for giving a source photograph the colours of the face that it replaces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

import cv2
import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.published.blending import AdaptiveBlending

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Analyser

_LEAST: Final = 1.0
"""A channel that varies less than this, in levels of LAB, is only shifted: stretching it would give noise."""


class Boxed(Protocol):
    """A face of InsightFace's analysis."""

    bbox: F32


@runtime_checkable
class Gets(Protocol):
    """InsightFace's analysis."""

    def get(self, image: Image) -> Sequence[Boxed]:
        """The faces of a picture."""
        ...


def apply_color_transfer(source_path: str | Path, target: Image) -> Image:
    """The photograph, its LAB mean and spread those of the largest face in `target`; as it is where there is none.

    Raises SourceError.
    """
    from liveswapping.build import open_store
    from liveswapping.domain.settings import Settings
    from liveswapping.observers import open_analyser

    analyser = open_analyser(Settings(), open_store(Settings()), live=False)
    try:
        boxes = [face.box for face in analyser.faces(target)]
    finally:
        analyser.close()
    return _transferred(source_path, target, boxes)


class AdaptiveColorTransfer:
    """The published class; it asks the caller's own face analysis."""

    def apply_color_transfer_adaptive(
        self, source_path: str | Path, target: Image, face_analysis: Gets | Analyser
    ) -> Image:
        """As apply_color_transfer. `face_analysis`: has `get` as InsightFace's, or `faces` as our analysers."""
        if isinstance(face_analysis, Gets):
            return _transferred(source_path, target, [face.bbox for face in face_analysis.get(target)])
        return _transferred(source_path, target, [face.box for face in face_analysis.faces(target)])


class AdaptiveProcessor(NamedTuple):
    """What create_adaptive_processor answers with."""

    color_transfer: AdaptiveColorTransfer
    blending: AdaptiveBlending


def create_adaptive_processor(target_height: int) -> AdaptiveProcessor:
    """Colour transfer and blending for frames of that height; the same for every one."""
    return AdaptiveProcessor(AdaptiveColorTransfer(), AdaptiveBlending())


def _transferred(source_path: str | Path, target: Image, boxes: Sequence[F32]) -> Image:
    from liveswapping.build import picture

    source = picture(source_path)
    height, width = target.shape[:2]
    for box in sorted(boxes, key=lambda box: -float((box[2] - box[0]) * (box[3] - box[1]))):
        left, top, right, bottom = (int(edge) for edge in box)
        face = target[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
        if face.size:
            return match_statistics(source, face)
    return source


def match_statistics(source: Image, target: Image) -> Image:
    """`source` with the mean and the standard deviation of `target` in each channel of LAB."""
    ours, theirs = (cv2.cvtColor(image, cv2.COLOR_BGR2LAB).astype(np.float32) for image in (source, target))
    here, there = ours.reshape(-1, 3), theirs.reshape(-1, 3)
    spread = here.std(axis=0)
    gain = np.where(spread < _LEAST, 1.0, there.std(axis=0) / np.maximum(spread, _LEAST))
    moved = np.clip(np.rint((ours - here.mean(axis=0)) * gain + there.mean(axis=0)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(moved, cv2.COLOR_LAB2BGR), np.uint8)
