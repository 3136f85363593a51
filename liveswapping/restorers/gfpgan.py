"""GFPGAN, by its published weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liveswapping.inference.providers import AUTO, Rung, Setup
from liveswapping.restorers.faces import FaceRestorer


def open_gfpgan(
    path: Path,
    provider: str = AUTO,
    weight: float = 1.0,
    rungs: Sequence[Rung] | None = None,
    setup: Setup | None = None,
) -> FaceRestorer:
    """The restorer for GFPGANv1.3.pth or v1.4. `rungs`: what other settings leave of the ladder of `provider`.

    Raises SettingsError, ModelLoadError, GPUMemoryError.
    """
    from liveswapping.inference.on_processor import open_restoring_network

    return FaceRestorer(open_restoring_network(path, provider, rungs, setup), weight)
