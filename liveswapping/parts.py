"""The engines and restorers that the settings ask for, opened.

Parts are imported inside functions, so that importing this module loads no runtime.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.handover import Hold, open_anew
from liveswapping.domain.plugins import installed, made
from liveswapping.domain.settings import Settings
from liveswapping.wanted import (
    MESH,
    PUBLISHED_SIZE,
    EngineKind,
    Weights,
    engine_of,
    enlarges,
    restorer_of,
    rungs_of,
    setup_of,
    size_of,
)

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Improver, Restorer, Swapper
    from liveswapping.inference.outcome import Placed
    from liveswapping.inference.providers import Rung
    from liveswapping.inference.store import Store
    from liveswapping.restorers.faces import FaceRestorer
    from liveswapping.restorers.whole import WholeRestorer
    from liveswapping.swappers.latent import Direction

_SMALL_TILE: Final = 192
"""Pixels per side of what is enlarged at once in little memory."""


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

    return TemporalSwapper(open_swapper(_sharing(settings), store, say, hold), always=settings.temporal == "on")


def open_live_restorer(settings: Settings, store: Store, say: Callable[[str], None]) -> Swapper | None:
    """What restores the faces that were swapped in a camera's picture: a slow one works beside it, if it may.

    None where nothing restores faces, or more than these. Raises as `open_swapper`.
    """
    weights = restorer_of(settings, store)
    if weights is None or settings.upscale > 1 or settings.only_center_face or settings.aligned:
        return None
    from liveswapping.restorers.engine import RestoringEngine
    from liveswapping.swappers.temporal.engine import RESTORER, TemporalSwapper

    beside = settings.temporal != "off"
    restorer = RestoringEngine(_restorer(_sharing(settings) if beside else settings, store, weights, say))
    return TemporalSwapper(restorer, always=settings.temporal == "on", rungs=RESTORER) if beside else restorer


def _sharing(settings: Settings) -> Settings:
    """For a network that works beside the picture, which needs the other half of the cores."""
    return replace(settings, threads=settings.threads or max(1, (os.cpu_count() or 2) // 2))


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


def _check_fixed(settings: Settings, size: int, swapper: Swapper, name: str) -> None:
    """Such a file takes one size; 128 is what published command lines say whatever the file is."""
    if settings.resolution in (None, PUBLISHED_SIZE, size):
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


def open_improver(
    settings: Settings, store: Store, say: Callable[[str], None], *, restores: bool = True
) -> Improver | None:
    """What restores faces and enlarges the picture; None where nothing does. Raises as `open_swapper`.

    `restores`: faces are for it to restore, where they shall be.
    """
    weights = restorer_of(settings, store) if restores else None
    whole = _open_whole(settings, store, say, weights)
    if settings.std == 0 and settings.blur <= 1:
        return whole
    from liveswapping.restorers.grain import Grain

    return Grain(whole, settings.std, settings.blur)


def _open_whole(
    settings: Settings, store: Store, say: Callable[[str], None], weights: Weights | None
) -> WholeRestorer | None:
    from contextlib import ExitStack

    if weights is None and settings.upscale == 1:
        return None
    from liveswapping.restorers.realesrgan import open_realesrgan
    from liveswapping.restorers.whole import WholeRestorer

    with ExitStack() as on_failure:
        restorer = upscaler = None
        if weights is not None:
            restorer = _restorer(settings, store, weights, say)
            on_failure.callback(restorer.close)
        if enlarges(settings):
            provider, rungs = _restoring_rungs(settings)
            path = store.path("realesrgan_x2plus")
            upscaler = open_realesrgan(path, provider, settings.upscale, _tile(settings), rungs, settings.torch_compile)
            on_failure.callback(upscaler.close)
            say(placed("realesrgan_x2plus", upscaler.network))
        on_failure.pop_all()
    return WholeRestorer(restorer, upscaler, settings.upscale, settings.only_center_face, settings.aligned)


def _tile(settings: Settings) -> int:
    """What is enlarged at once, in pixels per side."""
    return min(settings.bg_tile or _SMALL_TILE, _SMALL_TILE) if settings.low_memory else settings.bg_tile


def _restoring_rungs(settings: Settings) -> tuple[str, Sequence[Rung]]:
    """Where restoring and enlarging run, in torch and in ONNX Runtime."""
    from liveswapping.inference.providers import ladder

    _limit_torch(settings)
    provider = settings.upscaler_provider or settings.provider
    return provider, ladder(provider, settings.onnx_providers, settings.use_tensorrt)


def _restorer(settings: Settings, store: Store, weights: Weights, say: Callable[[str], None]) -> Restorer:
    """What restores faces; `say` is told where it runs."""
    if weights.plugin:
        plugin = installed().plugins.restorers[weights.name]
        return made("restorer", weights.name, lambda: plugin.make(store.path, settings.weight))
    restorer = _open_restorer(settings, weights.path(store), weights)
    say(placed(weights.name, restorer.network, restorer.network.size))
    return restorer


def _open_restorer(settings: Settings, path: Path, weights: Weights) -> FaceRestorer:
    provider, rungs = _restoring_rungs(settings)
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
