"""Where torch computes: CUDA, Apple's GPU or the processor. The one place that decides it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from liveswapping.inference.outcome import Refusal, failure
from liveswapping.inference.providers import AUTO, Rung, rung_named

if TYPE_CHECKING:
    import torch

_CANDIDATES: Final = {
    AUTO: ("cuda", "mps"),
    "tensorrt": ("cuda",),
    "cuda": ("cuda",),
    "coreml": ("mps",),
    "cpu": (),
}
"""Devices that stand for a rung of the provider ladder. The processor follows each of them."""
_BF16: Final = ("avx512_bf16", "amx_bf16", "bf16")
"""torch's names for what processors multiply bfloat16 with."""
_PROBE: Final = 16
"""Pixels per side of the picture that a device must convolve rightly."""
_HALF_FROM: Final = (7, 0)
"""Compute capability of NVIDIA's cards from which on half precision is the faster one (CUDA's programming guide)."""


class TensorRt(enum.Enum):
    """When torch-tensorrt is tried, where a network can be computed in several ways."""

    NEVER = "never"
    """The settings leave it out."""
    LATER = "later"
    """After what was written for the network by hand."""
    FIRST = "first"
    """It was asked for by name."""


@dataclass(frozen=True, slots=True)
class TorchDevice:
    """A device that has computed something rightly."""

    name: str
    """cuda, mps or cpu."""
    why_not: tuple[Refusal, ...] = ()
    """Why faster ones were not taken."""
    half: bool = False
    """It is faster in half precision."""
    records: bool = False
    """It takes CUDA graphs, in which networks are computed in ways of their own."""
    tensorrt: TensorRt = TensorRt.LATER
    bfloat: bool = False
    """Its half precision is bfloat16, which processors have, and not fp16."""
    compiles: bool = False
    """torch.compile is tried on RealESRGAN: the user has the time for it."""


def choose_device(
    provider: str | None = AUTO, rungs: Sequence[Rung] | None = None, compiles: bool = False
) -> TorchDevice:
    """The fastest device of those that `provider` (a name of the ladder) allows. Raises SettingsError.

    `rungs`: what of the ladder is left by other settings (ONNX_PROVIDERS); None: all of it. `compiles`: torch.compile
    may be tried.
    """
    wanted = AUTO if provider in (None, AUTO, "") else rung_named(str(provider)).name
    if wanted not in _CANDIDATES:
        return TorchDevice("cpu", (Refusal(wanted, "torch does not reach it; only ONNX models do"),))
    allowed = None if rungs is None else {name for rung in rungs for name in _CANDIDATES.get(rung.name, ())}
    refusals: list[Refusal] = []
    for name in _CANDIDATES[wanted]:
        reason = _fault(name) if allowed is None or name in allowed else "the settings leave it out"
        if reason is None:
            quick = name == "cuda" and _has_quick_halves()
            return TorchDevice(name, tuple(refusals), quick, quick, _turn(wanted, rungs), compiles=compiles)
        refusals.append(Refusal(name, reason))
    return TorchDevice("cpu", tuple(refusals))


def limit_torch(threads: int | None, gpu_memory: int | None) -> None:
    """Hold torch to so many threads, and to so many bytes of a CUDA card's memory; None: to what it takes by itself."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    if gpu_memory is not None and torch.cuda.is_available():
        there = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, gpu_memory / there))


def processor_has_bf16() -> bool:
    """The processor multiplies bfloat16 by itself: AVX-512 BF16 or AMX, or ARM's."""
    import torch

    found = torch.cpu.get_capabilities()
    return any(bool(found.get(name)) for name in _BF16)


def _has_quick_halves() -> bool:
    import torch

    return torch.cuda.get_device_capability() >= _HALF_FROM


def _turn(wanted: str, rungs: Sequence[Rung] | None) -> TensorRt:
    if rungs is not None and all(rung.name != "tensorrt" for rung in rungs):
        return TensorRt.NEVER
    return TensorRt.FIRST if wanted == "tensorrt" else TensorRt.LATER


def _fault(name: str) -> str | None:
    """Why a device cannot be used, or None: it is there, and a convolution on it is right."""
    import torch

    if not (torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available()):
        built = torch.version.cuda if name == "cuda" else torch.backends.mps.is_built()
        return "no card and driver answer" if built else "the installed torch was built without it"
    try:
        here, there = _convolved(torch.device("cpu")), _convolved(torch.device(name))
    except Exception as error:  # noqa: BLE001 - drivers raise what they like
        return failure(error).reason
    return None if torch.allclose(here, there, atol=0.05) else "it computed something wrong"


def _convolved(device: torch.device) -> torch.Tensor:
    """A convolution whose answer is known from the processor: cuDNN, which lacks most often, is needed for it."""
    import torch

    picture = torch.linspace(-1.0, 1.0, 3 * _PROBE**2).reshape(1, 3, _PROBE, _PROBE).to(device)
    weight = torch.linspace(-1.0, 1.0, 4 * 3 * 9).reshape(4, 3, 3, 3).to(device)
    return torch.nn.functional.conv2d(picture, weight).cpu()
