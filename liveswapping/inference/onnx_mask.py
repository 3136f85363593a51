"""Networks that say what of a face is the face, in ONNX Runtime: occluders (XSeg) and parsers (BiSeNet)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.judgement import ANY, Array
from liveswapping.inference.onnx_pictures import as_type_of, fits, sizes
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession, open_session

_OCCLUDER_SIZE: Final = 256
_PARSER_SIZE: Final = 512
"""Pixels per side where a model leaves them open: what XSeg and BiSeNet were trained on."""
_CLASSES: Final = 19
"""Of CelebAMask-HQ (arXiv:1907.11922), in BiSeNet's order."""
_FACE_CLASSES: Final = (1, 2, 3, 4, 5, 10, 11, 12, 13)
"""Skin, brows, eyes, nose, mouth and lips. Glasses, ears, hair, hat and neck stay the target's."""
_MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
_STD: Final = np.array([0.229, 0.224, 0.225], np.float32)
"""ImageNet's, RGB, which parsers are trained with."""
_LOGITS: Final = 0.05
"""Values further outside 0..1 than this are no probabilities."""


class OnnxMask(OnSession):
    """An occluder (one value a pixel) or a parser (19 scores a pixel); the model's output tells. One thread at a time.

    An occluder takes BGR 0..1 where channels are last (DeepFaceLab's habit), RGB 0..1 where they are first; a parser
    takes RGB less ImageNet's mean.
    """

    def __init__(self, path: Path, rungs: Sequence[Rung], setup: Setup | None = None) -> None:
        """Raises ModelLoadError, also where the model is neither."""
        from liveswapping.inference.onnx_file import input_shapes

        shape = next(iter(input_shapes(path).values()), ())
        self._last = len(shape) == 4 and shape[3] == 3
        open_size = _OCCLUDER_SIZE if self._last else _PARSER_SIZE
        probe = (1, open_size, open_size, 3) if self._last else (1, 3, open_size, open_size)
        super().__init__(open_session(path, rungs, setup, {ANY: probe}))
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        wanted = (None, None, None, 3) if self._last else (None, 3, None, None)
        side = sizes(inputs[0])[1 if self._last else 2] if inputs and fits(inputs[0], wanted) else 0
        channels = sizes(outputs[0])[-1 if self._last else 1] if outputs and len(outputs[0].shape) == 4 else 0
        if len(inputs) != 1 or side == 0 or channels not in (1, _CLASSES):
            self.close()
            found = ", ".join(f"{port.name} {list(port.shape)}" for port in (*inputs, *outputs[:1]))
            raise ModelLoadError(f"{path} is no occluder or parser: {found}; needed: a face in, 1 or 19 channels out")
        self._input = inputs[0]
        self._parses = channels == _CLASSES
        self.size = side or open_size
        """Pixels per side of a face."""

    def run(self, face: Image) -> F32:
        """(size, size, 3) BGR bytes -> (size, size) 0..1: how much of a pixel is the face."""
        feed = {self._input.name: as_type_of(self._input, self._prepared(face))}
        while True:
            answer = np.asarray(self._session.run(None, feed)[0], np.float32)[0]
            if np.isfinite(answer).all():
                return self._share(answer if self._last else answer.transpose(1, 2, 0))
            self._session.reject("it answered NaN or infinity")

    def _prepared(self, face: Image) -> Array:
        values = face.astype(np.float32) / np.float32(255)
        if self._last and not self._parses:
            return values[None]
        values = values[:, :, ::-1]
        if self._parses:
            values = (values - _MEAN) / _STD
        return np.ascontiguousarray(values[None] if self._last else values.transpose(2, 0, 1)[None])

    def _share(self, answer: F32) -> F32:
        """(h, w, channels) -> (h, w)."""
        if self._parses:
            likely = np.exp(answer - answer.max(axis=2, keepdims=True))
            return np.asarray(likely[..., list(_FACE_CLASSES)].sum(axis=2) / likely.sum(axis=2), np.float32)
        values = answer[..., 0]
        if values.min() < -_LOGITS or values.max() > 1.0 + _LOGITS:
            values = np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -50, 50))), np.float32)
        return np.asarray(np.clip(values, 0, 1), np.float32)
