"""Which engine, analyser and restorers the settings ask for, which files those need, and how they are opened.

Parts are imported inside functions, so that importing this module loads no runtime.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.domain.plugins import SwapperPlugin, installed, made
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Improver, Restorer, Swapper
    from liveswapping.inference.outcome import Placed
    from liveswapping.inference.providers import Rung, Setup
    from liveswapping.inference.store import Store
    from liveswapping.restorers.whole import WholeRestorer
    from liveswapping.swappers.latent import Direction

MESH: Final = "mesh"
_PUBLISHED_SIZE: Final = 128
"""The resolution that published command lines give to every engine."""
_SWAP_MODELS: Final = ("reswapper128", "reswapper256", "inswapper128")
_FAMILIES: Final = {"reswapper": "reswapper128", "inswapper": "inswapper128"} | {name: name for name in _SWAP_MODELS}
"""Engines by name, in any case."""
RESTORERS: Final = ("gfpgan", "gfpgan14")
DETECTORS: Final = {"insightface": "buffalo_l_detection", "yunet": "yunet"}
"""Analysers that find five points of a face, and the weights that each needs."""
_SMALL_TILE: Final = 192
"""Pixels per side of what is enlarged at once in little memory."""
_DFM_INPUT: Final = "in_face:0"


class EngineKind(enum.Enum):
    """The families of engines."""

    MESH = "mesh"
    TORCH_SWAP = "styletransfer"
    ONNX_SWAP = "inswapper"
    DFM = "dfm"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class Weights:
    """Where something's weights are: a registered model, or a file of the user's."""

    name: str
    """For people."""
    model: str | None = None
    """Its name in the catalogue."""
    file: Path | None = None

    plugin: bool = False
    """A plugin of that name brings it, with weights that are its own business."""

    def path(self, store: Store) -> Path:
        """The file, verified where it is registered. Raises ModelError."""
        return self.file if self.file is not None else store.path(str(self.model))

    @property
    def suffix(self) -> str:
        """Of the user's file, in lower case; empty for a registered model."""
        return "" if self.file is None else self.file.suffix.lower()


@dataclass(frozen=True, slots=True)
class Engine:
    """What swaps, and its weights; none for the mesh and for what a plugin brings."""

    kind: EngineKind
    weights: Weights | None = None
    plugin: SwapperPlugin | None = None

    @property
    def recognises(self) -> bool:
        """It has to know who the source is: it needs face embeddings."""
        if self.plugin is not None:
            return self.plugin.recognises
        return self.kind in (EngineKind.TORCH_SWAP, EngineKind.ONNX_SWAP)


def engine_names() -> tuple[str, ...]:
    """What `--model` takes besides files."""
    from liveswapping.swappers.builtin import builtin_swappers

    return (*builtin_swappers(), *_FAMILIES, *installed().plugins.swappers)


def analyser_names() -> tuple[str, ...]:
    """What `--analyser` takes."""
    from liveswapping.faces.builtin import builtin_analysers

    return (*builtin_analysers(), *DETECTORS, *installed().plugins.analysers)


def restorer_names() -> tuple[str, ...]:
    """What `--enhancer` takes besides files, "auto" and "none"."""
    return (*RESTORERS, *installed().plugins.restorers)


def engine_of(settings: Settings, store: Store) -> Engine:
    """What `--model` names. Raises SettingsError where it is no engine, or a file that is not there."""
    if settings.model == MESH:
        return Engine(EngineKind.MESH)
    plugins = installed().plugins.swappers
    if settings.model in plugins:
        return Engine(EngineKind.PLUGIN, plugin=plugins[settings.model])
    known = f"known: {', '.join((MESH, *_SWAP_MODELS, *plugins))}, or a file .pth, .pt, .onnx or .dfm"
    named = _FAMILIES.get(settings.model.lower(), settings.model)
    weights = _weights(named, _SWAP_MODELS, store, f"there is no engine '{settings.model}'; {known}")
    if weights.model is not None:
        return Engine(EngineKind.ONNX_SWAP if weights.model == "inswapper128" else EngineKind.TORCH_SWAP, weights)
    if weights.suffix in (".pth", ".pt"):
        return Engine(EngineKind.TORCH_SWAP, weights)
    if weights.suffix == ".dfm":
        return Engine(EngineKind.DFM, weights)
    if weights.suffix != ".onnx":
        raise SettingsError(f"'{settings.model}' is no weight file; use one that ends in .pth, .pt, .onnx or .dfm")
    from liveswapping.inference.onnx_file import input_names

    return Engine(EngineKind.DFM if _DFM_INPUT in input_names(weights.path(store)) else EngineKind.ONNX_SWAP, weights)


