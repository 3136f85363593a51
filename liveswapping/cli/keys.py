"""What the keys of the window do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from liveswapping.domain.settings import Settings
from liveswapping.pipeline.runner import Runner

_STEP_MS = 50
_LONGEST_MS = 10_000
ESCAPE = chr(27)


def press(key: str, runner: Runner, screenshot: Callable[[], None]) -> None:
    """Do what `key` stands for; other keys do nothing."""
    if key == "q":
        runner.stop()
    elif key in ("+", "="):
        runner.update(_delayed(runner.settings, _STEP_MS))
    elif key == "-":
        runner.update(_delayed(runner.settings, -_STEP_MS))
    elif key == ESCAPE:
        runner.update(replace(runner.settings, paused=not runner.settings.paused))
    elif key == "s":
        screenshot()


def _delayed(settings: Settings, step: int) -> Settings:
    return replace(settings, delay_ms=min(_LONGEST_MS, max(0, settings.delay_ms + step)))
