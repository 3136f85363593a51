"""LiveSwapping: a face swap that runs live on any computer.

The public names are those of `__all__`; each is loaded when it is first used, so that importing the package is free.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping import image, realtime, video
    from liveswapping import image as Image
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
    from liveswapping.published.batch import (
        AsyncFrameReader,
        BatchProcessor,
        get_gpu_memory_info,
        get_optimal_batch_config,
    )
    from liveswapping.published.blending import AdaptiveBlending, blend_swapped_image, blend_swapped_image_gpu
    from liveswapping.published.colours import AdaptiveColorTransfer, apply_color_transfer, create_adaptive_processor
    from liveswapping.published.faces import (
        create_source_latent,
        estimate_norm,
        getBlob,
        getLatent,
        norm_crop,
        norm_crop2,
        postprocess_face,
        swap_face,
    )
    from liveswapping.published.files import (
        DEFAULT_UPSCALER,
        MODEL_REGISTRY,
        MODELS,
        ensure_gfpgan_model,
        ensure_model,
        list_available_models,
    )
    from liveswapping.published.frames import process_frame
    from liveswapping.published.models import (
        compile_with_tensorrt,
        create_providers,
        create_session,
        get_model_type,
        get_optimal_provider,
        get_torch_device,
        load_model,
    )
    from liveswapping.published.mouth import apply_mouth_area, create_face_mask, create_lower_mouth_mask
    from liveswapping.published.pictures import process_image
    from liveswapping.published.upscalers import (
        GFPGANUpscaler,
        RealESRGANUpscaler,
        create_optimized_gfpgan,
        get_default_upscaler,
    )
    from liveswapping.utils.gpu_utils import (
        GPUArrayManager,
        accelerated_face_alignment,
        accelerated_histogram_matching,
        analyze_cupy_performance,
        benchmark_performance,
        get_optimal_config,
        get_provider_info,
        print_gpu_info,
    )

__version__ = "2.0.0.dev1"

_BATCH = "liveswapping.published.batch"
_BLENDING = "liveswapping.published.blending"
_COLOURS = "liveswapping.published.colours"
_ERRORS = "liveswapping.domain.errors"
_FACES = "liveswapping.published.faces"
_FILES = "liveswapping.published.files"
_FRAMES = "liveswapping.published.frames"
_GPU = "liveswapping.utils.gpu_utils"
_MODELS = "liveswapping.published.models"
_MOUTH = "liveswapping.published.mouth"
_UPSCALERS = "liveswapping.published.upscalers"
_HOMES = {
    "AdaptiveBlending": _BLENDING,
    "AdaptiveColorTransfer": _COLOURS,
    "AsyncFrameReader": _BATCH,
    "BatchProcessor": _BATCH,
    "DEFAULT_UPSCALER": _FILES,
    "EndOfStream": _ERRORS,
    "FaceDetectionError": _ERRORS,
    "GFPGANUpscaler": _UPSCALERS,
    "GPUArrayManager": _GPU,
    "GPUMemoryError": _ERRORS,
    "Image": "liveswapping.image",
    "LiveSwappingError": _ERRORS,
    "Look": "liveswapping.domain.look",
    "MODELS": _FILES,
    "MODEL_REGISTRY": _FILES,
    "ModelDownloadError": _ERRORS,
    "ModelError": _ERRORS,
    "ModelLoadError": _ERRORS,
    "NoFaceFound": _ERRORS,
    "RealESRGANUpscaler": _UPSCALERS,
    "Settings": "liveswapping.domain.settings",
    "SettingsError": _ERRORS,
    "SinkError": _ERRORS,
    "SourceError": _ERRORS,
    "_create_providers": _MODELS,
    "accelerated_face_alignment": _GPU,
    "accelerated_histogram_matching": _GPU,
    "analyze_cupy_performance": _GPU,
    "apply_color_transfer": _COLOURS,
    "apply_mouth_area": _MOUTH,
    "benchmark_performance": _GPU,
    "blend_swapped_image": _BLENDING,
    "blend_swapped_image_gpu": _BLENDING,
    "compile_with_tensorrt": _MODELS,
    "create_adaptive_processor": _COLOURS,
    "create_face_mask": _MOUTH,
    "create_lower_mouth_mask": _MOUTH,
    "create_optimized_gfpgan": _UPSCALERS,
    "create_providers": _MODELS,
    "create_session": _MODELS,
    "create_source_latent": _FACES,
    "ensure_gfpgan_model": _FILES,
    "ensure_model": _FILES,
    "estimate_norm": _FACES,
    "getBlob": _FACES,
    "getLatent": _FACES,
    "get_default_upscaler": _UPSCALERS,
    "get_gpu_memory_info": _BATCH,
    "get_model_type": _MODELS,
    "get_optimal_batch_config": _BATCH,
    "get_optimal_config": _GPU,
    "get_optimal_provider": _MODELS,
    "get_provider_info": _GPU,
    "get_torch_device": _MODELS,
    "image": "liveswapping.image",
    "list_available_models": _FILES,
    "load_model": _MODELS,
    "norm_crop": _FACES,
    "norm_crop2": _FACES,
    "postprocess_face": _FACES,
    "print_gpu_info": _GPU,
    "process_frame": _FRAMES,
    "process_image": "liveswapping.published.pictures",
    "realtime": "liveswapping.realtime",
    "swap_face": _FACES,
    "video": "liveswapping.video",
}
_MODULES = ("Image", "image", "realtime", "video")
"""Public names that are modules."""

__all__ = [
    "DEFAULT_UPSCALER",
    "MODELS",
    "MODEL_REGISTRY",
    "AdaptiveBlending",
    "AdaptiveColorTransfer",
    "AsyncFrameReader",
    "BatchProcessor",
    "EndOfStream",
    "FaceDetectionError",
    "GFPGANUpscaler",
    "GPUArrayManager",
    "GPUMemoryError",
    "Image",
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
    "_create_providers",
    "accelerated_face_alignment",
    "accelerated_histogram_matching",
    "analyze_cupy_performance",
    "apply_color_transfer",
    "apply_mouth_area",
    "benchmark_performance",
    "blend_swapped_image",
    "blend_swapped_image_gpu",
    "compile_with_tensorrt",
    "create_adaptive_processor",
    "create_face_mask",
    "create_lower_mouth_mask",
    "create_optimized_gfpgan",
    "create_providers",
    "create_session",
    "create_source_latent",
    "ensure_gfpgan_model",
    "ensure_model",
    "estimate_norm",
    "getBlob",
    "getLatent",
    "get_default_upscaler",
    "get_gpu_memory_info",
    "get_model_type",
    "get_optimal_batch_config",
    "get_optimal_config",
    "get_optimal_provider",
    "get_provider_info",
    "get_torch_device",
    "image",
    "list_available_models",
    "load_model",
    "norm_crop",
    "norm_crop2",
    "postprocess_face",
    "print_gpu_info",
    "process_frame",
    "process_image",
    "realtime",
    "swap_face",
    "video",
]


def __getattr__(name: str) -> object:
    """The public name, from where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'liveswapping' has no attribute '{name}'")
    module = import_module(home)
    return module if name in _MODULES else getattr(module, name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