def _weights(named: str, allowed: Sequence[str], store: Store, otherwise: str) -> Weights:
    """A registered model of `allowed`, by name or by a published path, or else a file of the user's."""
    file = Path(named).expanduser()
    registered = [model.name for model in store.select([named])] if store.known(named) else []
    ours = len(registered) == 1 and registered[0] in allowed
    if ours and (not file.is_file() or _same(file, store.file(registered[0]))):
        return Weights(registered[0], model=registered[0])
    if file.is_file():
        return Weights(file.name, file=file)
    if file.suffix and not registered:
        raise SettingsError(f"there is no file '{named}'; check the path, or see `models list` for what can be fetched")
    raise SettingsError(otherwise)


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.samefile(other)


def restorer_of(settings: Settings, store: Store) -> Weights | None:
    """What restores faces, if anything. Raises SettingsError."""
    wanted = settings.enhancer
    if wanted.lower() == "none" or (wanted == "auto" and settings.upscale == 1):
        return None
    name = "gfpgan" if wanted == "auto" else wanted
    if name in installed().plugins.restorers:
        return Weights(name, plugin=True)
    known = f"known: {', '.join(restorer_names())}, none, or a file .pth or .onnx"
    weights = _weights(name, RESTORERS, store, f"there is no face restorer '{name}'; {known}")
    if weights.file is not None and weights.suffix not in (".pth", ".pt", ".onnx"):
        raise SettingsError(f"'{name}' is no face restorer; use a file that ends in .pth or .onnx")
    return weights


def _enlarges(settings: Settings) -> bool:
    """A network enlarges the whole picture."""
    return settings.upscale > 1 and settings.bg_upsampler.lower() == "realesrgan"


def check(settings: Settings, store: Store) -> None:
    """Raise SettingsError for what does not fit together, before any work."""
    from liveswapping.domain.casting import recognises

    engine = engine_of(settings, store)
    restorer = restorer_of(settings, store)
    if settings.reference_threshold != Settings().reference_threshold and not recognises(settings):
        raise SettingsError("--reference_threshold is for telling people apart; add --reference FILE")
    _check_engine(settings, engine)
    for flag, file in (("--occluder", settings.occluder), ("--parser", settings.parser)):
        if file is not None and not Path(file).expanduser().is_file():
            raise SettingsError(f"{flag}: there is no file '{file}'; check the path")
    if engine.kind is EngineKind.MESH and restorer is None and not _enlarges(settings):
        from liveswapping.inference.providers import AUTO

        if settings.provider not in (AUTO, "cpu"):
            raise SettingsError(f"provider '{settings.provider}' is for neural engines; mesh runs on cpu")
    if restorer is not None and restorer.plugin and settings.aligned:
        raise SettingsError(f"--aligned is for the product's own restorers; {restorer.name} is a plugin's")
    if restorer is None:
        given = {
            "--weight": settings.weight != Settings().weight,
            "--only_center_face": settings.only_center_face,
            "--aligned": settings.aligned,
        }
        for flag in (flag for flag, used in given.items() if used):
            raise SettingsError(f"{flag} is for face restoration, and none was asked for; add --enhancer gfpgan")


def _check_engine(settings: Settings, engine: Engine) -> None:
    if engine.kind is EngineKind.MESH:
        if settings.resolution not in (None, _PUBLISHED_SIZE):
            raise SettingsError(
                f"resolution {settings.resolution} is for neural engines; leave it out: "
                "the mesh engine works at the picture's own"
            )
        if settings.look.box_mask:
            raise SettingsError("--box_mask is for swap networks; the mesh engine draws the face alone")
    if settings.face_attribute_steps and settings.face_attribute_direction is None:
        raise SettingsError("--face_attribute_steps needs a direction; add --face_attribute_direction FILE")
    if settings.face_attribute_direction is not None and not engine.recognises:
        raise SettingsError(f"an attribute direction is for swap networks; {engine.kind.value} takes none")
    if settings.morph != Settings().morph and engine.kind is not EngineKind.DFM:
        raise SettingsError(f"--morph is for DeepFaceLive's models (.dfm); {settings.model} is none")


