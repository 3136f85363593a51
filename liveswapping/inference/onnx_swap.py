"""A swap network in ONNX Runtime: inswapper, or ReSwapper exported in its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.judgement import Port
from liveswapping.inference.networks.reswapper import LATENT
from liveswapping.inference.onnx_file import last_initialiser
from liveswapping.inference.onnx_pictures import OnnxPictures, as_type_of, fits, sizes
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession, Session
from liveswapping.inference.settling import Settled, open_pictures


class OnnxSwap(OnSession):
    """An open model. One thread at a time."""

    def __init__(self, path: Path, rungs: Sequence[Rung] | Settled, setup: Setup | None = None) -> None:
        """Raises ModelLoadError, also where the model's inputs are others than a swap network's."""
        super().__init__(open_pictures(path, rungs, setup))
        try:
            self._picture, self._source = _ports(self._session, path)
        except ModelLoadError:
            self._session.close()
            raise
        self.size = int(sizes(self._picture)[2] or 0)
        """Pixels per side of a crop."""
        self._pictures = OnnxPictures(self._session, 0.0, self._picture)
        self._path = path

    def answer(self, target: F32, latent: F32) -> F32:
        """As the published model: (1, 3, R, R) RGB 0..1 and (1, 512) -> (1, 3, R, R)."""
        feed = {
            self._picture.name: as_type_of(self._picture, target),
            self._source.name: as_type_of(self._source, latent),
        }
        return np.asarray(self._session.run(None, feed)[0], np.float32)

    def emap(self) -> F32 | None:
        """(512, 512) the identity map that lies last in the file; None where it holds none."""
        last = last_initialiser(self._path)
        return last if last is not None and last.shape == (LATENT, LATENT) else None

    def prepare(self, latent: F32) -> F32:
        """(512,) -> what `swap` takes of a source."""
        return np.asarray(latent, np.float32)[None]

    def swap(self, crops: Image, sources: Sequence[F32]) -> Image:
        """(n, size, size, 3) BGR bytes and one prepared source each -> the swapped crops, the same shape."""
        return self._pictures.run(crops, {self._source.name: as_type_of(self._source, np.concatenate(sources))})


def _ports(session: Session, path: Path) -> tuple[Port, Port]:
    """The picture's input and the source's."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    pictures = [port for port in inputs if len(port.shape) == 4]
    sources = [port for port in inputs if fits(port, (None, LATENT))]
    right = len(inputs) == 2 and len(pictures) == len(sources) == len(outputs) == 1
    if right:
        _, channels, height, width = sizes(pictures[0])
        right = channels == 3 and height is not None and height == width
    if not right:
        found = ", ".join(f"{port.name} {list(port.shape)}" for port in inputs)
        raise ModelLoadError(f"{path} is no swap network: it takes {found}; needed: [1, 3, size, size] and [1, 512]")
    return pictures[0], sources[0]
