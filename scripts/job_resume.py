"""Kills a film's job at random moments and compares what comes out with an uninterrupted run, bit by bit.

`python scripts/job_resume.py [--kills 20] [--frames 240]`: prints a line per kill, and JSON last. Each round begins a
job in another process, sends it SIGKILL at a random moment, runs the same command again to its end, and compares every
decoded frame. Moments are drawn over the time that an uninterrupted run takes, so some fall into the joining.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROOT = Path(__file__).resolve().parents[1]
SEGMENT = 24
_JOB = """
import os
import sys
from pathlib import Path
from liveswapping.build_jobs import video_job
from liveswapping.domain.settings import load_settings
from liveswapping.jobs.video import VideoPlan
source, target, output, segment = sys.argv[1:]
plan = VideoPlan(target, Path(output), segment_frames=int(segment))
settings = load_settings({"sources": [source], "target": target}, os.environ, None)
outcome = video_job(settings, plan).run()
print(outcome.resumed, outcome.tally.frames, outcome.tally.swapped)
"""


def command(source: Path, target: Path, output: Path) -> list[str]:
    """The job as a process of its own."""
    return [sys.executable, "-c", _JOB, str(source), str(target), str(output), str(SEGMENT)]


def digests(film: Path) -> list[tuple[int | None, str]]:
    """Time stamp and digest of the pixels of every decoded frame."""
    with av.open(str(film)) as container:
        return [
            (frame.pts, hashlib.sha256(frame.to_ndarray(format="yuv420p").tobytes()).hexdigest())
            for frame in container.decode(video=0)
        ]


def whole_run(words: Sequence[str]) -> tuple[float, list[int]]:
    """Run to the end: seconds, and what the job printed."""
    began = time.monotonic()
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=900)
    return time.monotonic() - began, [int(word) for word in ran.stdout.split()]


def killed_run(words: Sequence[str], after: float) -> bool:
    """Kill a run after so many seconds; False where it was quicker."""
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(after)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True


def main(arguments: list[str] | None = None) -> int:
    """Run the rounds; the exit code says whether all came out equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="job_resume-"))
    try:
        result = _rounds(folder, options.kills, options.frames, random.Random(options.seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))
    return 0 if result["equal"] == result["kills"] else 1


def _rounds(folder: Path, kills: int, frames: int, chance: random.Random) -> dict[str, object]:
    from scripts.measures.films import make_film, source_photo

    os.environ["PYTHONPATH"] = str(ROOT)
    source, target = source_photo(folder), make_film(folder / "film.mp4", frames)
    seconds, (_, count, swapped) = whole_run(command(source, target, folder / "whole.mp4"))
    expected = digests(folder / "whole.mp4")
    print(f"uninterrupted: {count} frames, {swapped} swapped, {seconds:.1f} s")
    equal, repeated = 0, []
    for number in range(kills):
        output = folder / f"{number}.mp4"
        after = chance.uniform(0.05, 0.99) * seconds
        killed = killed_run(command(source, target, output), after)
        closed = _closed(output)
        _, (resumed, *_) = whole_run(command(source, target, output))
        same = digests(output) == expected
        equal += same
        repeated.append(closed - resumed)
        print(
            f"{number + 1}: {'killed' if killed else 'ended'} after {after:.1f} s, {closed} frames closed, "
            f"went on with frame {resumed}, {'equal' if same else 'DIFFERENT'}",
            flush=True,
        )
        output.unlink()
    return {"kills": kills, "equal": equal, "frames": count, "closed_frames_repeated": sum(repeated)}


def _closed(output: Path) -> int:
    """Frames in closed segments after a kill, as the journal has them."""
    journal = output.with_name(f".{output.name}.job") / "journal"
    if not journal.exists():
        return 0
    entries = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    done = [entry["tally"]["frames"] for entry in entries if entry["kind"] == "segment"]
    return int(done[-1]) if done else 0


if __name__ == "__main__":
    sys.exit(main())
