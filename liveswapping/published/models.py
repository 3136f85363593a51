"""The published names for models and what they run on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from liveswapping.domain.errors import ModelLoadError, SettingsError
from liveswapping.domain.settings import Settings, load_settings

if TYPE_CHECKING:
    import torch

    from liveswapping.domain.frame import F32
    from liveswapping.inference.onnx_dfm import OnnxDfm
    from liveswapping.inference.onnx_swap import OnnxSwap
    from liveswapping.inference.outcome import Refusal
    from liveswapping.inference.session import Session
    from liveswapping.inference.torch_swap import TorchSwap

_TENSORRT_ATOL: Final = 0.02
"""How far the compiled answer, 0..1, may be from the network's own: half precision's error and some."""
_log = logging.getLogger(__name__)

A = TypeVar("A")
"""An array of numpy or a tensor of torch."""


class OnnxSwapModel:
    """A swap network in ONNX, called as the published models are. One thread at a time."""

    def __init__(self, network: OnnxSwap) -> None:
        self.network = network
        """Where it runs, and why not on something faster, is the network's to say."""

    def __call__(self, target: A, latent: object) -> A:
        """(1, 3, R, R) RGB 0..1 and (1, 512) -> (1, 3, R, R); tensors of torch give a tensor, arrays an array."""
        import numpy as np

        answer = self.network.answer(_array(target), _array(latent))
        if isinstance(target, np.ndarray):
            return cast(A, answer)
        import torch

        if isinstance(target, torch.Tensor):
            return cast(A, torch.from_numpy(answer).to(target.device))
        raise TypeError("target must be an array of numpy or a tensor of torch")

    @property
    def provider(self) -> str:
        """What it runs on."""
        return self.network.provider

    @property
    def precision(self) -> str:
        """fp16, fp32, or model: as the file has it."""
        return self.network.precision

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why nothing faster was taken."""
        return self.network.why_not

    def close(self) -> None:
        """Release the model."""
        self.network.close()


def _array(values: object) -> F32:
    import numpy as np

    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, np.float32)


def load_model(
    name: str, use_tensorrt: bool = True, provider_type: str | None = None, **settings: object
) -> TorchSwap | OnnxSwapModel | OnnxDfm:
    """The model of a name or file, on the fastest provider that really works.

    Further `settings` are those of config.json by their names: resolution=256, gpu_mem_limit="4GB".

    Swap networks are callable: target (1, 3, R, R) RGB 0..1 and latent (1, 512) -> (1, 3, R, R). What fails falls back
    by itself: fp16 to fp32, a card without memory or with a fault to the processor; `provider`, `precision` and
    `why_not` say what came of it. A .dfm answers to `run(crops, morph)`. Nothing is fetched; `ensure_model` does that.
    Raises ModelError, GPUMemoryError, and SettingsError for a name or provider that does not exist.
    """
    from liveswapping.build import open_store
    from liveswapping.wanted import EngineKind, engine_of, rungs_of, setup_of, size_of

    given = {"model": name, "provider": _provider(provider_type), "use_tensorrt": use_tensorrt, **settings}
    asked = load_settings({key: value for key, value in given.items() if value is not None}, {}, None)
    store = open_store(asked)
    engine = engine_of(asked, store)
    if engine.weights is None:
        raise SettingsError("the mesh engine has no model to load; see build.build_runner")
    if engine.weights.model is not None:
        store.require([engine.weights.model])
    path, rungs = engine.weights.path(store), rungs_of(asked)
    if engine.kind is EngineKind.TORCH_SWAP:
        from liveswapping.inference.on_processor import open_swap_network
        from liveswapping.inference.torch_swap import TorchSwap

        network = open_swap_network(path, size_of(asked, engine.weights), asked.provider, rungs, setup_of(asked))
        return network if isinstance(network, TorchSwap) else OnnxSwapModel(network)
    if engine.kind is EngineKind.DFM:
        from liveswapping.inference.onnx_dfm import OnnxDfm

        return OnnxDfm(path, rungs, setup_of(asked))
    from liveswapping.inference.onnx_swap import OnnxSwap

    return OnnxSwapModel(OnnxSwap(path, rungs, setup_of(asked)))


def get_model_type(path: str | Path) -> str:
    """What kind of model a file is by its name: dfm, inswapper or styletransfer. Raises UnknownModelType."""
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix == ".dfm":
        return "dfm"
    if suffix == ".onnx":
        return "inswapper" if "inswapper" in file.name.lower() else "dfm"
    if suffix in (".pth", ".pt"):
        return "styletransfer"
    raise UnknownModelType(f"'{file}' is no model file: use one that ends in .pth, .pt, .onnx or .dfm")


class UnknownModelType(ModelLoadError, ValueError):
    """The name of a file does not say what model it is; a ValueError too, as published."""


def create_session(path: str | Path, provider: str | None = None) -> Session:
    """An ONNX file on the first provider that passes a probe; used like onnxruntime.InferenceSession.

    Raises ModelLoadError, GPUMemoryError, SettingsError.
    """
    from liveswapping.inference.session import open_session
    from liveswapping.wanted import rungs_of, setup_of

    settings = Settings(provider=_provider(provider))
    return open_session(Path(path), rungs_of(settings), setup_of(settings))


def create_providers(force_provider: str | None = None) -> list[tuple[str, dict[str, str]]]:
    """What onnxruntime.InferenceSession takes as `providers`: those that are installed, best first, with options.

    Published as `_create_providers`. Whether they work is not tried; `create_session` does that. Raises SettingsError.
    """
    from liveswapping.inference.onnx_runtime import OnnxRuntime
    from liveswapping.inference.providers import Setup, ladder, provider_list

    carried = OnnxRuntime().available()
    found: dict[str, dict[str, str]] = {}
    for rung in ladder(_provider(force_provider)):
        if rung.provider in carried:
            for name, options in provider_list(rung, rung.precisions[0], False, Setup()):
                found.setdefault(name, dict(options))
    return list(found.items())


_create_providers = create_providers


def get_torch_device(provider_type: str | None = None) -> torch.device:
    """Where torch computes for a provider: a card that computed something right just now, or the processor."""
    import torch

    from liveswapping.inference.devices import choose_device

    return torch.device(choose_device(_provider(provider_type)).name)


def compile_with_tensorrt(
    model: torch.nn.Module, input_shapes: Sequence[tuple[int, ...]], precision: str = "fp16"
) -> torch.nn.Module:
    """`model` compiled by torch-tensorrt, where that is installed and agrees; else `model` itself and a line of log.

    `input_shapes`: of every input, in order. `precision`: fp16 or fp32; raises SettingsError for another. What
    load_model answers with is as fast as it gets already.
    """
    import torch

    kinds = {"fp16": torch.float16, "fp32": torch.float32}
    if precision not in kinds:
        raise SettingsError(f"precision '{precision}' cannot be used; allowed: {', '.join(kinds)}")
    try:
        tensorrt = import_module("torch_tensorrt")
        where = next(model.parameters()).device
        inputs = [torch.rand(shape, device=where) for shape in input_shapes]
        compiled: torch.nn.Module = tensorrt.compile(model, inputs=inputs, enabled_precisions={kinds[precision]})
        with torch.inference_mode():
            wanted, found = model(*inputs), compiled(*inputs)
        if not torch.allclose(wanted, found.to(wanted.dtype), atol=_TENSORRT_ATOL):
            raise ArithmeticError(f"its answer is off by {float((wanted - found).abs().max()):.3g}")
    except Exception as error:  # noqa: BLE001 - it raises what its compiler raises
        _log.info("torch-tensorrt is not used: %s", " ".join(str(error).split()) or type(error).__name__)
        return model
    return compiled


def get_optimal_provider() -> str:
    """The fastest of cuda, directml, coreml and openvino that computed something right just now, or else cpu."""
    from liveswapping.inference.devices import choose_device
    from liveswapping.inference.probe import probe_providers
    from liveswapping.inference.providers import LADDER

    device = choose_device().name
    if device != "cpu":
        return "cuda" if device == "cuda" else "coreml"
    working = {probe.provider for probe in probe_providers() if probe.works}
    best = next((rung.name for rung in LADDER if rung.provider in working), "cpu")
    return "cuda" if best == "tensorrt" else best


def _provider(name: str | None) -> str:
    """A provider by any of its names; None: whatever works."""
    if name is None or name in ("", "auto"):
        return "auto"
    from liveswapping.inference.providers import rung_named

    return rung_named(name).name
