"""The restoration networks in torch: bytes in, bytes out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from liveswapping.domain.frame import Image
from liveswapping.inference.architecture import Architecture, FastWay
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.inference.torch_pictures import TorchPictures

_PROBE: Final = 64


def _random_picture(size: int, low: float) -> Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)) * (1.0 - low) + low


def _fast_gfpgan(network: GfpganClean, _: TorchDevice) -> FastWay:
    from liveswapping.inference.cuda import gfpgan

    return gfpgan.fast_gfpgan(network)


def _fast_realesrgan(network: RRDBNet, device: TorchDevice) -> FastWay:
    from liveswapping.inference.cuda import realesrgan

    return realesrgan.fast_realesrgan(network, device.compiles)


GFPGAN: Final = Architecture(
    GfpganClean,
    "GFPGAN (clean architecture, 1.3 or 1.4)",
    lambda network, pictures, _: network.restore(pictures),
    -1.0,
    lambda network: (_random_picture(network.size, -1.0), None),
    _fast_gfpgan,
)
REALESRGAN: Final = Architecture(
    RRDBNet,
    "RealESRGAN (RRDBNet)",
    lambda network, pictures, _: network(pictures),
    0.0,
    lambda _: (_random_picture(_PROBE, 0.0), None),
    _fast_realesrgan,
)


class TorchFaceRestorer(TorchPictures[GfpganClean]):
    """GFPGAN's weights. One thread at a time."""

    def __init__(self, path: Path, device: TorchDevice) -> None:
        """Raises ModelLoadError and GPUMemoryError."""
        super().__init__(GFPGAN, path, device)
        self.size = self.network.size
        """Pixels per side of a face."""

    def run(self, faces: Image) -> Image:
        """(n, size, size, 3) BGR bytes -> the same, restored."""
        return self.run_pictures(faces)


class TorchEnlarger(TorchPictures[RRDBNet]):
    """RealESRGAN's weights. One thread at a time."""

    def __init__(self, path: Path, device: TorchDevice) -> None:
        """Raises ModelLoadError and GPUMemoryError."""
        super().__init__(REALESRGAN, path, device)
        self.scale = self.network.scale
        """How many times larger its answer is."""
        self._step = self.network.packing

    def run(self, picture: Image, may_split: bool) -> Image:
        """(h, w, 3) BGR bytes -> (scale·h, scale·w, 3). `may_split`: raise GPUMemoryError before leaving the card."""
        height, width = picture.shape[:2]
        margins = ((0, -height % self._step), (0, -width % self._step), (0, 0))
        padded = np.pad(picture, margins, "edge")
        answer: Image = self.run_pictures(padded[None], may_split=may_split)[0]
        return answer[: height * self.scale, : width * self.scale]
