"""GFPGAN, by its published weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liveswapping.inference.devices import choose_device
from liveswapping.inference.providers import AUTO, Rung
from liveswapping.restorers.faces import FaceRestorer


def open_gfpgan(
    path: Path, provider: str = AUTO, weight: float = 1.0, rungs: Sequence[Rung] | None = None
) -> FaceRestorer:
    """The restorer for GFPGANv1.3.pth or v1.4. `rungs`: what other settings leave of the ladder of `provider`.

    Raises SettingsError, ModelLoadError, GPUMemoryError.
    """
    from liveswapping.inference.torch_restore import TorchFaceRestorer

    return FaceRestorer(TorchFaceRestorer(path, choose_device(provider, rungs)), weight)
