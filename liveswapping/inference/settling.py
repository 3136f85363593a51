"""Settles in which way a network is computed where no card computes it: what is fastest on this processor.

There are OpenVINO's own package (an extra; bfloat16 and int8), ONNX Runtime and, for published weights, torch. Which
one wins depends on the machine, so it is measured once (`cpu_choice`). Only networks from picture to picture are
settled: for coordinates and embeddings bfloat16 is too coarse, and those networks are small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from liveswapping.inference.cpu_choice import Offer, choose
from liveswapping.inference.cpu_timing import Clock, Method, Work, time_in_child
from liveswapping.inference.devices import processor_has_bf16
from liveswapping.inference.openvino_runtime import ABSENT, OnnxAndOpenVino, has_bf16, installed
from liveswapping.inference.outcome import Refusal
from liveswapping.inference.providers import OPENVINO, Rung, Setup
from liveswapping.inference.session import Session, open_session
from liveswapping.inference.trial_memory import model_identity

SMALL: Final = 64 * 2**20
"""Bytes of weights below which nothing is measured: measuring would take longer than it could ever save."""
TORCH_REACHES: Final = ("tensorrt", "cuda", "cpu")
"""Rungs that published weights run on as they are; for the others they are exported to ONNX first."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A network that is to be opened."""

    file: Path
    """Its weights, or its ONNX file."""
    onnx: Callable[[], Path]
    """The ONNX file, made where it is not there yet."""
    size: int = 0
    """Pixels per side, where the file leaves that open."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Of inputs whose size the ONNX file leaves open."""
    in_torch: bool = False
    """The file is weights, which torch runs."""
    restores: bool = False

    @property
    def identity(self) -> str:
        """Changes when the network does."""
        return f"{model_identity(self.file)}-{self.size}" if self.in_torch else model_identity(self.file)

    def quantised(self, setup: Setup) -> Path:
        """Where its int8 form lies, if it was calibrated."""
        return setup.cache / "int8" / f"{self.file.stem}-{self.identity}.xml"


@dataclass(frozen=True, slots=True)
class Settled:
    """What to try, and why other things are not among it."""

    rungs: tuple[Rung, ...]
    passed: tuple[Refusal, ...] = ()
    in_torch: bool = False
    """The weights shall run in torch, and no rung is needed."""
    in_bf16: bool = False
    """They shall run in bfloat16 there."""


def open_pictures(
    model: Path,
    rungs: Sequence[Rung] | Settled,
    setup: Setup | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Session:
    """`open_session` for a network from picture to picture; what is not settled yet is settled first."""
    setup, shapes = setup or Setup(), shapes or {}
    if not isinstance(rungs, Settled):
        rungs = settle(Subject(model, lambda: model, shapes=shapes), rungs, setup)
    return open_session(model, rungs.rungs, setup, shapes, runtime=OnnxAndOpenVino(), passed=rungs.passed)


def settle(subject: Subject, rungs: Sequence[Rung], setup: Setup, clock: Clock = time_in_child) -> Settled:
    """What of `rungs` is worth trying: measured once per machine and model, in child processes, for some seconds."""
    names = {rung.name for rung in rungs}
    further = _reaches_further(subject, rungs)
    as_they_are = Settled(tuple(rungs), in_torch=subject.in_torch and not further)
    if not subject.file.is_file() or "openvino" not in names:
        return as_they_are
    quantised = subject.quantised(setup)
    precisions = _precisions(quantised)
    if further:
        return Settled(_narrowed(rungs, precisions, quantised), () if precisions else (_absent(),))
    alone = names == {"openvino", "cpu"}
    if not alone and subject.file.stat().st_size < SMALL:
        return Settled(_narrowed(rungs, (), quantised), in_torch=subject.in_torch)
    passed = () if precisions else (_absent(),)
    if alone and len(precisions) < 2:
        return Settled(_narrowed(rungs, precisions, quantised), passed, subject.in_torch and not precisions)
    methods = [Method("openvino", precision) for precision in precisions]
    if not alone:
        methods += [Method("onnxruntime", "fp32"), *_in_torch(subject)]
    choice = choose(subject.file.name, [_offer(method, subject, setup) for method in methods], setup, clock)
    if choice is None:
        return as_they_are
    taken = (choice.method.precision,) if choice.method.runtime == "openvino" else ()
    in_torch, in_bf16 = choice.method.runtime == "torch", choice.method.precision == "bf16"
    return Settled(_narrowed(rungs, taken, quantised), (*passed, *choice.why_not), in_torch, in_bf16)


def _reaches_further(subject: Subject, rungs: Sequence[Rung]) -> bool:
    """Something other than the processor may run it, so that nothing is measured before that has failed."""
    carried = OnnxAndOpenVino().available()
    own = (*TORCH_REACHES, "openvino") if subject.in_torch else ("openvino", "cpu")
    foreign = not installed() and OPENVINO in carried  # a build of ONNX Runtime with OpenVINO inside
    return foreign or any(rung.provider in carried for rung in rungs if rung.name not in own)


def _precisions(quantised: Path) -> tuple[str, ...]:
    """What OpenVINO's own package can compute in here, the fastest first; empty where it is not installed."""
    if not installed():
        return ("fp32",) if OPENVINO in OnnxAndOpenVino().available() else ()
    return (*(("int8",) if quantised.is_file() else ()), "bf16" if has_bf16() else "fp32")


def _in_torch(subject: Subject) -> tuple[Method, ...]:
    return (Method("torch", "bf16" if processor_has_bf16() else "fp32"),) if subject.in_torch else ()


def _absent() -> Refusal:
    return Refusal("openvino", ABSENT)


def _narrowed(rungs: Sequence[Rung], precisions: tuple[str, ...], quantised: Path) -> tuple[Rung, ...]:
    """`rungs` with OpenVINO in `precisions` and then in full precision; without it where there are none."""
    if not precisions:
        return tuple(rung for rung in rungs if rung.name != "openvino")
    tried = (*precisions, *(("fp32",) if "fp32" not in precisions else ()))
    return tuple(
        replace(rung, precisions=tried, quantised=quantised) if rung.name == "openvino" else rung for rung in rungs
    )


def _offer(method: Method, subject: Subject, setup: Setup) -> Offer:
    quantised = subject.quantised(setup)

    def work() -> Work:
        if method.runtime == "torch":
            return Work(subject.file, subject.size, setup, restores=subject.restores)
        return Work(subject.onnx(), subject.size, setup, subject.shapes, quantised)

    identity = subject.identity
    return Offer(method, f"{identity} {model_identity(quantised)}" if method.precision == "int8" else identity, work)
