"""A thousand pictures, some of them broken, unattended: what is done, what is reported, and what two workers gain.

`python scripts/job_batch.py [--pictures 1000] [--broken 5] [--workers 2]`: runs the `batch` command in a process of its
own, checks the results and the reports against what was put in, and prints JSON last.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.media.demo import demo_picture
from scripts.measures.films import source_photo

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the batch; the exit code says whether all was as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--broken", type=float, default=5, help="percent")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="job_batch-") as name:
        folder = Path(name)
        broken = put_in(folder / "in", options.pictures, options.broken / 100)
        result = run(source_photo(folder), folder, options.workers)
        right = check(folder, result, options.pictures, broken)
    print(json.dumps({**result, "right": right}))
    return 0 if right else 1


def put_in(folder: Path, pictures: int, share: float) -> set[str]:
    """The pictures; answers the names of the broken ones."""
    folder.mkdir()
    face = cv2.resize(demo_picture("astronaut")[30:290, 90:350], (200, 200))
    broken = set()
    every = round(1 / share) if share else pictures + 1
    for number in range(pictures):
        path = folder / f"{number:04d}.jpg"
        data = cv2.imencode(".jpg", cv2.convertScaleAbs(face, alpha=0.8 + 0.4 * (number % 50) / 50))[1].tobytes()
        if number % every == every - 1:
            data = data[: 20 + number % 60]
            broken.add(path.name)
        path.write_bytes(data)
    return broken


def run(source: Path, folder: Path, workers: int) -> dict[str, object]:
    """The command: exit code, what it counted, seconds."""
    words = ["batch", "--source", str(source), "--target", str(folder / "in"), "--output", str(folder / "out")]
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "liveswapping.run", *words, "--workers", str(workers), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    seconds = time.monotonic() - began
    counted = json.loads(ran.stdout) if ran.stdout else {"error": ran.stderr}
    print(f"exit code {ran.returncode}, {counted}, {seconds:.1f} s with {workers} worker(s)", flush=True)
    return {"exit": ran.returncode, **counted, "workers": workers, "wall_s": round(seconds, 1)}


def check(folder: Path, result: dict[str, object], pictures: int, broken: set[str]) -> bool:
    """Whether every good picture is there, and the report says of each what is so."""
    report = json.loads((folder / "out" / "report.json").read_text(encoding="utf-8"))
    failed = {Path(item["source"]).name for item in report["items"] if item["status"] == "failed"}
    with (folder / "out" / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["source"], row["status"]) for row in csv.DictReader(file)]
    same = rows == [(item["source"], item["status"]) for item in report["items"]]
    made = {path.name for path in (folder / "out").glob("*.jpg")}
    good = {path.name for path in (folder / "in").iterdir()} - broken
    return failed == broken and made == good and same and len(rows) == pictures and result["exit"] == 3


if __name__ == "__main__":
    sys.exit(main())
