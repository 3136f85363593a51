"""GFPGAN, by its published weights."""

from __future__ import annotations

from pathlib import Path

from liveswapping.inference.devices import choose_device
from liveswapping.inference.providers import AUTO
from liveswapping.restorers.faces import FaceRestorer


def open_gfpgan(path: Path, provider: str = AUTO, weight: float = 1.0) -> FaceRestorer:
    """The restorer for GFPGANv1.3.pth or v1.4. Raises SettingsError, ModelLoadError, GPUMemoryError."""
    from liveswapping.inference.torch_restore import TorchFaceRestorer

    return FaceRestorer(TorchFaceRestorer(path, choose_device(provider)), weight)