def require(settings: Settings, store: Store) -> None:
    """Raise ModelError, naming all at once, where files that the settings need are not here. Fetches nothing."""
    from liveswapping.domain.casting import recognises

    engine, names = engine_of(settings, store), []
    if engine.weights is not None and engine.weights.model is not None:
        names.append(engine.weights.model)
    if engine.recognises:
        names += (
            ["emap", "buffalo_l_recognition"] if engine.kind is EngineKind.TORCH_SWAP else ["buffalo_l_recognition"]
        )
    elif recognises(settings):
        names.append("buffalo_l_recognition")
    if settings.analyser in DETECTORS:
        names.append(DETECTORS[settings.analyser])
    restorer = restorer_of(settings, store)
    if restorer is not None and restorer.model is not None:
        names.append(restorer.model)
    if _enlarges(settings):
        names.append("realesrgan_x2plus")
    store.require(names)


def setup_of(settings: Settings) -> Setup:
    """What the user may set about sessions."""
    from liveswapping.inference.providers import Setup

    return Setup(
        threads=settings.threads,
        log_level=settings.onnx_log_level,
        gpu_memory_limit=settings.gpu_mem_limit,
        shrink_arena=settings.low_memory,
    )


def rungs_of(settings: Settings) -> tuple[Rung, ...]:
    """What may be tried, best first. Raises SettingsError."""
    from liveswapping.inference.providers import ladder

    return ladder(settings.provider, settings.onnx_providers, settings.use_tensorrt)


def open_swapper(settings: Settings, store: Store, say: Callable[[str], None], hold: Hold = open_anew) -> Swapper:
    """The engine; `say` is told, in one line, where a neural one runs and why not on something faster.

    `hold`: where its network may be open already, for another engine.
    Raises SettingsError, ModelError and GPUMemoryError.
    """
    swapper = _open_engine(settings, store, say, hold)
    if not settings.low_memory or settings.model == MESH:
        return swapper
    from liveswapping.swappers.one_by_one import OneByOne

    return OneByOne(swapper)


