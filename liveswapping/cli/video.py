"""`video`: one clip in, one clip out; every frame, and the sound. A run that was ended goes on when it is repeated."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build_jobs import video_job
from liveswapping.cli.console import Console
from liveswapping.cli.film import INTERRUPTED, carried_out
from liveswapping.cli.inputs import analyses_of, default_output, output_of, settings_of
from liveswapping.cli.parser import Request
from liveswapping.cli.trial import compare, show, values
from liveswapping.domain.settings import Settings
from liveswapping.jobs.shaping import shaping_of

if TYPE_CHECKING:
    from liveswapping.jobs.video import VideoOutcome, VideoPlan


def run(request: Request, console: Console) -> int:
    """Swap the chosen faces in every frame of the target and write a clip like it."""
    settings = settings_of(request)
    from liveswapping.jobs.video import CONTAINERS

    output = output_of(settings, default_output(request, "output.mp4", tuple(CONTAINERS), console.inform))
    plan = plan_of(settings, request, output)
    trials = compare(settings, console) if request.options.get("compare") else []
    if trials and not request.options.get("json"):
        show(trials, console)
    began = time.perf_counter()
    outcome = carried_out(console, lambda show: video_job(settings, plan, show, console.inform))
    if outcome is None:
        return INTERRUPTED
    result = values_of(outcome, time.perf_counter() - began)
    if trials:
        result["engines"] = [values(trial) for trial in trials]
    console.print(json.dumps(result) if request.options.get("json") else _sentence(result))
    return 0


def plan_of(settings: Settings, request: Request, output: Path) -> VideoPlan:
    """What the words ask for. Raises SettingsError."""
    from liveswapping.jobs.emptying import Emptying
    from liveswapping.jobs.video import VideoPlan

    given = request.options
    return VideoPlan(
        str(settings.target),
        output,
        shaping_of(settings, given),
        given.get("codec", "h264"),
        given.get("encoder", "software"),
        given.get("crf"),
        bool(given.get("fresh")),
        analyses_of(request),
        emptying=Emptying.of(given),
    )


def values_of(outcome: VideoOutcome, seconds: float) -> dict[str, object]:
    """The outcome in types that JSON knows."""
    tally = outcome.tally
    return {
        "output": str(outcome.output),
        "frames": tally.frames,
        "swapped": tally.swapped,
        "failed": tally.failed,
        "damaged": tally.damaged,
        "resumed": outcome.resumed,
        "seconds": round(seconds, 3),
        "fps": round((tally.frames - outcome.resumed) / seconds, 2),
        "stages": {name: asdict(spread) for name, spread in outcome.stages.items()},
    }


def _sentence(result: dict[str, object]) -> str:
    parts = [f"{result['output']}: swapped {result['swapped']} of {result['frames']} frames"]
    if result["resumed"]:
        parts.append(f"{result['resumed']} of them in an earlier run")
    if result["failed"]:
        parts.append(f"{result['failed']} failed and went through as they were")
    if result["damaged"]:
        parts.append(f"{result['damaged']} were damaged in the source")
    return f"{', '.join(parts)}, in {result['seconds']:.1f} s ({result['fps']:.1f} frames a second)"
