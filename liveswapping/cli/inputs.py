"""What every command that swaps begins with: settings from all layers, and names checked before any work."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from liveswapping.build import refuse_unusable
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import Settings, load_settings
from liveswapping.outputs import Outputs, refuse_unusable_outputs

CONFIG = Path("config.json")
"""Read from the folder that the command is started in."""


def settings_of(request: Request) -> Settings:
    """The settings of all layers. Raises SettingsError also for what does not fit together."""
    settings = load_settings(request.settings, os.environ, CONFIG)
    refuse_unusable(settings)
    return settings


def live_settings_of(request: Request) -> Settings:
    """The same for a live run, where nothing is restored or enlarged, whatever config.json says for pictures."""
    return replace(settings_of(request), upscale=1)


def outputs_of(request: Request) -> Outputs:
    """Where a live run is to go, beside its window and its recording. Raises SinkError for what never can be."""
    given = request.options
    screenshot = given.get("screenshot")
    wanted = Outputs(
        virtual_camera=given.get("virtual_camera"),
        streams=tuple(given.get("streams") or ()),
        kbit=given.get("kbit"),
        mjpeg=given.get("mjpeg"),
        microphone=given.get("microphone"),
        sound_to=given.get("sound_to"),
        screenshot=None if screenshot is None else Path(screenshot),
        sinks=tuple(given.get("sinks") or ()),
    )
    refuse_unusable_outputs(wanted)
    return wanted


def analyses_of(request: Request) -> Path | None:
    """Where what is found of a film's faces is kept; None where the user did not ask for that."""
    if not request.options.get("remember_faces"):
        return None
    import platformdirs

    return Path(platformdirs.user_cache_dir("LiveSwapping", appauthor=False)) / "analyses"


def default_output(request: Request, default: str, formats: Sequence[str], say: Callable[[str], None]) -> str:
    """The name of a result that `--output` does not name: `default` with what `--suffix` and `--ext` change of it.

    `formats`: endings that `--ext` may choose; others are for temporary pictures, of which there are none any more.
    """
    suffix, ext = request.options.get("suffix"), str(request.options.get("ext") or "auto").lower().lstrip(".")
    name = Path(default)
    if suffix is not None and suffix.lower() != "none":
        name = name.with_name(f"{name.stem}_{Path(suffix).name}{name.suffix}")
    if f".{ext}" in formats:
        name = name.with_suffix(f".{ext}")
    elif ext != "auto":
        say(f"--ext {ext} changes nothing: it named temporary pictures, and none are written any more")
    if request.settings.get("output") is not None and str(name) != default:
        say("--suffix and --ext change nothing: --output names the result")
    return str(name)


def output_of(settings: Settings, default: str) -> Path:
    """Where the result goes. Raises SettingsError where that would replace what it is made from."""
    output = Path(settings.output or default)
    for name in (settings.target, *settings.sources, *settings.reference):
        if name is not None and _same_file(Path(name), output):
            raise SettingsError(f"--output {output} would replace {name}, which it is made from; give another name")
    return output


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist
        return False
