"""Face restorers in ONNX Runtime: every model that takes an aligned face and gives it back restored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import Image
from liveswapping.inference.judgement import ANY, Array, Port
from liveswapping.inference.onnx_pictures import OnnxPictures, as_type_of, fits, sizes
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession
from liveswapping.inference.settling import Settled, open_pictures

SIZE: Final = 512
"""Pixels per side where the model leaves them open: what all published ones are for."""
_PICTURE: Final = (None, 3, SIZE, SIZE)


class OnnxFaceRestorer(OnSession):
    """GFPGAN, CodeFormer, GPEN, RestoreFormer and their like: RGB -1..1, 512 pixels. One thread at a time."""

    def __init__(
        self, path: Path, rungs: Sequence[Rung] | Settled, setup: Setup | None = None, fidelity: float = 0.5
    ) -> None:
        """`fidelity` 0..1: how near the answer stays to what it is given, where a model asks (CodeFormer).

        Raises ModelLoadError, also where the model is no such restorer.
        """
        super().__init__(open_pictures(path, rungs, setup, {ANY: (1, 3, SIZE, SIZE)}))
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        pictures = [port for port in inputs if fits(port, _PICTURE)]
        others = [port for port in inputs if port not in pictures]
        if len(pictures) != 1 or not fits(outputs[0], _PICTURE) or not all(_is_one_number(port) for port in others):
            self.close()
            found = ", ".join(f"{port.name} {list(port.shape)}" for port in inputs)
            raise ModelLoadError(f"{path} is no face restorer: it takes {found}; needed: [1, 3, {SIZE}, {SIZE}]")
        self._pictures = OnnxPictures(self._session, -1.0, pictures[0])
        self._same: dict[str, Array] = {
            port.name: as_type_of(port, np.full([1] * len(port.shape), fidelity)) for port in others
        }
        self.size = SIZE
        """Pixels per side of a face."""

    def run(self, faces: Image) -> Image:
        """(n, size, size, 3) BGR bytes -> the same, restored."""
        return self._pictures.run(faces, same=self._same)


def _is_one_number(port: Port) -> bool:
    return port.type != "tensor(int64)" and all(size == 1 for size in sizes(port))
