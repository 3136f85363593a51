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
    from liveswapping.published.faces import (
        create_source_latent,
        estimate_norm,
        getBlob,
        norm_crop,
        norm_crop2,
        postprocess_face,
        swap_face,
    )
    from liveswapping.published.files import ensure_gfpgan_model, ensure_model, list_available_models
    from liveswapping.published.models import create_session, get_model_type, get_optimal_provider, load_model
    from liveswapping.published.pictures import process_image
    from liveswapping.published.upscalers import (
        GFPGANUpscaler,
        RealESRGANUpscaler,
        create_optimized_gfpgan,
        get_default_upscaler,
    )
    from liveswapping.utils.gpu_utils import GPUArrayManager, get_optimal_config, get_provider_info, print_gpu_info

__version__ = "2.0.0.dev1"

_ERRORS = "liveswapping.domain.errors"
_FACES = "liveswapping.published.faces"
_FILES = "liveswapping.published.files"
_GPU = "liveswapping.utils.gpu_utils"
_MODELS = "liveswapping.published.models"
_UPSCALERS = "liveswapping.published.upscalers"
_HOMES = {
    "EndOfStream": _ERRORS,
    "FaceDetectionError": _ERRORS,
    "GFPGANUpscaler": _UPSCALERS,
    "GPUArrayManager": _GPU,
    "GPUMemoryError": _ERRORS,
    "LiveSwappingError": _ERRORS,
    "Look": "liveswapping.domain.look",
    "ModelDownloadError": _ERRORS,
    "ModelError": _ERRORS,
    "ModelLoadError": _ERRORS,
    "NoFaceFound": _ERRORS,
    "RealESRGANUpscaler": _UPSCALERS,
    "Settings": "liveswapping.domain.settings",
    "SettingsError": _ERRORS,
    "SinkError": _ERRORS,
    "SourceError": _ERRORS,
    "create_optimized_gfpgan": _UPSCALERS,
    "create_session": _MODELS,
    "create_source_latent": _FACES,
    "ensure_gfpgan_model": _FILES,
    "ensure_model": _FILES,
    "estimate_norm": _FACES,
    "getBlob": _FACES,
    "get_default_upscaler": _UPSCALERS,
    "get_model_type": _MODELS,
    "get_optimal_config": _GPU,
    "get_optimal_provider": _MODELS,
    "get_provider_info": _GPU,
    "list_available_models": _FILES,
    "load_model": _MODELS,
    "norm_crop": _FACES,
    "norm_crop2": _FACES,
    "postprocess_face": _FACES,
    "print_gpu_info": _GPU,
    "process_image": "liveswapping.published.pictures",
    "swap_face": _FACES,
}

__all__ = [
    "EndOfStream",
    "FaceDetectionError",
    "GFPGANUpscaler",
    "GPUArrayManager",
    "GPUMemoryError",
    "LiveSwappingError",
    "Look",
    "ModelDownloadError",
    "ModelError",
    "ModelLoadError",
    "NoFaceFound",
    "RealESRGANUpscaler",
    "Settings",
    "SettingsError",
    "SinkError",
    "SourceError",
    "__version__",
    "create_optimized_gfpgan",
    "create_session",
    "create_source_latent",
    "ensure_gfpgan_model",
    "ensure_model",
    "estimate_norm",
    "getBlob",
    "get_default_upscaler",
    "get_model_type",
    "get_optimal_config",
    "get_optimal_provider",
    "get_provider_info",
    "list_available_models",
    "load_model",
    "norm_crop",
    "norm_crop2",
    "postprocess_face",
    "print_gpu_info",
    "process_image",
    "swap_face",
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
