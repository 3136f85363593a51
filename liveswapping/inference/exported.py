"""ONNX files made from published weights, kept in the cache: for the providers that torch does not reach."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.trial_memory import model_identity

if TYPE_CHECKING:
    from liveswapping.inference.architecture import Architecture
    from liveswapping.inference.networks.published import PublishedNetwork

N = TypeVar("N", bound="PublishedNetwork")
_log = logging.getLogger(__name__)


def exported_reswapper(weights: Path, size: int, folder: Path) -> Path:
    """The ONNX file of ReSwapper's weights at one size, made where it is not here yet (some seconds, 0.6 GB).

    Raises SettingsError for a size that the network does not take, ModelLoadError.
    """
    from liveswapping.inference.networks.export import export_reswapper
    from liveswapping.inference.torch_swap import RESWAPPER, checked_size

    checked_size(size)
    made = folder / f"{weights.stem}-{size}-{_identity(weights)}.onnx"
    return _exported(RESWAPPER, weights, made, lambda network, file: export_reswapper(network, file, size))


def exported_gfpgan(weights: Path, folder: Path) -> Path:
    """The ONNX file of GFPGAN's weights, made where it is not here yet (some seconds, 0.4 GB).

    Raises ModelLoadError.
    """
    from liveswapping.inference.networks.export import export_gfpgan
    from liveswapping.inference.torch_restore import GFPGAN

    return _exported(GFPGAN, weights, folder / f"{weights.stem}-{_identity(weights)}.onnx", export_gfpgan)


def _identity(weights: Path) -> str:
    if not weights.is_file():
        raise ModelLoadError(f"there is no file {weights}; fetch it with `liveswapping models pull`")
    return model_identity(weights)


def _exported(architecture: Architecture[N], weights: Path, made: Path, export: Callable[[N, Path], None]) -> Path:
    from liveswapping.inference.networks.checkpoint import load_network

    if made.is_file():
        return made
    network = load_network(architecture.network, weights, architecture.title)
    _log.info("writing %s as ONNX to %s", weights.name, made)
    try:
        made.parent.mkdir(parents=True, exist_ok=True)
        export(network, made)
    except OSError as error:
        raise ModelLoadError(
            f"{made} cannot be written ({error.strerror}); make room or choose another cache"
        ) from error
    return made