def open_live_swapper(settings: Settings, store: Store, say: Callable[[str], None], hold: Hold) -> Swapper:
    """The engine for a camera's picture: a slow one works beside it, if it may. Raises as `open_swapper`."""
    plugin = engine_of(settings, store).plugin
    fast = settings.model == MESH or (plugin is not None and plugin.fast)
    wanted = settings.temporal == "on" or (settings.temporal == "auto" and not fast)
    if not wanted:
        return open_swapper(settings, store, say, hold)
    from liveswapping.swappers.temporal.engine import TemporalSwapper

    shared = settings.threads or max(1, (os.cpu_count() or 2) // 2)  # the live picture needs the other half
    slow = open_swapper(replace(settings, threads=shared), store, say, hold)
    return TemporalSwapper(slow, always=settings.temporal == "on")


def _open_engine(settings: Settings, store: Store, say: Callable[[str], None], hold: Hold) -> Swapper:
    engine = engine_of(settings, store)
    if engine.plugin is not None:
        plugin = engine.plugin
        return made("engine", settings.model, lambda: plugin.make(store.path))
    if engine.weights is None:
        from liveswapping.swappers.builtin import builtin_swappers

        return builtin_swappers()[settings.model](store.path)
    if engine.kind is EngineKind.TORCH_SWAP:
        from liveswapping.swappers.latent import load_emap
        from liveswapping.swappers.reswapper import open_reswapper

        _limit_torch(settings)
        path, emap, setup = engine.weights.path(store), load_emap(store.path("emap")), setup_of(settings)
        size, rungs, direction = size_of(settings, engine.weights), rungs_of(settings), _direction(settings)
        torch_swap = open_reswapper(path, emap, size, settings.provider, setup, direction, rungs, hold)
        say(placed(engine.weights.name, torch_swap.network, size))
        return torch_swap
    if engine.kind is EngineKind.DFM:
        from liveswapping.swappers.dfm import open_dfm

        dfm = open_dfm(engine.weights.path(store), rungs_of(settings), setup_of(settings), settings.morph, hold)
        _check_fixed(settings, dfm.network.size, dfm, engine.weights.name)
        say(placed(engine.weights.name, dfm.network, dfm.network.size))
        return dfm
    return _open_onnx_swap(settings, store, engine.weights, say, hold)


def _open_onnx_swap(
    settings: Settings, store: Store, weights: Weights, say: Callable[[str], None], hold: Hold
) -> Swapper:
    from liveswapping.swappers.inswapper import open_inswapper
    from liveswapping.swappers.latent import load_emap

    emap = None if store.missing(["emap"]) else load_emap(store.path("emap"))
    path, rungs, setup = weights.path(store), rungs_of(settings), setup_of(settings)
    onnx_swap = open_inswapper(path, rungs, setup, _direction(settings), emap, hold)
    _check_fixed(settings, onnx_swap.network.size, onnx_swap, weights.name)
    say(placed(weights.name, onnx_swap.network, onnx_swap.network.size))
    return onnx_swap


def size_of(settings: Settings, weights: Weights) -> int:
    """What was asked for, or what the weights were trained for."""
    return settings.resolution or (256 if weights.model == "reswapper256" else _PUBLISHED_SIZE)


def _check_fixed(settings: Settings, size: int, swapper: Swapper, name: str) -> None:
    """Such a file takes one size; 128 is what published command lines say whatever the file is."""
    if settings.resolution in (None, _PUBLISHED_SIZE, size):
        return
    swapper.close()
    raise SettingsError(
        f"resolution {settings.resolution} cannot be used by {name}: it takes {size} only; leave it out"
    )


def _direction(settings: Settings) -> Direction | None:
    if settings.face_attribute_direction is None or not settings.face_attribute_steps:
        return None
    from liveswapping.swappers.latent import load_direction

    return load_direction(Path(settings.face_attribute_direction).expanduser(), settings.face_attribute_steps)


def model_names(settings: Settings, store: Store) -> list[str]:
    """The engine, and what restores and enlarges, by the names that people know."""
    weights = (engine_of(settings, store).weights, restorer_of(settings, store))
    names = [MESH if weights[0] is None else weights[0].name]
    names += [] if weights[1] is None else [weights[1].name]
    return [*names, "realesrgan_x2plus"] if _enlarges(settings) else names


def open_improver(settings: Settings, store: Store, say: Callable[[str], None]) -> Improver | None:
    """What restores faces and enlarges the picture; None where nothing does. Raises as `open_swapper`."""
    whole = _open_whole(settings, store, say)
    if settings.std == 0 and settings.blur <= 1:
        return whole
    from liveswapping.restorers.grain import Grain

    return Grain(whole, settings.std, settings.blur)


def _open_whole(settings: Settings, store: Store, say: Callable[[str], None]) -> WholeRestorer | None:
    from contextlib import ExitStack

    weights = restorer_of(settings, store)
    if weights is None and settings.upscale == 1:
        return None
    from liveswapping.inference.providers import ladder
    from liveswapping.restorers.faces import FaceRestorer
    from liveswapping.restorers.realesrgan import open_realesrgan
    from liveswapping.restorers.whole import WholeRestorer

    provider = settings.upscaler_provider or settings.provider
    _limit_torch(settings)
    rungs = ladder(provider, settings.onnx_providers, settings.use_tensorrt)
    with ExitStack() as on_failure:
        restorer = upscaler = None
        if weights is not None:
            restorer = _open_restorer(settings, store, weights, provider, rungs)
            on_failure.callback(restorer.close)
            if isinstance(restorer, FaceRestorer):
                say(placed(weights.name, restorer.network, restorer.network.size))
        if _enlarges(settings):
            path = store.path("realesrgan_x2plus")
            upscaler = open_realesrgan(path, provider, settings.upscale, _tile(settings), rungs, settings.torch_compile)
            on_failure.callback(upscaler.close)
            say(placed("realesrgan_x2plus", upscaler.network))
        on_failure.pop_all()
    return WholeRestorer(restorer, upscaler, settings.upscale, settings.only_center_face, settings.aligned)


def _tile(settings: Settings) -> int:
    """What is enlarged at once, in pixels per side."""
    return min(settings.bg_tile or _SMALL_TILE, _SMALL_TILE) if settings.low_memory else settings.bg_tile


def _open_restorer(
    settings: Settings, store: Store, weights: Weights, provider: str, rungs: Sequence[Rung]
) -> Restorer:
    if weights.plugin:
        plugin = installed().plugins.restorers[weights.name]
        return made("restorer", weights.name, lambda: plugin.make(store.path, settings.weight))
    path = weights.path(store)
    if weights.suffix == ".onnx":
        from liveswapping.restorers.onnx_face import open_onnx_restorer

        return open_onnx_restorer(path, rungs, setup_of(settings), settings.weight)
    from liveswapping.restorers.gfpgan import open_gfpgan

    return open_gfpgan(path, provider, settings.weight, rungs, setup_of(settings))


def _limit_torch(settings: Settings) -> None:
    from liveswapping.inference.devices import limit_torch

    limit_torch(settings.threads, settings.gpu_mem_limit)


def placed(name: str, network: Placed, size: int | None = None) -> str:
    """One line: what runs where, and why not on something faster."""
    at = "" if size is None else f" at {size} pixels"
    line = f"{name}{at} runs on {network.provider} ({network.precision})"
    return f"{line}; not on {'; '.join(map(str, network.why_not))}" if network.why_not else line
