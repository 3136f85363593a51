"""ONNX files made from published weights, kept in the cache: for the providers that torch does not reach."""

from __future__ import annotations

import logging
from pathlib import Path

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.trial_memory import model_identity

_log = logging.getLogger(__name__)


def exported_reswapper(weights: Path, size: int, folder: Path) -> Path:
    """The ONNX file of ReSwapper's weights at one size, made where it is not here yet (some seconds, 0.6 GB).

    Raises SettingsError for a size that the network does not take, ModelLoadError.
    """
    from liveswapping.inference.networks.checkpoint import load_network
    from liveswapping.inference.networks.export import export_reswapper
    from liveswapping.inference.torch_swap import RESWAPPER, checked_size

    checked_size(size)
    if not weights.is_file():
        raise ModelLoadError(f"there is no file {weights}; fetch it with `liveswapping models pull`")
    made = folder / f"{weights.stem}-{size}-{model_identity(weights)}.onnx"
    if made.is_file():
        return made
    network = load_network(RESWAPPER.network, weights, RESWAPPER.title)
    _log.info("writing %s as ONNX to %s", weights.name, made)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        export_reswapper(network, made, size)
    except OSError as error:
        raise ModelLoadError(
            f"{made} cannot be written ({error.strerror}); make room or choose another cache"
        ) from error
    return made
