"""`inpaint`: takes something out of a clip, or paints room around it. A run that was ended goes on when repeated."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from liveswapping.build_inpaint import InpaintOptions, inpaint_job
from liveswapping.build_propainter import ProPainterOptions
from liveswapping.cli.console import Console
from liveswapping.cli.film import INTERRUPTED, carried_out
from liveswapping.cli.inputs import CONFIG
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import SettingsError
from liveswapping.domain.settings import load_settings

if TYPE_CHECKING:
    from liveswapping.inpainting.record import Record
    from liveswapping.jobs.inpaint import InpaintOutcome, InpaintPlan

_OUTPAINTING: Final = "video_outpainting"
_NAME: Final = "inpaint_out.mp4"
"""Of the film in a folder that --output names: the published name."""


def run(request: Request, console: Console) -> int:
    """Take out of the clip what the mask marks and write a clip like it."""
    from liveswapping.inpainting.record import Record

    given = request.options
    settings = load_settings(request.settings, os.environ, CONFIG)
    options, plan = options_of(given), plan_of(given)
    record = Record(console.note, given.get("log_level", "info"), console.encoding)
    began = time.perf_counter()
    record.log("debug", "Starting inpainting", "🚀")
    if "overlap" in given:
        console.inform("--overlap changes nothing: chunks bound what is in memory, and never cut the clip")
    outcome = carried_out(console, lambda show: inpaint_job(settings, options, plan, show, console.inform, record))
    if outcome is None:
        return INTERRUPTED
    seconds = time.perf_counter() - began
    record.log("info", f"Done. Total time: {seconds:.1f}s", "✅")
    result = values_of(outcome, record, seconds)
    if given.get("metrics"):
        _write_metrics(Path(given["metrics"]), result)
    console.print(json.dumps(result) if given.get("json") else _sentence(result))
    return 0


def options_of(given: Mapping[str, Any]) -> InpaintOptions:
    """What the flags ask for. Raises SettingsError."""
    across, down = given.get("process_width"), given.get("process_height")
    if (across is None) != (down is None):
        raise SettingsError("--width and --height go together; for one factor there is --resize_ratio")
    preset, scales = given.get("preset"), None
    if given.get("mode") == _OUTPAINTING:
        scales = given.get("scale_w", 1.2), given.get("scale_h", 1.0)
    elif "scale_w" in given or "scale_h" in given:
        raise SettingsError("--scale_w and --scale_h are for --mode video_outpainting; for a size: --resize_ratio")
    return InpaintOptions(
        mask=given.get("mask"),
        faces=given.get("whose", "all"),
        track=bool(given.get("track")),
        engine=given.get("engine", "auto"),
        dilation=given.get("mask_dilation", 4),
        ratio=given.get("resize_ratio", 1.0),
        size=None if across is None or down is None else (across, down),
        scales=scales,
        crop=given.get("crop", "auto" if preset == "fast" else "off") == "auto",
        fps=Fraction(str(given.get("save_fps", 24))).limit_denominator(1001),
        encoder=given.get("encoder", "software"),
        quality=given.get("crf"),
        propainter=_propainter(given),
    )


def _propainter(given: Mapping[str, Any]) -> ProPainterOptions:
    precision = given.get("precision") or ("fp16" if given.get("fp16") else None)
    return ProPainterOptions.of(
        given.get("preset"),
        paths=tuple(given.get(name) for name in ("raft_path", "completion_path", "generator_path")),
        raft_iterations=given.get("raft_iter"),
        neighbour=given.get("neighbor_length"),
        ref_stride=given.get("ref_stride"),
        subvideo=given.get("subvideo_length"),
        raft_scale=given.get("raft_scale"),
        least_scale=given.get("min_scale"),
        precision=precision,
        at_once=given.get("chunk_size"),
        cpu_fallback=not given.get("no_cpu_fallback"),
        scratch=given.get("scratch_dir"),
        flow_cache=bool(given.get("flow_cache")),
        int8=bool(given.get("int8")),
        compiles=bool(given.get("compiles")),
    )


def plan_of(given: Mapping[str, Any]) -> InpaintPlan:
    """What is made of what. Raises SettingsError where that would replace what it is made from."""
    from liveswapping.jobs.inpaint import InpaintPlan

    target, output = given["video"], output_of(given.get("inpaint_output") or _NAME, given["video"])
    for name in (target, given.get("mask")):
        if name is not None and _same(Path(name), output):
            raise SettingsError(f"--output {output} would replace {name}, which it is made from; give another name")
    frames = output.with_name(f"{output.stem}_frames") if output.name != _NAME else output.with_name("frames")
    return InpaintPlan(
        target,
        output,
        given.get("codec", "h264"),
        given.get("frames"),
        given.get("scene_cuts", "on") == "on",
        frames if given.get("save_frames") else None,
        bool(given.get("fresh")),
    )


def output_of(name: str, video: str) -> Path:
    """The film's name: a file's as it is; in a folder, another one named after the clip, as published."""
    from liveswapping.jobs.video import CONTAINERS

    path = Path(name)
    return path if path.suffix.lower() in CONTAINERS or path.suffix else path / Path(video).stem / _NAME


def values_of(outcome: InpaintOutcome, record: Record, seconds: float) -> dict[str, Any]:
    """The outcome in types that JSON knows."""
    tally = outcome.tally
    return {
        "output": str(outcome.output),
        "frames": tally.frames,
        "filled": tally.swapped,
        "damaged": tally.damaged,
        "resumed": outcome.resumed,
        "fps": round((tally.frames - outcome.resumed) / seconds, 2),
        **record.metrics(),
    }


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist
        return False


def _write_metrics(path: Path, values: Mapping[str, Any]) -> None:
    from liveswapping.media.part_file import PartFile, writing

    part = PartFile(path)
    try:
        with writing(path):
            part.path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        part.commit()
    finally:
        part.discard()


def _sentence(result: Mapping[str, Any]) -> str:
    parts = [f"{result['output']}: filled {result['filled']} of {result['frames']} frames by {result['engine']}"]
    if result["resumed"]:
        parts.append(f"{result['resumed']} of them in an earlier run")
    if result["damaged"]:
        parts.append(f"{result['damaged']} were damaged in the source")
    return f"{', '.join(parts)}, in {result['seconds']:.1f} s ({result['fps']:.1f} frames a second)"
