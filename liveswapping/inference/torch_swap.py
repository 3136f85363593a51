"""The swap network in torch: crops and sources in, crops out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from liveswapping.domain.errors import ModelLoadError, SettingsError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.architecture import Architecture, FastWay
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.networks.reswapper import LATENT, STRIDE, StyleTransferModel
from liveswapping.inference.torch_pictures import TorchPictures

_PROBE: Final = 64


def _run(network: StyleTransferModel, pictures: Tensor, styles: Tensor | None) -> Tensor:
    if styles is None:
        raise ModelLoadError("the swap network was run without a source; this is a fault of the program")
    return network.swap(pictures, styles)


def _probe(network: StyleTransferModel) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    latent = torch.randn(1, LATENT, generator=random)
    styles = network.styles((latent / latent.norm()).to(next(network.parameters()).device))
    return torch.rand(1, 3, _PROBE, _PROBE, generator=random), styles


def _fast(network: StyleTransferModel, device: TorchDevice) -> FastWay:
    from liveswapping.inference.cuda import reswapper

    return reswapper.fast_reswapper(network, device.tensorrt)


RESWAPPER: Final = Architecture(StyleTransferModel, "the ReSwapper network", _run, 0.0, _probe, _fast)


@dataclass(slots=True, eq=False)
class Source:
    """A prepared source."""

    latent: Tensor
    """(1, 512) on the processor."""
    styles: Tensor | None = None
    """(1, blocks, 2, 2, width) on the device."""


class TorchSwap(TorchPictures[StyleTransferModel]):
    """ReSwapper's weights at one resolution. One thread at a time."""

    def __init__(self, path: Path, size: int, device: TorchDevice) -> None:
        """Raises SettingsError for a size that is not divisible by 4, ModelLoadError, GPUMemoryError."""
        self.size = checked_size(size)
        """Pixels per side of a crop."""
        super().__init__(RESWAPPER, path, device)

    def prepare(self, latent: F32) -> Source:
        """All that depends on the source: (512,) -> its style projections, to hand to `swap`."""
        source = Source(torch.from_numpy(latent)[None])
        self._on_device(source)
        return source

    def swap(self, crops: Image, sources: Sequence[Source]) -> Image:
        """(n, size, size, 3) BGR bytes and one prepared source each -> the swapped crops, the same shape."""

        def styles() -> Tensor:
            given = [self._on_device(source) for source in sources]
            return given[0] if len(given) == 1 else torch.cat(given)

        return self.run_pictures(crops, styles)

    @torch.inference_mode()
    def __call__(self, target: Tensor, latent: Tensor) -> Tensor:
        """As the published model: (1, 3, R, R) RGB 0..1 and (1, 512) -> (1, 3, R, R), where `target` is."""
        for size in target.shape[2:]:
            checked_size(size)
        return self.run_tensors(target, lambda: self._styles(latent)).to(target.device)

    def _styles(self, latent: Tensor) -> Tensor:
        return self.network.styles(latent.to(self.device, torch.float32))

    @torch.inference_mode()
    def _on_device(self, source: Source) -> Tensor:
        """The source's projections where the network is now: computed again only after it had to move."""
        if source.styles is None or source.styles.device.type != self.device.type:
            source.styles = self._styles(source.latent)
        return source.styles


def checked_size(size: int) -> int:
    """`size`, where the network takes it. Raises SettingsError."""
    if size < 2 * STRIDE or size % STRIDE:
        raise SettingsError(f"resolution {size} cannot be used by ReSwapper: use a multiple of {STRIDE}, such as 128")
    return size
