"""DeepFaceLive's models: the engine for networks that were trained on one person, aligned as they were trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.face import Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.imaging.align import Framing, crop
from liveswapping.imaging.colour_match import match_light
from liveswapping.imaging.patch_mask import box_mask
from liveswapping.inference.onnx_dfm import OnnxDfm
from liveswapping.inference.providers import Rung, Setup
from liveswapping.swappers.aligned import without_kept

MORPH: Final = 0.75
"""DeepFaceLive's morph factor, as the published product set it."""
_MEAN_FACE: Final = (
    (0.225492, 0.215990),
    (0.754761, 0.215990),
    (0.490127, 0.515625),
    (0.254149, 0.780233),
    (0.726104, 0.780233),
)
"""Eyes' centres, nose tip and mouth's corners of dlib's mean face, whose brows span 0..1. DeepFaceLab aligns to it."""
_COVERAGE: Final = 2.2
"""How many such squares a crop is wide, in DeepFaceLive; the crops of DeepFaceLab's whole-face sets are 2.13."""
_RAISED: Final = 0.08
"""How far the crop's centre lies above the square's, in squares: it shows the forehead."""
_ERODED: Final = 0.02
_SOFTENED: Final = 0.03
"""Shares of the crop's side by which the masks are narrowed and faded."""


def whole_face(coverage: float = _COVERAGE) -> Framing:
    """DeepFaceLive's crop of a whole face."""
    centre = (0.5, 0.5 - _RAISED)
    return Framing(tuple(((x - centre[0]) / coverage, (y - centre[1]) / coverage) for x, y in _MEAN_FACE), 1.0)


class DfmSwapper:
    """Swapper by a DeepFaceLive model. Who the source is, the model knows. One thread at a time."""

    def __init__(self, network: OnnxDfm, morph: float = MORPH, coverage: float = _COVERAGE) -> None:
        """`coverage`: for models that were trained on another crop. Raises SettingsError."""
        self.network = network
        """What it runs on, and why not on something faster, is the network's to say."""
        self._framing = whole_face(coverage)
        self.morph = morph

    @property
    def morph(self) -> float:
        """0..1: how much of the trained person's shape is taken. Without effect where the model has no such input."""
        return self._morph

    @morph.setter
    def morph(self, value: float) -> None:
        if not 0.0 <= value <= 1.0:
            raise SettingsError(f"morph factor {value:g} cannot be used; allowed: 0 to 1")
        self._morph = value

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        if not targets:
            return []
        size = self.network.size
        matrices = [self._framing.matrix(target.face.keypoints, size) for target in targets]
        crops = np.stack([crop(image, matrix, size) for matrix in matrices])
        answer = self.network.run(crops, self._morph)
        parts = zip(targets, matrices, crops, answer.faces, answer.masks, strict=True)
        return [_patch(*part) for part in parts]

    def close(self) -> None:
        """Release the network."""
        self.network.close()


def open_dfm(
    path: Path, rungs: Sequence[Rung], setup: Setup | None = None, morph: float = MORPH, hold: Hold = open_anew
) -> DfmSwapper:
    """The engine for a .dfm file. `hold`: where the network may be open already.

    Raises ModelLoadError, GPUMemoryError and SettingsError.
    """
    network = hold((path, tuple(rungs), setup), lambda: OnnxDfm(path, rungs, setup))
    try:
        return DfmSwapper(network, morph)
    except SettingsError:
        network.close()
        raise


def _patch(target: Target, matrix: F32, before: Image, after: Image, seen: F32) -> Patch:
    box = box_mask(len(seen))
    mask = box if target.look.box_mask else np.minimum(_narrowed(seen), box)
    lit = match_light(after, before, mask, target.look.colour)
    return Patch(lit, matrix, without_kept(mask, target.face, target.look, matrix))


def _narrowed(mask: F32) -> F32:
    """Eroded, so that no background of the trained person's pictures shows, and faded."""
    size = len(mask)
    reach = 2 * max(1, round(size * _ERODED)) + 1
    soft = 2 * max(1, round(size * _SOFTENED)) + 1
    worn = cv2.erode(mask, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(np.minimum(cv2.GaussianBlur(worn, (soft, soft), 0), mask), np.float32)
