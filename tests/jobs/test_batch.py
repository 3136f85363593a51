import csv
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.build_batch import batch_job
from liveswapping.domain.errors import SettingsError
from liveswapping.jobs.batch import BatchPlan
from liveswapping.jobs.crew import Processes
from liveswapping.jobs.items import Kind, find_items
from liveswapping.jobs.results import Result, Status
from liveswapping.jobs.video import VideoPlan
from liveswapping.run import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, face_picture, film):
    """Two good pictures, one of nothing, one broken, and a film."""
    inside = tmp_path / "in"
    (inside / "more").mkdir(parents=True)
    cv2.imwrite(str(inside / "2.png"), face_picture)
    cv2.imwrite(str(inside / "more" / "10.jpg"), face_picture)
    cv2.imwrite(str(inside / "empty.png"), np.full((80, 80, 3), 90, np.uint8))
    (inside / "broken.jpg").write_bytes(b"\xff\xd8\xffnothing")
    (inside / "notes.txt").write_text("left alone")
    film("in/film.mkv", 6)
    return inside


def test_a_batch_does_what_can_be_done_and_reports_the_rest(folder, settings, tmp_path):
    told = []
    plan = BatchPlan((str(folder),), tmp_path / "out", recursive=True)
    outcome = batch_job(settings, plan, VideoPlan("", Path()), told.append).run()
    assert (outcome.total, outcome.count(Status.DONE), outcome.count(Status.FAILED)) == (5, 3, 2)
    done = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert done == ["2.png", "film.mkv", "more/10.jpg", "report.csv", "report.json"]
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    why = {Path(item["source"]).name: item["why"] for item in report["items"] if item["status"] == "failed"}
    assert set(why) == {"broken.jpg", "empty.png"}
    assert "no face" in why["empty.png"]
    assert all("\n" not in line and line for line in why.values())
    with (tmp_path / "out" / "report.csv").open(encoding="utf-8", newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == [item["status"] for item in report["items"]]
    assert told[-1].done == told[-1].total == 5
    assert told[-1].failed == 0 or told[-1].failed == 2


def test_what_is_there_is_skipped_or_made_again(folder, settings, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "2.png").write_bytes(b"old")
    plan = BatchPlan((str(folder / "2.png"),), tmp_path / "out")
    assert batch_job(settings, plan, VideoPlan("", Path())).run().count(Status.SKIPPED) == 1
    assert (tmp_path / "out" / "2.png").read_bytes() == b"old"
    again = BatchPlan((str(folder / "2.png"),), tmp_path / "out", existing="overwrite")
    assert batch_job(settings, again, VideoPlan("", Path())).run().count(Status.DONE) == 1
    assert (tmp_path / "out" / "2.png").read_bytes() != b"old"


def test_a_cancelled_batch_reports_what_it_did(folder, settings, tmp_path):
    plan = BatchPlan((str(folder),), tmp_path / "out", recursive=True)
    job = batch_job(settings, plan, VideoPlan("", Path()), lambda progress: progress.done and job.cancel())
    outcome = job.run()
    assert not outcome.complete
    assert len(outcome.results) == 1
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["complete"] is False


def test_names_follow_the_pattern_and_never_collide(tmp_path):
    for name in ("in/a/x.jpg", "in/b/x.png", "in/b/x.webp", "in/b/y.gif"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    inputs = [str(tmp_path / "in" / "*" / "*")]
    items, wrong = find_items(inputs, tmp_path / "out", recursive=False, pattern="{index:03d}_{parent}_{name}{ext}")
    assert [item.output.name for item in items][:2] == ["001_a_x.jpg", "002_b_x.png"]
    assert items[-1].kind is Kind.FILM
    assert items[-1].output.suffix == ".mp4"
    assert wrong == []
    same, _ = find_items(inputs, tmp_path / "out", recursive=False, pattern="same")
    assert len({item.output for item in same}) == len(same)
    for pattern in ("{nothing}", "{name", "../{name}{ext}", "", "{name.__class__}"):
        with pytest.raises(SettingsError, match="--pattern"):
            find_items(inputs, tmp_path / "out", recursive=False, pattern=pattern)


def test_results_within_the_input_are_not_worked_on_again(tmp_path):
    for name in ("a.jpg", "out/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    items, _ = find_items([str(tmp_path)], tmp_path / "out", recursive=True)
    assert [item.source.name for item in items] == ["a.jpg"]
    assert len(items) == 1


class Fragile:
    """A worker that dies of "twice.jpg", and of "once.jpg" the first time; `folder` remembers."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def do(self, item):
        seen = self.folder / f"{item.source.stem}.{len(list(self.folder.glob(item.source.stem + '.*')))}"
        seen.touch()
        if item.source.stem == "twice" or (item.source.stem == "once" and seen.suffix == ".0"):
            os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        return Result(item.index, str(item.source), "", "picture", Status.DONE)

    def close(self):
        """Nothing."""


def test_a_worker_that_is_killed_loses_nothing_but_what_kills_every_worker(tmp_path):
    (tmp_path / "seen").mkdir()
    for name in ("a", "once", "b", "twice", "c"):
        (tmp_path / f"{name}.jpg").touch()
    items, _ = find_items([str(tmp_path)], tmp_path / "out", recursive=False)
    results = []
    Processes(partial(Fragile, str(tmp_path / "seen")), 2).work(items, results.append, lambda: False)
    ended = {Path(result.source).stem: result.status for result in results}
    assert ended.pop("twice") is Status.FAILED
    assert set(ended.values()) == {Status.DONE}
    assert len(results) == 5


def test_two_processes_make_what_one_makes(folder, settings, tmp_path):
    made = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        plan = BatchPlan((str(folder / "2.png"), str(folder / "more")), out)
        outcome = batch_job(settings, plan, VideoPlan("", Path()), workers=workers).run()
        assert outcome.count(Status.DONE) == 2
        made.append([(out / name).read_bytes() for name in ("2.png", "10.jpg")])
    assert made[0] == made[1]


def test_the_exit_code_tells_partial_success(folder, settings, tmp_path):
    words = [sys.executable, "-m", "liveswapping.run", "batch", "--source", settings.sources[0], "--output", "o"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    how = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True, "timeout": 120}
    some = subprocess.run([*words, "--target", str(folder / "2.png"), str(folder / "broken.jpg"), "--json"], **how)
    assert some.returncode == 3
    assert json.loads(some.stdout)["failed"] == 1
    assert some.stderr.count("\n") == 1
    assert "broken.jpg" in some.stderr


def test_a_batch_of_nothing_is_one_line(settings, tmp_path, capfd):
    code = main(["batch", "--source", settings.sources[0], "--target", str(tmp_path / "*.jpg"), "--output", "x"])
    assert code == 1
    assert "there is no picture and no film there" in capfd.readouterr().err
