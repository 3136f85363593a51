"""Parts that other packages bring: found by their entry points, each registered as a whole or not at all.

A package names a function under the entry point group `liveswapping.plugins`; it is called once with a `Plugins`, and
adds to its registries. A plugin that fails is named and left out, and everything else goes on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, TypeVar

from liveswapping.domain.errors import LiveSwappingError, SettingsError
from liveswapping.domain.protocols import Analyser, Restorer, Sink, Source, Swapper
from liveswapping.domain.registry import Registry

T = TypeVar("T")
GROUP: Final = "liveswapping.plugins"
OFF: Final = "LIVESWAPPING_NO_PLUGINS"
"""An environment variable: set to anything, no plugin is loaded."""
_LOG = logging.getLogger(__name__)
RESERVED: Final[Mapping[str, tuple[str, ...]]] = {
    "swappers": ("mesh", "reswapper", "reswapper128", "reswapper256", "inswapper", "inswapper128"),
    "restorers": ("auto", "none", "gfpgan", "gfpgan14"),
    "analysers": ("mediapipe", "insightface", "yunet"),
    "sources": ("camera", "demo", "file", "http", "https", "rtsp", "rtmp", "srt", "udp", "upload", "saved"),
    "sinks": (),
}
"""Names that are the product's own."""

ModelPath = Callable[[str], Path]
"""From the name of a model of the catalogue to its file, verified. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class SwapperPlugin:
    """An engine, chosen by `--model NAME`."""

    make: Callable[[ModelPath], Swapper]
    """Makes one for one stream. Called when it is needed, never at registration."""
    recognises: bool = False
    """It needs the faces' embeddings, and so InsightFace's recognition network."""
    fast: bool = False
    """It keeps up with a camera: live it works on every picture, not beside them."""


@dataclass(frozen=True, slots=True)
class AnalyserPlugin:
    """What finds faces, chosen by `--analyser NAME`. The built-in mesh is laid on what it finds."""

    live: Callable[[ModelPath], Analyser]
    """For a stream: it may track, and then gives track ids."""
    still: Callable[[ModelPath], Analyser]
    """For single pictures."""


@dataclass(frozen=True, slots=True)
class RestorerPlugin:
    """What improves faces, chosen by `--enhancer NAME`."""

    make: Callable[[ModelPath, float], Restorer]
    """Given `--weight` too: 0..1, how much of a restored face is taken."""


@dataclass(frozen=True, slots=True)
class SourcePlugin:
    """Where pictures come from, chosen by `--target NAME:WHAT`."""

    open: Callable[[str], Source]
    """Given WHAT. The source also has `info`, a `media.info.SourceInfo`, and `damaged`, a count."""


@dataclass(frozen=True, slots=True)
class SinkPlugin:
    """Where live pictures go, chosen by `--sink NAME:WHAT`. It stands behind a queue of its own."""

    open: Callable[[str], Sink]
    """Given WHAT."""


@dataclass(frozen=True, slots=True)
class Plugins:
    """What plugins add to, by the name that a user writes."""

    swappers: Registry[SwapperPlugin] = field(default_factory=lambda: Registry("engine of a plugin"))
    restorers: Registry[RestorerPlugin] = field(default_factory=lambda: Registry("restorer of a plugin"))
    analysers: Registry[AnalyserPlugin] = field(default_factory=lambda: Registry("analyser of a plugin"))
    sources: Registry[SourcePlugin] = field(default_factory=lambda: Registry("source of a plugin"))
    sinks: Registry[SinkPlugin] = field(default_factory=lambda: Registry("sink of a plugin"))

    def names(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of everything."""
        return tuple((kind.name, name) for kind in fields(self) for name in getattr(self, kind.name))


@dataclass(frozen=True, slots=True)
class PluginState:
    """One installed plugin."""

    name: str
    package: str
    """The distribution that brings it, with its version."""
    parts: tuple[str, ...] = ()
    """What it has registered, such as "swappers: tint"."""
    failure: str = ""
    """Why it was left out, in one line; empty: it works."""


@dataclass(frozen=True, slots=True)
class Installed:
    """All plugins of this installation."""

    plugins: Plugins
    states: tuple[PluginState, ...]


@cache
def installed() -> Installed:
    """All plugins, loaded once for the process. Raises nothing: what fails is left out, and said in its state."""
    plugins, states = Plugins(), []
    found = [] if os.environ.get(OFF) else sorted(entry_points(group=GROUP), key=lambda one: one.name)
    for point in found:
        package = "" if point.dist is None else f"{point.dist.name} {point.dist.version}"
        own = Plugins()
        try:
            _register(point, own, plugins)
        except Exception as error:  # noqa: BLE001 - whatever a plugin does, the product goes on without it
            why = f"{type(error).__name__}: {' '.join(str(error).split())}"
            _LOG.warning("the plugin %s (%s) is left out", point.name, package, exc_info=error)
            states.append(PluginState(point.name, package, failure=why))
            continue
        states.append(PluginState(point.name, package, tuple(f"{kind}: {name}" for kind, name in own.names())))
    return Installed(plugins, tuple(states))


def _register(point: EntryPoint, own: Plugins, plugins: Plugins) -> None:
    """Have a plugin register with `own`, and take that over into `plugins` where all of it can be."""
    point.load()(own)
    for kind, name in own.names():
        if not name or ":" in name or "." in name or name != name.strip() or name.lower() in RESERVED[kind]:
            raise SettingsError(f"{kind}: the name '{name}' is the product's own, or cannot be written")
        if name in getattr(plugins, kind):
            raise SettingsError(f"{kind}: another plugin has taken the name '{name}'")
    for kind, name in own.names():
        getattr(plugins, kind).add(name, getattr(own, kind)[name])


def made(kind: str, name: str, make: Callable[[], T]) -> T:
    """What a plugin's `make` gives. Raises LiveSwappingError, naming the plugin's part, whatever it raises."""
    try:
        return make()
    except LiveSwappingError:
        raise
    except Exception as error:
        why = " ".join(str(error).split())
        raise LiveSwappingError(
            f"the {kind} '{name}' of a plugin failed ({type(error).__name__}: {why}); choose another, tell its author"
        ) from error
