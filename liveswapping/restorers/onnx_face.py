"""Any face restorer in ONNX with 512 pixels in and out: GFPGAN, CodeFormer, GPEN, RestoreFormer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liveswapping.inference.onnx_restore import OnnxFaceRestorer
from liveswapping.inference.providers import Rung, Setup
from liveswapping.restorers.faces import FaceRestorer


def open_onnx_restorer(
    path: Path, rungs: Sequence[Rung], setup: Setup | None = None, weight: float = 1.0, fidelity: float = 0.5
) -> FaceRestorer:
    """The restorer for a file. `fidelity`: CodeFormer's own trade. Raises ModelLoadError and GPUMemoryError."""
    return FaceRestorer(OnnxFaceRestorer(path, rungs, setup, fidelity), weight)
