"""The analysers that ship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liveswapping.domain.protocols import Analyser
from liveswapping.domain.registry import Registry
from liveswapping.inference.small_networks import Load, on_processor

ModelPath = Callable[[str], Path]


@dataclass(frozen=True, slots=True)
class AnalyserEntry:
    """One analyser: `live` makes it for a stream, `still` for single pictures; each is given the store's `path`.

    `live` may be told, too, what to open its networks with (a `Load`).
    """

    live: Callable[..., Analyser]
    still: Callable[[ModelPath], Analyser]


def builtin_analysers() -> Registry[AnalyserEntry]:
    """All analysers by name. No runtime is loaded before one is made."""
    registry: Registry[AnalyserEntry] = Registry("analyser")
    registry.add("mediapipe", AnalyserEntry(_mediapipe_live, _mediapipe_still))
    return registry


def _mediapipe_live(model_path: ModelPath, load: Load = on_processor) -> Analyser:
    from liveswapping.faces.mediapipe import MediapipeAnalyser

    return MediapipeAnalyser(model_path, load)


def _mediapipe_still(model_path: ModelPath) -> Analyser:
    from liveswapping.faces.stills import StillsAnalyser

    return StillsAnalyser(model_path)
