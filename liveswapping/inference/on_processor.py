"""Published weights where no card computes them: in torch, or as ONNX in what is faster here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from liveswapping.inference.devices import TorchDevice, choose_device
from liveswapping.inference.exported import exported_gfpgan, exported_reswapper
from liveswapping.inference.onnx_restore import SIZE, OnnxFaceRestorer
from liveswapping.inference.onnx_swap import OnnxSwap
from liveswapping.inference.providers import AUTO, CPU, Rung, Setup, ladder
from liveswapping.inference.settling import TORCH_REACHES, Settled, Subject, settle
from liveswapping.inference.torch_restore import TorchFaceRestorer
from liveswapping.inference.torch_swap import TorchSwap, checked_size

CPU_DEVICE: Final = "cpu"


def reswapper_subject(path: Path, size: int, setup: Setup) -> Subject:
    """ReSwapper's weights at one size. Raises SettingsError for a size that the network does not take."""
    checked_size(size)
    return Subject(path, lambda: exported_reswapper(path, size, setup.cache / "onnx"), size, in_torch=True)


def gfpgan_subject(path: Path, setup: Setup) -> Subject:
    """GFPGAN's weights, for `settle` and for calibration."""
    return Subject(path, lambda: exported_gfpgan(path, setup.cache / "onnx"), SIZE, in_torch=True, restores=True)


def open_swap_network(
    path: Path, size: int = 128, provider: str = AUTO, rungs: Sequence[Rung] | None = None, setup: Setup | None = None
) -> TorchSwap | OnnxSwap:
    """ReSwapper's weights where they run fastest. `rungs`: what other settings leave of the ladder; None: all of it.

    Raises SettingsError (size, provider), ModelLoadError, GPUMemoryError.
    """
    setup = setup or Setup()
    subject = reswapper_subject(path, size, setup)
    found = place_of(subject, provider, rungs, setup)
    if isinstance(found, TorchDevice):
        return TorchSwap(path, size, found)
    return OnnxSwap(subject.onnx(), found, setup)


def open_restoring_network(
    path: Path, provider: str = AUTO, rungs: Sequence[Rung] | None = None, setup: Setup | None = None
) -> TorchFaceRestorer | OnnxFaceRestorer:
    """GFPGAN's weights where they run fastest; otherwise as `open_swap_network`."""
    setup = setup or Setup()
    subject = gfpgan_subject(path, setup)
    found = place_of(subject, provider, rungs, setup)
    if isinstance(found, TorchDevice):
        return TorchFaceRestorer(path, found)
    return OnnxFaceRestorer(subject.onnx(), found, setup)


def place_of(
    subject: Subject, provider: str = AUTO, rungs: Sequence[Rung] | None = None, setup: Setup | None = None
) -> TorchDevice | Settled:
    """Where published weights run fastest: a device for torch, or what their ONNX form shall be tried on.

    `rungs`: what other settings leave of the ladder of `provider`; None: all of it. Raises SettingsError.
    """
    rungs = ladder(provider) if rungs is None else rungs
    device = choose_device(provider, rungs)
    if device.name != CPU_DEVICE:
        return device
    settled = settle(subject, rungs, setup or Setup())
    # What torch was refused is not tried again in ONNX Runtime, which needs the same driver.
    left = tuple(rung for rung in settled.rungs if rung.provider == CPU or rung.name not in TORCH_REACHES)
    known = {rung.name for rung in left} if not settled.in_torch else set()
    known |= {refusal.name for refusal in settled.passed}
    refused = tuple(refusal for refusal in device.why_not if refusal.name not in known)
    if settled.in_torch:
        return replace(device, why_not=(*refused, *settled.passed), half=settled.in_bf16, bfloat=settled.in_bf16)
    return Settled(left, (*refused, *settled.passed))
