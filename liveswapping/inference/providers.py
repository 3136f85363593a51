"""THE provider ladder: which execution providers of ONNX Runtime are tried, in which order and with which options.

TensorRT → CUDA → DirectML → CoreML → OpenVINO → CPU. `--provider`, `provider_type` and ONNX_PROVIDERS take rungs out;
the processor stays, so that there is always an answer. Option names are those that ONNX Runtime 1.24 and 1.31 share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from liveswapping.domain.errors import SettingsError

AUTO: Final = "auto"
CPU: Final = "CPUExecutionProvider"
CUDA: Final = "CUDAExecutionProvider"
TENSORRT: Final = "TensorrtExecutionProvider"
DIRECTML: Final = "DmlExecutionProvider"
COREML: Final = "CoreMLExecutionProvider"
OPENVINO: Final = "OpenVINOExecutionProvider"
PRECISION: Final = "precision"
QUANTISED: Final = "quantised"
"""Options of OpenVINO's own package: what it computes in, and the int8 form of the model."""
_SMALL_WORKSPACE: Final = 512 * 2**20
_WORKSPACE: Final = 4 * 2**30
"""Bytes that TensorRT may use while it tries kernels."""


def cache_directory() -> Path:
    """Where what can be made again is kept: engines, timings, trials, exports."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("LiveSwapping", appauthor=False))


@dataclass(frozen=True, slots=True)
class Setup:
    """What the user may set about sessions."""

    threads: int | None = None
    """Of one session on the processor; None: ONNX Runtime decides."""
    log_level: int = 3
    """ONNX Runtime's severity: 0 verbose … 3 error, 4 fatal."""
    device: int = 0
    """Which card, where there are several."""
    gpu_memory_limit: int | None = None
    """Bytes that CUDA's arena may take; None: all there are."""
    shrink_arena: bool = False
    """Give memory back after every run, and not only when the number of faces has changed."""
    cache: Path = field(default_factory=cache_directory)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder."""

    name: str
    """What users call it."""
    provider: str
    """What ONNX Runtime calls it."""
    precisions: tuple[str, ...] = ("model",)
    """Tried in order; "model" leaves the numbers as the file has them."""
    quantised: Path | None = None
    """The model's int8 form, where "int8" is among the precisions."""
    helper: str | None = None
    """Another provider that takes the operations that this one does not know."""
    time_limit: float = 120.0
    """Seconds that making a session and running it once may take."""


LADDER: Final = (
    Rung("tensorrt", TENSORRT, ("fp16", "fp32"), helper=CUDA, time_limit=900.0),
    Rung("cuda", CUDA),
    Rung("directml", DIRECTML),
    Rung("coreml", COREML, ("fp16", "fp32"), time_limit=300.0),
    Rung("openvino", OPENVINO, ("fp32",)),
    Rung("cpu", CPU),
)
_ALIASES: Final = {"trt": "tensorrt", "dml": "directml", "gpu": "cuda"}


def ladder(
    provider: str | None = AUTO, onnx_providers: Sequence[str] = (), use_tensorrt: bool = True
) -> tuple[Rung, ...]:
    """The rungs to try, best first; the processor is always the last.

    `provider` is a name of users' or of ONNX Runtime's, "auto" or None for all; `onnx_providers` are ONNX Runtime's
    names (ONNX_PROVIDERS), empty for all. Raises SettingsError for a name that does not exist.
    """
    wanted = {rung.name for rung in LADDER} if provider in (None, AUTO, "") else {rung_named(str(provider)).name}
    if onnx_providers:
        wanted &= {rung_named(name).name for name in onnx_providers}
    if not use_tensorrt:
        wanted.discard("tensorrt")
    return tuple(rung for rung in LADDER if rung.name in wanted or rung.provider == CPU)


def rung_named(name: str) -> Rung:
    """The rung that a user's or ONNX Runtime's name stands for. Raises SettingsError."""
    wanted = name.strip().lower()
    wanted = _ALIASES.get(wanted, wanted)
    for rung in LADDER:
        if wanted in (rung.name, rung.provider.lower()):
            return rung
    known = ", ".join((AUTO, *(rung.name for rung in LADDER)))
    raise SettingsError(f"there is no provider '{name}'; known: {known}")


def options(provider: str, precision: str, small: bool, setup: Setup) -> dict[str, str]:
    """Provider options in ONNX Runtime's words. `small`: with as little memory as it can."""
    made = {
        TENSORRT: _tensorrt,
        CUDA: _cuda,
        DIRECTML: lambda *_: {"device_id": str(setup.device)},
        COREML: _coreml,
        OPENVINO: lambda *_: {"cache_dir": _folder(setup, "openvino"), PRECISION: precision},
    }.get(provider)
    return {} if made is None else made(precision, small, setup)


def _tensorrt(precision: str, small: bool, setup: Setup) -> dict[str, str]:
    return {
        "device_id": str(setup.device),
        "trt_fp16_enable": str(precision == "fp16"),
        "trt_max_workspace_size": str(_SMALL_WORKSPACE if small else _WORKSPACE),
        "trt_engine_cache_enable": "True",
        "trt_engine_cache_path": _folder(setup, "tensorrt"),
        "trt_timing_cache_enable": "True",
        "trt_timing_cache_path": _folder(setup, "tensorrt"),
    }


def _cuda(_precision: str, small: bool, setup: Setup) -> dict[str, str]:
    chosen = {
        "device_id": str(setup.device),
        "arena_extend_strategy": "kSameAsRequested",
        "cudnn_conv_algo_search": "DEFAULT" if small else "HEURISTIC",
        "cudnn_conv_use_max_workspace": "0" if small else "1",
    }
    if setup.gpu_memory_limit is not None:
        chosen["gpu_mem_limit"] = str(setup.gpu_memory_limit)
    return chosen


def _coreml(precision: str, _small: bool, _setup: Setup) -> dict[str, str]:
    """The neural engine computes in fp16 only; the card keeps fp32."""
    return {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL" if precision == "fp16" else "CPUAndGPU"}


def _folder(setup: Setup, name: str) -> str:
    """A folder of the cache, which its provider expects to exist."""
    folder = setup.cache / name
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def provider_list(rung: Rung, precision: str, small: bool, setup: Setup) -> list[tuple[str, Mapping[str, str]]]:
    """What a session of this rung is asked to use, the rung's own provider first."""
    names = (rung.provider,) if rung.helper is None else (rung.provider, rung.helper)
    return [(name, {**options(name, precision, small, setup), **_quantised(rung, precision)}) for name in names]


def _quantised(rung: Rung, precision: str) -> dict[str, str]:
    return {} if precision != "int8" or rung.quantised is None else {QUANTISED: str(rung.quantised)}
