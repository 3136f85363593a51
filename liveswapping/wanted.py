"""What the settings ask for: which engine and restorers, which files those need, and what does not fit together.

Nothing is opened here, and importing this module loads no runtime.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.plugins import SwapperPlugin, installed
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.inference.providers import Rung, Setup
    from liveswapping.inference.store import Store

MESH: Final = "mesh"
PUBLISHED_SIZE: Final = 128
"""The resolution that published command lines give to every engine."""
_SWAP_MODELS: Final = ("reswapper128", "reswapper256", "inswapper128")
_FAMILIES: Final = {"reswapper": "reswapper128", "inswapper": "inswapper128"} | {name: name for name in _SWAP_MODELS}
"""Engines by name, in any case."""
RESTORERS: Final = ("gfpgan", "gfpgan14")
DETECTORS: Final = {"insightface": "buffalo_l_detection", "yunet": "yunet"}
"""Analysers that find five points of a face, and the weights that each needs."""
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


def enlarges(settings: Settings) -> bool:
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
    if engine.kind is EngineKind.MESH and restorer is None and not enlarges(settings):
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
        if settings.resolution not in (None, PUBLISHED_SIZE):
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
    if enlarges(settings):
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


def size_of(settings: Settings, weights: Weights) -> int:
    """What was asked for, or what the weights were trained for."""
    return settings.resolution or (256 if weights.model == "reswapper256" else PUBLISHED_SIZE)


def model_names(settings: Settings, store: Store) -> list[str]:
    """The engine, and what restores and enlarges, by the names that people know."""
    weights = (engine_of(settings, store).weights, restorer_of(settings, store))
    names = [MESH if weights[0] is None else weights[0].name]
    names += [] if weights[1] is None else [weights[1].name]
    return [*names, "realesrgan_x2plus"] if enlarges(settings) else names
