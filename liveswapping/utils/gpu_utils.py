"""What there is to know of this machine's graphics cards, under the published names."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from liveswapping.domain.frame import F32, Image

_BATCHES = ((8.0, 4), (4.0, 2))
"""Memory in GB from which on so many faces are recommended at once, as published."""
_PROVIDERS = {
    "cuda": ("CUDAExecutionProvider", "TensorrtExecutionProvider"),
    "dml": ("DmlExecutionProvider",),
    "openvino": ("OpenVINOExecutionProvider",),
    "coreml": ("CoreMLExecutionProvider",),
    "cpu": ("CPUExecutionProvider",),
}


class OptimalConfig(TypedDict):
    """What suits this machine."""

    use_cupy: bool
    device_count: int
    memory_gb: float
    compute_capability: str | None
    recommended_batch_size: int
    use_mixed_precision: bool


class ProviderInfo(TypedDict):
    """One provider of ONNX Runtime."""

    name: str
    available: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Cards:
    count: int
    memory_gb: float
    capability: tuple[int, int] | None


def get_optimal_config() -> OptimalConfig:
    """What suits the first graphics card that torch reaches, or else the processor."""
    cards = _cards()
    batch = next((size for memory, size in _BATCHES if cards.memory_gb >= memory), 1)
    capability = cards.capability
    return {
        "use_cupy": _cupy() is not None,
        "device_count": cards.count,
        "memory_gb": cards.memory_gb,
        "compute_capability": None if capability is None else f"{capability[0]}.{capability[1]}",
        "recommended_batch_size": batch,
        "use_mixed_precision": capability is not None and capability >= (7, 0),
    }


def print_gpu_info() -> None:
    """Print what there is, in the published lines."""
    config = get_optimal_config()
    lines = [f"[GPU] CuPy: {'Available' if config['use_cupy'] else 'Not available'}"]
    lines += [f"[INFO] Devices: {config['device_count']}", f"[INFO] Memory: {config['memory_gb']:.1f} GB"]
    lines.append(f"[INFO] Compute: {config['compute_capability'] or 'cpu'}")
    print("\n".join(lines))


def get_provider_info() -> list[ProviderInfo]:
    """Which providers of ONNX Runtime computed something right just now, each in a process of its own; else why not."""
    from liveswapping.inference.probe import probe_providers

    probes = {probe.provider: probe for probe in probe_providers()}
    rows: list[ProviderInfo] = []
    for name, providers in _PROVIDERS.items():
        found = [probes[provider] for provider in providers if provider in probes]
        works = any(probe.works for probe in found)
        reason = "; ".join(probe.why_not for probe in found) or "the installed ONNX Runtime does not carry it"
        rows.append({"name": name, "available": works, "reason": "" if works else reason})
    return rows


def get_optimal_provider() -> str:
    """The fastest of those that work: cuda, dml, coreml, openvino, cpu."""
    working = [row["name"] for row in get_provider_info() if row["available"]]
    return next((name for name in ("cuda", "dml", "coreml", "openvino") if name in working), "cpu")


class GPUArrayManager:
    """Moves arrays to a card by CuPy and back; without CuPy everything stays where it is."""

    def __init__(self, use_cupy: bool = True, verbose: bool = False) -> None:
        self._cupy = _cupy() if use_cupy else None
        self.use_cupy = self._cupy is not None
        if verbose:
            print(f"[GPU] CuPy: {'Available' if self.use_cupy else 'Not available'}")

    def to_gpu(self, array: object) -> object:
        """`array` on the card, where there is one."""
        return array if self._cupy is None else self._cupy.asarray(array)

    def to_cpu(self, array: object) -> object:
        """`array` in the processor's memory."""
        return array if self._cupy is None else self._cupy.asnumpy(array)

    def synchronize(self) -> None:
        """Wait until the card is done."""
        if self._cupy is not None:
            self._cupy.cuda.Stream.null.synchronize()


def _cupy() -> ModuleType | None:
    """CuPy, where it is installed and finds a card."""
    try:
        cupy = import_module("cupy")
        return cupy if cupy.cuda.runtime.getDeviceCount() else None
    except Exception:  # noqa: BLE001 - it raises what its driver raises
        return None


def _cards() -> _Cards:
    import torch

    if not torch.cuda.is_available():
        return _Cards(0, 0.0, None)
    facts = torch.cuda.get_device_properties(0)
    return _Cards(torch.cuda.device_count(), facts.total_memory / 1e9, (facts.major, facts.minor))


def accelerated_histogram_matching(source: Image, target: Image, alpha: float = 0.5, use_gpu: bool = True) -> Image:
    """`source` (uint8 h×w×3), moved by `alpha` towards the histogram of `target`; on a card where CuPy finds one."""
    from liveswapping.imaging.histogram import match_histogram

    cupy = _cupy() if use_gpu else None
    if cupy is None:
        return match_histogram(source, target, alpha)
    matched: Image = cupy.asnumpy(match_histogram(cupy.asarray(source), cupy.asarray(target), alpha, cupy))
    return matched


def accelerated_face_alignment(img: Image, kps: F32, image_size: int = 128, use_gpu: bool = True) -> tuple[Image, F32]:
    """The aligned crop of a face with five points, and the matrix that leads to it: as norm_crop2.

    It always runs on the processor: a crop is done there sooner than a frame is on a card.
    """
    from liveswapping.imaging.align import RECOGNITION, SWAP, crop

    matrix = (RECOGNITION if image_size == int(RECOGNITION.base) else SWAP).matrix(kps, image_size)
    return crop(img, matrix, image_size), matrix


def benchmark_performance(iterations: int = 20, size: int = 512) -> dict[str, float]:
    """What alignment and histogram matching take here, in milliseconds (median of so many).

    Keys: `alignment_ms`, `histogram_cpu_ms`, and with CuPy `histogram_gpu_ms`.
    """
    import numpy as np

    random = np.random.default_rng(0)
    source, target = (random.integers(0, 256, (size, size, 3), np.uint8) for _ in range(2))
    points = np.array([[0.35, 0.4], [0.65, 0.4], [0.5, 0.55], [0.4, 0.7], [0.6, 0.7]], np.float32) * size
    measured = {
        "alignment_ms": _median_ms(lambda: accelerated_face_alignment(source, points), iterations),
        "histogram_cpu_ms": _median_ms(
            lambda: accelerated_histogram_matching(source, target, use_gpu=False), iterations
        ),
    }
    if _cupy() is not None:
        measured["histogram_gpu_ms"] = _median_ms(lambda: accelerated_histogram_matching(source, target), iterations)
    return measured


def analyze_cupy_performance() -> dict[str, float]:
    """Print and answer what benchmark_performance measures, and what CuPy wins (`speedup`; 1 without CuPy)."""
    measured = benchmark_performance()
    gpu = measured.get("histogram_gpu_ms")
    measured["speedup"] = 1.0 if gpu is None else measured["histogram_cpu_ms"] / gpu
    print_gpu_info()
    for name, value in measured.items():
        print(f"[INFO] {name}: {value:.2f}")
    return measured


def _median_ms(work: Callable[[], object], iterations: int) -> float:
    work()
    times = []
    for _ in range(max(1, iterations)):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)
