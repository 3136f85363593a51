"""What a film's job costs: CPU time against its parts measured apart, cores in use, and memory by length.

`python scripts/job_speed.py [--frames 300] [--short 10] [--long 600]`: lengths in seconds, 720p. Decoding, swapping and
encoding are each done alone over the same frames; then the job as a whole; then a run whose stages share nothing, as
with a card that swaps and an encoder in hardware: each of them sleeps, and each is the slowest once. Memory is the peak
of a process of its own for each length. Prints the figures, and JSON last. The machine should have nothing else to do:
`cores_used` is what the job uses of all cores, `cores_busy` what was used at all (Linux).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.build_jobs import FilmParts, video_job
from liveswapping.domain.frame import Frame
from liveswapping.domain.settings import Settings, load_settings
from liveswapping.jobs.memory import Memories
from liveswapping.jobs.progress import Progress, Stage
from liveswapping.jobs.video import VideoPlan
from liveswapping.media.around import every_frame
from liveswapping.media.film_encoder import FilmEncoder, Form
from liveswapping.pipeline.film import FilmPipeline
from liveswapping.pipeline.timing import Laps
from scripts.measures.films import RATE, make_film, source_photo
from scripts.measures.sleeping_stages import share_of_slowest

ROOT = Path(__file__).resolve().parents[1]
_QUICK, _SLOW = 0.012, 0.020
"""Seconds that stages sleep for each frame."""
_SLEEPY = 200
"""Frames that are slept through."""
WARM = 24
"""Frames at the beginning and at the end of a job that do not count as running: stages fill, and empty."""
_LENGTH = """
import json, sys
from liveswapping.domain.settings import load_settings
from liveswapping.build_jobs import video_job
from liveswapping.jobs.video import VideoPlan
from pathlib import Path
import os
source, film, output = sys.argv[1:]
outcome = video_job(load_settings({"sources": [source]}, os.environ, None), VideoPlan(film, Path(output))).run()
for line in Path("/proc/self/status").read_text().splitlines():
    if line.startswith("VmHWM"):
        print(json.dumps({"frames": outcome.tally.frames, "peak_mb": int(line.split()[1]) / 1024}))
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 0 whatever comes out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--short", type=float, default=10)
    parser.add_argument("--long", type=float, default=600)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="job_speed-") as name:
        folder = Path(name)
        source, film = source_photo(folder), make_film(folder / "film.mp4", options.frames)
        result: dict[str, object] = {"cost": cost(source, film, folder), "share_of_slowest_stage": apart()}
        print(f"share of the slowest stage: {result['share_of_slowest_stage']}", flush=True)
        if options.long:
            result["memory"] = [memory(source, film, folder, seconds) for seconds in (options.short, options.long)]
            print(f"memory: {result['memory']}")
    print(json.dumps(result))
    return 0


def apart() -> dict[str, float]:
    """Stages that share nothing, each of them once the slowest: the whole's rate by the slowest's."""
    times = dict.fromkeys(("decode", "analyse", "swap", "encode"), _QUICK)
    return {stage: round(share_of_slowest(_SLEEPY, **{**times, stage: _SLOW}), 3) for stage in times}


