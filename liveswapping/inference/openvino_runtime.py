"""OpenVINO itself, behind the seam of ONNX Runtime's sessions: its kernels are the fastest on many processors.

The package is an optional extra. Only its runtime is loaded: importing its converter, as the package does by itself,
reports that to the maker over the network.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import numpy as np

from liveswapping.inference.judgement import Array, Port
from liveswapping.inference.onnx_runtime import OnnxRuntime, RawSession
from liveswapping.inference.providers import OPENVINO, PRECISION, QUANTISED, Setup

if TYPE_CHECKING:
    from openvino import CompiledModel, Core, Model

ABSENT: Final = (
    "the package is not installed; `pip install -r requirements/openvino.txt` brings bf16 and int8 on processors that "
    "have them"
)
_PACKAGE: Final = "openvino"
_CONVERTER: Final = "openvino.tools.ovc"
_HINTS: Final = {"bf16": "bf16", "fp32": "f32", "int8": "f32"}
"""What everything that is not quantised is computed in; int8 takes bf16 where the processor has it."""
_TYPES: Final = {"f32": "float", "f16": "float16", "f64": "double", "i64": "int64", "i32": "int32"}
"""ONNX Runtime's names of OpenVINO's types."""


def installed() -> bool:
    """The package is there; nothing is loaded to find out."""
    return find_spec("openvino") is not None


def openvino() -> ModuleType:
    """The package without its converter. Raises ModuleNotFoundError where it is not installed."""
    if _PACKAGE not in sys.modules:
        sys.modules[_CONVERTER] = None  # type: ignore[assignment] # to import, it is not there then
        try:
            import_module(_PACKAGE)
        finally:
            del sys.modules[_CONVERTER]
    return sys.modules[_PACKAGE]


def open_core() -> Core:
    """OpenVINO."""
    return openvino().Core()


def operations() -> ModuleType:
    """What graphs are made of."""
    openvino()
    return import_module(f"{_PACKAGE}.opset13")


def has_bf16() -> bool:
    """The processor computes in bfloat16 by itself: AVX-512 BF16 or AMX."""
    return "BF16" in open_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class _Named(Protocol):
    """An input or output of OpenVINO's."""

    def get_any_name(self) -> str: ...

    def get_partial_shape(self) -> Any: ...  # noqa: ANN401 - OpenVINO's own

    def get_element_type(self) -> Any: ...  # noqa: ANN401 - OpenVINO's own


@dataclass(frozen=True, slots=True)
class OpenVinoPort:
    """An input or output, in ONNX Runtime's words."""

    name: str
    shape: Sequence[int | str | None]
    type: str


def _port(found: _Named) -> OpenVinoPort:
    shape = tuple(int(size.get_length()) if size.is_static else None for size in found.get_partial_shape())
    kind = str(found.get_element_type().get_type_name())
    return OpenVinoPort(found.get_any_name(), shape, f"tensor({_TYPES.get(kind, kind)})")


def inputs_of(model: Path) -> list[OpenVinoPort]:
    """What an ONNX file takes. Raises what OpenVINO raises."""
    return [_port(cast(_Named, found)) for found in open_core().read_model(model).inputs]


def compiled(model: Path | Model, precision: str, threads: int | None = None) -> CompiledModel:
    """`model` ready to run on the processor, for one picture at a time as fast as it can."""
    core = open_core()
    hint = "bf16" if precision == "int8" and has_bf16() else _HINTS[precision]
    wanted: dict[str, str | int] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": hint}
    if threads is not None:
        wanted["INFERENCE_NUM_THREADS"] = threads
    return core.compile_model(str(model) if isinstance(model, Path) else model, "CPU", wanted)


class OpenVinoSession:
    """A model in OpenVINO, used like onnxruntime.InferenceSession. One thread at a time."""

    def __init__(self, model: Path, precision: str, threads: int | None = None) -> None:
        """`model`: ONNX, or OpenVINO's own (.xml). Raises what OpenVINO raises."""
        self._compiled = compiled(model, precision, threads)
        self._request = self._compiled.create_infer_request()

    def get_providers(self) -> Sequence[str]:
        """As ONNX Runtime's."""
        return [OPENVINO]

    def get_inputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return [_port(cast(_Named, found)) for found in self._compiled.inputs]

    def get_outputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return [_port(cast(_Named, found)) for found in self._compiled.outputs]

    def run(self, names: Sequence[str] | None, feed: Mapping[str, Array]) -> list[Array]:
        """As ONNX Runtime's; the answers are the caller's own."""
        self._request.infer({name: np.ascontiguousarray(values) for name, values in feed.items()})
        wanted = names or [port.name for port in self.get_outputs()]
        return [self._request.get_tensor(name).data.copy() for name in wanted]


class OnnxAndOpenVino(OnnxRuntime):
    """ONNX Runtime, and OpenVINO's own package for the rung of that name where it is installed."""

    def available(self) -> Sequence[str]:
        """The providers that are installed."""
        own = super().available()
        return [*own, OPENVINO] if installed() and OPENVINO not in own else own

    def create(self, model: Path, providers: Sequence[tuple[str, Mapping[str, str]]], setup: Setup) -> RawSession:
        """A session; raises whatever the provider raises."""
        name, options = providers[0]
        if name != OPENVINO:
            return super().create(model, providers, setup)
        if installed():
            return OpenVinoSession(Path(options.get(QUANTISED, model)), options.get(PRECISION, "fp32"), setup.threads)
        kept = {option: value for option, value in options.items() if option not in (PRECISION, QUANTISED)}
        return super().create(model, [(name, kept)], setup)
