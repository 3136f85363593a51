"""LiveSwapping: a face swap that runs live on any computer.

The public names are those of `__all__`; each is loaded when it is first used, so that importing the package is free.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping.domain.errors import (
        EndOfStream,
        FaceDetectionError,
        GPUMemoryError,
        LiveSwappingError,
        ModelDownloadError,
        ModelError,
        ModelLoadError,
        NoFaceFound,
        SettingsError,
        SinkError,
        SourceError,
    )
    from liveswapping.domain.look import Look
    from liveswapping.domain.settings import Settings
    from liveswapping.published import ensure_model, list_available_models, process_image

__version__ = "2.0.0.dev1"

_ERRORS = "liveswapping.domain.errors"
_HOMES = {
    "EndOfStream": _ERRORS,
    "FaceDetectionError": _ERRORS,
    "GPUMemoryError": _ERRORS,
    "LiveSwappingError": _ERRORS,
    "Look": "liveswapping.domain.look",
    "ModelDownloadError": _ERRORS,
    "ModelError": _ERRORS,
    "ModelLoadError": _ERRORS,
    "NoFaceFound": _ERRORS,
    "Settings": "liveswapping.domain.settings",
    "SettingsError": _ERRORS,
    "SinkError": _ERRORS,
    "SourceError": _ERRORS,
    "ensure_model": "liveswapping.published",
    "list_available_models": "liveswapping.published",
    "process_image": "liveswapping.published",
}

__all__ = [
    "EndOfStream",
    "FaceDetectionError",
    "GPUMemoryError",
    "LiveSwappingError",
    "Look",
    "ModelDownloadError",
    "ModelError",
    "ModelLoadError",
    "NoFaceFound",
    "Settings",
    "SettingsError",
    "SinkError",
    "SourceError",
    "__version__",
    "ensure_model",
    "list_available_models",
    "process_image",
]


def __getattr__(name: str) -> object:
    """The public name, from where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'liveswapping' has no attribute '{name}'")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
