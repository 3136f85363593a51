"""The published names for swapping frames with a model that was loaded by load_model."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import numpy as np

from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.published.faces import getBlob, postprocess_face

if TYPE_CHECKING:
    import torch

    from liveswapping.domain.protocols import Analyser
    from liveswapping.swappers.aligned import SwapNetwork

Model: TypeAlias = "Callable[[torch.Tensor, torch.Tensor], torch.Tensor]"
"""Called with a target (1, 3, R, R) RGB 0..1 and a latent (1, 512), answers with (1, 3, R, R)."""
P = TypeVar("P")
_SIZE = 128
"""Pixels per side of a crop where a model does not say."""
_NOBODY = Identity("source", ())
"""A latent says who the source is."""
_analysers: weakref.WeakKeyDictionary[Model, Analyser] = weakref.WeakKeyDictionary()
"""What follows the faces for each model that frames are swapped with, for as long as the model is there."""


class CalledSwapper:
    """Swapper by a loaded model and one source's latent; both stay the caller's. One thread at a time."""

    def __init__(self, model: Model, latent: torch.Tensor | F32) -> None:
        """`latent`: (1, 512), from create_source_latent, or (512,)."""
        values = np.asarray(latent, np.float32).reshape(-1)
        network: SwapNetwork[object] | None = _network(model)
        self._crops: _InBatches[object] | _OneByOne
        self._crops = _OneByOne(model, values) if network is None else _InBatches(network, values)

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        return self.swap_all([image], [targets])[0]

    def swap_all(self, images: Sequence[Image], targets: Sequence[Sequence[Target]]) -> list[list[Patch]]:
        """The patches of several pictures, all of their faces in one batch where the model takes one."""
        from liveswapping.imaging.align import SWAP, crop
        from liveswapping.swappers.aligned import patch_of

        size = self._crops.size
        flat = [(image, target) for image, some in zip(images, targets, strict=True) for target in some]
        if not flat:
            return [[] for _ in images]
        matrices = [SWAP.matrix(target.face.keypoints, size) for _, target in flat]
        crops = [crop(image, matrix, size) for (image, _), matrix in zip(flat, matrices, strict=True)]
        swapped = self._crops.swap(np.stack(crops))
        parts = zip([target for _, target in flat], matrices, crops, swapped, strict=True)
        patches = iter([patch_of(*part) for part in parts])
        return [[next(patches) for _ in some] for some in targets]

    def close(self) -> None:
        """The model is the caller's to close."""


class _InBatches(Generic[P]):
    """Crops through a network of ours: prepared once, any number at a time."""

    def __init__(self, network: SwapNetwork[P], latent: F32) -> None:
        self._network = network
        self._source = network.prepare(latent)
        self.size = network.size

    def swap(self, crops: Image) -> Image:
        return self._network.swap(crops, [self._source] * len(crops))


class _OneByOne:
    """Crops through anything that is called as the published models are."""

    def __init__(self, model: Model, latent: F32) -> None:
        import torch

        self._model, self._latent = model, torch.from_numpy(latent)[None]
        self.size = int(getattr(model, "size", _SIZE))

    def swap(self, crops: Image) -> Image:
        import torch

        blobs = [torch.from_numpy(getBlob(crop, (self.size, self.size))) for crop in crops]
        return np.stack([postprocess_face(self._model(blob, self._latent)) for blob in blobs])


def _network(model: Model) -> SwapNetwork[object] | None:
    """The network of ours that a model of load_model is, or holds."""
    for one in (model, getattr(model, "network", None)):
        if all(hasattr(one, name) for name in ("prepare", "swap", "size")):
            found: SwapNetwork[object] = one  # type: ignore[assignment]
            return found
    return None


def process_frame(frame: Image, model: Model, embedding: torch.Tensor | F32) -> Image:
    """The frame with its largest face swapped; the frame itself where there is none.

    `embedding`: a source's latent, see create_source_latent. Frames of one stream are to come in order.
    """
    return swap_faces([frame], [_analyser_for(model).faces(frame)[:1]], model, embedding)[0]


def swap_faces(
    frames: Sequence[Image], faces: Sequence[Sequence[Face]], model: Model, latent: torch.Tensor | F32
) -> list[Image]:
    """The frames with their `faces` swapped; a frame without is answered as it is."""
    from liveswapping.imaging.paste import paste

    targets = [[Target(face, _NOBODY) for face in some] for some in faces]
    results = []
    for frame, patches in zip(frames, CalledSwapper(model, latent).swap_all(frames, targets), strict=True):
        result = frame.copy() if patches else frame
        paste(result, patches)
        results.append(result)
    return results


def _analyser_for(model: Model) -> Analyser:
    if model not in _analysers:
        from liveswapping.build import open_store
        from liveswapping.domain.settings import Settings
        from liveswapping.observers import open_analyser

        analyser = open_analyser(Settings(), open_store(Settings()), live=True)
        _analysers[model] = analyser
        weakref.finalize(model, analyser.close)
    return _analysers[model]
