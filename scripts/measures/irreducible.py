"""The work that no face swap on these networks can avoid: what a frame's time is held against."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from liveswapping.domain.frame import Image
from liveswapping.inference.litert import LiteRtModel

DETECTION_EVERY = 10
"""A detection is counted by this part: trackers look for new faces now and then."""


class Irreducible:
    """For n faces: n mesh, 2 n iris and one segmentation inference, a tenth of a detection, one copy of the frame.

    Each network has one LiteRT thread, as in the product; they run one after the other.
    """

    def __init__(self, model_path: Callable[[str], Path], faces: int) -> None:
        self._faces = faces
        names = ("face_landmark", "iris_landmark", "selfie_segmentation_landscape", "face_detection_full_range_sparse")
        self._mesh, self._iris, self._person, self._detector = (LiteRtModel(model_path(name)) for name in names)
        rng = np.random.default_rng(0)
        self._inputs = {
            model: rng.random(model.input_shape, np.float32)
            for model in (self._mesh, self._iris, self._person, self._detector)
        }
        self._copy: Image | None = None

    def networks(self) -> float:
        """Run them once; seconds."""
        return (
            self._faces * self._timed(self._mesh)
            + 2 * self._faces * self._timed(self._iris)
            + self._timed(self._person)
            + self._timed(self._detector) / DETECTION_EVERY
        )

    def copy(self, image: Image) -> float:
        """Copy a frame once, into memory that is there already; seconds."""
        if self._copy is None or self._copy.shape != image.shape:
            self._copy = np.zeros_like(image)
        began = time.perf_counter()
        np.copyto(self._copy, image)
        return time.perf_counter() - began

    def _timed(self, model: LiteRtModel) -> float:
        values = self._inputs[model]
        began = time.perf_counter()
        model(values)
        return time.perf_counter() - began
