"""Who looks at a picture: what finds faces, what knows what is in front of them, what tells people apart.

Parts are imported inside functions, so that importing this module loads no runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.plugins import installed, made
from liveswapping.domain.settings import Settings
from liveswapping.parts import placed
from liveswapping.wanted import DETECTORS, MESH, rungs_of, setup_of

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Analyser, Masker
    from liveswapping.faces.recognition import Recogniser
    from liveswapping.inference.small_networks import Load
    from liveswapping.inference.store import Store


def small_networks(provider: str) -> Load:
    """Where the networks that find faces run: on the card of an engine whose provider that is, else by LiteRT."""
    from liveswapping.inference.small_networks import on_card, on_processor

    return on_card if provider == "cuda" else on_processor


def open_analyser(settings: Settings, store: Store, *, live: bool, provider: str = "cpu") -> Analyser:
    """What finds faces, in a stream or in single pictures; what finds five points only gets the built-in mesh.

    `provider`: what the engine runs on. Raises ModelError.
    """
    plugins = installed().plugins.analysers
    if settings.analyser not in (*DETECTORS, *plugins):
        from liveswapping.faces.builtin import builtin_analysers

        entry = builtin_analysers()[settings.analyser]
        return entry.live(store.path, small_networks(provider)) if live else entry.still(store.path)
    from liveswapping.faces.meshed import MeshedAnalyser

    if settings.analyser in plugins:
        plugin = plugins[settings.analyser]
        make = plugin.live if live else plugin.still
        finder = made("analyser", settings.analyser, lambda: make(store.path))
    else:
        finder = _open_detector(settings, store, live)
    with ExitStack() as on_failure:
        on_failure.callback(finder.close)
        meshed = MeshedAnalyser(finder, store.path, required=settings.model == MESH)
        on_failure.pop_all()
    return meshed


def _open_detector(settings: Settings, store: Store, live: bool) -> Analyser:
    path, rungs, setup = store.path(DETECTORS[settings.analyser]), rungs_of(settings), setup_of(settings)
    if settings.analyser == "insightface":
        from liveswapping.faces.insightface import InsightFaceAnalyser

        return InsightFaceAnalyser(path, rungs, setup, live=live)
    from liveswapping.faces.yunet import YunetAnalyser

    return YunetAnalyser(path, rungs, setup, live=live)


def open_masker(settings: Settings, store: Store, say: Callable[[str], None]) -> Masker:
    """What knows what is in front of a face: the built-in masks, and networks of the user's. Raises ModelError."""
    from liveswapping.masks.occlusion import OcclusionMasker

    maskers: list[Masker] = [OcclusionMasker(store.path)]
    with ExitStack() as on_failure:
        for file in (settings.occluder, settings.parser):
            if file is not None:
                from liveswapping.inference.onnx_mask import OnnxMask
                from liveswapping.masks.network import NetworkMasker

                network = OnnxMask(Path(file).expanduser(), rungs_of(settings), setup_of(settings))
                on_failure.callback(network.close)
                maskers.append(NetworkMasker(network))
                say(placed(Path(file).name, network, network.size))
        on_failure.pop_all()
    if len(maskers) == 1:
        return maskers[0]
    from liveswapping.masks.combined import CombinedMasker

    return CombinedMasker(maskers)


def open_recogniser(settings: Settings, store: Store) -> Recogniser:
    """What tells people apart. Raises ModelError, also where its weights are not here."""
    from liveswapping.faces.recognition import Recogniser

    return Recogniser(store.path("buffalo_l_recognition"), rungs_of(settings), setup_of(settings))
