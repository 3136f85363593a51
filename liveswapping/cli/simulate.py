"""`simulate`: whether this machine would hold a rate at a picture size. It swaps such pictures and takes the time."""

from __future__ import annotations

import json
from dataclasses import replace

from liveswapping.cli.console import Console
from liveswapping.cli.inputs import live_settings_of
from liveswapping.cli.parser import Request
from liveswapping.cli.trial import cast_of, first_pictures, try_out, values

_SIZE = (1920, 1080)
_FPS = 30.0
_GB = 2**30


def run(request: Request, console: Console) -> int:
    """Swap the demo's moving face at that size, and say whether the rate is held."""
    given = request.options
    width, height = given.get("picture_size", _SIZE)
    wanted = given.get("fps_target", _FPS)
    settings = replace(live_settings_of(request), target="demo:", width=width, height=height)
    if "gpu_memory" in given:
        settings = replace(settings, gpu_mem_limit=int(given["gpu_memory"] * _GB))
    trial = try_out(settings, cast_of(settings, console), first_pictures(settings))
    holds = trial.p95_ms <= 1e3 / wanted
    if given.get("json"):
        console.print(json.dumps({**values(trial), "fps_target": wanted, "holds": holds}))
    else:
        console.print(
            f"{width}×{height}, {trial.engine} on {trial.provider}: {trial.p50_ms:.1f} ms a picture, "
            f"{trial.p95_ms:.1f} at the slow end ({trial.fps:.0f} a second); "
            f"{wanted:g} a second {'are' if holds else 'are not'} held"
        )
    return 0