def cost(source: Path, film: Path, folder: Path) -> dict[str, float]:
    """Milliseconds of CPU per frame, of the parts and of the whole, and how busy the cores are."""
    settings = load_settings({"sources": [str(source)]}, os.environ, None)
    plan = VideoPlan(str(film), folder / "out.mp4")
    parts = FilmParts(settings, plan, lambda line: None)
    _swapped(
        parts, settings, list(every_frame(parts.source(None)))[:60]
    )  # compiled kernels are loaded, caches are warm
    began = time.process_time()
    frames = list(every_frame(parts.source(None)))
    decode = time.process_time() - began
    pipeline, began = parts.pipeline(Memories(10**9, 0), 8), time.process_time()
    swapped = _swapped(parts, settings, frames, pipeline)
    swap, began = time.process_time() - began, time.process_time()
    _encoded(parts, swapped, folder)
    encode, count = time.process_time() - began, len(frames)
    del frames, swapped
    seen: list[tuple[float, float, int, float]] = []

    def watch(progress: Progress) -> None:
        if progress.stage is Stage.SWAPPING:
            seen.append((time.perf_counter(), time.process_time(), progress.done, _idle()))

    began, wall = time.process_time(), time.perf_counter()
    video_job(settings, plan, watch, cast=parts.cast()).run()
    whole, wall = time.process_time() - began, time.perf_counter() - wall
    running = [moment for moment in seen if WARM <= moment[2] <= count - WARM]
    (start, cpu, first, idle), (end, cpu_end, last, idle_end) = running[0], running[-1]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    figures = {
        "decode_ms": 1000 * decode / count,
        "swap_ms": 1000 * swap / count,
        "encode_ms": 1000 * encode / count,
        "job_ms": 1000 * whole / count,
        "ratio": whole / (decode + swap + encode),
        "running_ms": 1000 * (cpu_end - cpu) / max(1, last - first),
        "cores_used": (cpu_end - cpu) / (end - start) / cores,
        "cores_busy": 1 - (idle_end - idle) / (end - start) / (os.cpu_count() or 1),
        "fps": (last - first) / (end - start),
        "whole_s": wall,
    }
    rounded = {name: round(value, 3) for name, value in figures.items() if not math.isnan(value)}
    print("\n".join(f"{name:12}{value:10.3f}" for name, value in rounded.items()), flush=True)
    return rounded


def _idle() -> float:
    """Seconds that the machine's cores were idle so far; nothing where the system does not say."""
    try:
        idle, waiting = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=6)[4:6]
    except (OSError, ValueError):
        return float("nan")
    return (int(idle) + int(waiting)) / os.sysconf("SC_CLK_TCK")


def _swapped(
    parts: FilmParts, settings: Settings, frames: list[Frame], pipeline: FilmPipeline | None = None
) -> list[Frame]:
    pipeline = pipeline or parts.pipeline(Memories(10**9, 0), 8)
    begun, done, laps = [], [], Laps()
    try:
        for frame in frames:
            begun.append((frame, pipeline.begin(frame.image)))
            if len(begun) > pipeline.ahead:
                first, waiting = begun.pop(0)
                done.append(Frame(pipeline.finish(waiting, settings, laps).image, first.index, 0.0, first.pts))
        for first, waiting in begun:
            done.append(Frame(pipeline.finish(waiting, settings, laps).image, first.index, 0.0, first.pts))
    finally:
        pipeline.close()
    return done


def _encoded(parts: FilmParts, frames: list[Frame], folder: Path) -> None:
    source = parts.source(None)
    encoder = FilmEncoder(Form.like(frames[0].image, source.info, parts.chosen(source)))
    source.close()
    encoder.begin(folder / "alone.film")
    for frame in frames:
        encoder.write(frame)
    encoder.end()
    encoder.close()


def memory(source: Path, film: Path, folder: Path, seconds: float) -> dict[str, float]:
    """Frames and peak memory of the job for a film of that length, in a process of its own."""
    long = repeated(film, folder / f"{seconds:g}.mp4", seconds)
    words = [sys.executable, "-c", _LENGTH, str(source), str(long), str(folder / "long-out.mp4")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    long.unlink()
    answer: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def repeated(film: Path, target: Path, seconds: float) -> Path:
    """The film's pictures again and again, without another encoding."""
    with av.open(str(film)) as source, av.open(str(target), "w") as output:
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        packets = [(bytes(p), p.pts, p.dts, p.is_keyframe) for p in source.demux(stream) if p.pts is not None]
        base = stream.time_base or Fraction(1, 90000)
        length = round(len(packets) / RATE / base)
        for turn in range(max(1, round(seconds * RATE / len(packets)))):
            for data, pts, dts, key in packets:
                packet = av.Packet(data)
                packet.pts, packet.dts = pts + turn * length, (pts if dts is None else dts) + turn * length
                packet.time_base, packet.is_keyframe, packet.stream = base, key, copy
                output.mux(packet)
    return target


if __name__ == "__main__":
    sys.exit(main())
