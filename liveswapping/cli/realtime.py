"""`realtime`: a camera, or anything that moves, swapped live."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from liveswapping.build import load_cast, open_source
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import live_settings_of, output_of, outputs_of
from liveswapping.cli.live import LiveOptions, run_live
from liveswapping.cli.parser import Request
from liveswapping.cli.summary import as_sentence, as_values
from liveswapping.domain.errors import SettingsError, SinkError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Swapper
    from liveswapping.media.info import MediaSource


def run(request: Request, console: Console, swapper: Swapper | None = None) -> int:
    """Swap until the source ends, a key or the closed window ends it, or a limit is reached.

    `swapper`: instead of the engine that the settings name.
    """
    settings = _settings(request)
    options = _options(request, settings)
    cast = load_cast(settings, console.inform)
    source = open_source(settings, realtime=True)
    console.note(_description(source))
    status = run_live(source, settings, cast, options, console, swapper=swapper)
    values = as_values(status)
    console.print(json.dumps(values) if request.options.get("json") else as_sentence(values))
    if status.sink_failure:
        raise SinkError(status.sink_failure)
    return 0


def _settings(request: Request) -> Settings:
    """The settings with the flags that only `realtime` has."""
    settings = live_settings_of(request)
    camera = request.options.get("camera")
    if camera is not None and settings.target is not None:
        raise SettingsError(f"--camera {camera} and --target {settings.target} name two sources; give one of them")
    if settings.target is None:
        settings = replace(settings, target=f"camera:{camera or 0}")
    if request.options.get("enhance"):
        settings = replace(settings, width=settings.width or 1920, height=settings.height or 1080)
    asked = [name for name in ("width", "height", "fps", "fourcc") if getattr(settings, name) is not None]
    if asked and not _is_camera(str(settings.target)):
        raise SettingsError(f"--{asked[0]} is asked of a camera, and {settings.target} is none; leave it out")
    return settings


def _is_camera(target: str) -> bool:
    return target.isdecimal() or target.startswith("camera:")


def _options(request: Request, settings: Settings) -> LiveOptions:
    given = request.options
    record = given.get("record")
    outputs = outputs_of(request)
    if given.get("show_fps") and given.get("no_window"):
        raise SettingsError("--show_fps writes into the window, and --no_window leaves that out; give one of them")
    return LiveOptions(
        window=not given.get("no_window") and _window_opens(record is not None),
        text=bool(given.get("show_fps")),
        outputs=replace(
            outputs, record=None if record is None else output_of(replace(settings, output=record), record)
        ),
        frames=given.get("frames"),
        seconds=given.get("seconds"),
    )


def _window_opens(optional: bool) -> bool:
    """Whether there is a display; without one an optional window is left out, and else a SinkError says why."""
    from liveswapping.media.display import Display

    try:
        Display().close()
    except SinkError:
        if not optional:
            raise
        return False
    return True


def _description(source: MediaSource) -> str:
    info = source.info
    rate = "" if info.fps is None else f" at {float(info.fps):.4g} frames a second"
    return f"{info.name}: {info.width}×{info.height}{rate}"
