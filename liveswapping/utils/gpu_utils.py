"""What there is to know of this machine's graphics cards, under the published names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TypedDict

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
