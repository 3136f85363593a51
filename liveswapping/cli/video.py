"""`video`: one clip in, one clip out; every frame, and the sound."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build import build_runner, load_cast, open_source
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import default_output, output_of, settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import NoFaceFound, SettingsError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.media.info import MediaSource
    from liveswapping.pipeline.status import Status


def run(request: Request, console: Console) -> int:
    """Swap the chosen faces in every frame of the target and write a clip like it."""
    settings = settings_of(request)
    from liveswapping.media.recorder import CONTAINERS

    output = output_of(settings, default_output(request, "output.mp4", tuple(CONTAINERS), console.inform))
    began = time.perf_counter()
    with ExitStack() as opened:
        source = _open(settings)
        opened.callback(source.close)
        status, notes = _swap(source, settings, output, request, console, opened)
        damaged = source.damaged
    seconds = time.perf_counter() - began
    for note in notes:
        console.inform(note)
    result = {
        "output": str(output),
        "frames": status.frames_delivered,
        "swapped": status.frames_swapped,
        "failed": status.failures,
        "damaged": damaged,
        "seconds": round(seconds, 3),
        "fps": round(status.frames_delivered / seconds, 2),
        "stages": {name: asdict(spread) for name, spread in status.stages.items()},
    }
    console.print(json.dumps(result) if request.options.get("json") else _sentence(result))
    return 0


def _open(settings: Settings) -> MediaSource:
    source = open_source(settings, realtime=False)
    if source.live:
        source.close()
        raise SettingsError(f"{settings.target} is live and has no end; use `realtime --record FILE` for it")
    return source


def _swap(
    source: MediaSource, settings: Settings, output: Path, request: Request, console: Console, opened: ExitStack
) -> tuple[Status, tuple[str, ...]]:
    """The run itself; answers how it went, and what the recorder has to say. What fails is closed by `opened`."""
    from liveswapping.cli.recording import WholeRecording
    from liveswapping.cli.session import run_beside
    from liveswapping.media.recorder import VideoRecorder
    from liveswapping.pipeline.limit import Limited
    from liveswapping.pipeline.queued import QueuedSink

    frames, seconds = request.options.get("frames"), request.options.get("seconds")
    cast = load_cast(settings, console.inform)
    recorder = VideoRecorder(output, source.info)
    opened.callback(recorder.abort)
    limited = Limited(source, frames, seconds)
    sink = QueuedSink(WholeRecording(recorder, lambda: limited.ended and runner.status.frames_swapped > 0), live=False)
    runner = build_runner(settings, cast, limited, [sink], console.inform)
    total = frames or (None if seconds else source.info.frames)
    label = f"swapping {Path(str(settings.target)).name}"
    with console.progress() as report:
        status = run_beside(runner, lambda: report(label, runner.status.frames_delivered, total))
    if not status.frames_swapped:
        raise NoFaceFound(f"{settings.target}: {_why_none(status, settings)}; nothing was written")
    return status, recorder.notes


def _why_none(status: Status, settings: Settings) -> str:
    if status.failures:
        return f"every frame failed ({status.last_failure})"
    if settings.reference or settings.mapping:
        return "no face looks like the reference, or stands where --map says, in any frame"
    return "no face was found in any frame"


def _sentence(result: dict[str, object]) -> str:
    parts = [f"{result['output']}: swapped {result['swapped']} of {result['frames']} frames"]
    if result["failed"]:
        parts.append(f"{result['failed']} failed and went through as they were")
    if result["damaged"]:
        parts.append(f"{result['damaged']} were damaged in the source")
    return f"{', '.join(parts)}, in {result['seconds']:.1f} s ({result['fps']:.1f} frames a second)"
