import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from liveswapping.domain.errors import SinkError, SourceError
from liveswapping.media.segment import SegmentWriter
from tests.jobs.cut_short import SEGMENT
from tests.jobs.films import make_film, shown

ROOT = Path(__file__).parents[2]
FRAMES = 26
LATE = FRAMES - 1
"""Before the last frame: two segments are closed then."""


def interrupt(job, target, output, after, **plan):
    with pytest.raises(SourceError, match="the power went"):
        job(target, output, after=after, segment_frames=SEGMENT, **plan).run()


@pytest.fixture(scope="module")
def whole(job, face_picture, tmp_path_factory):
    """A film, and what an uninterrupted run makes of it. Not to be written into."""
    folder = tmp_path_factory.mktemp("whole")
    options = {"preset": "veryfast", "bf": "3", "g": "15"}
    target = make_film(folder / "film.mp4", face_picture, FRAMES, options=options)
    job(target, folder / "whole.mp4", segment_frames=SEGMENT).run()
    return target, shown(folder / "whole.mp4")


@pytest.mark.parametrize("after", [5, LATE])
def test_a_job_that_was_interrupted_gives_the_very_frames_of_one_that_was_not(whole, job, tmp_path, after):
    target, expected = whole
    interrupt(job, target, tmp_path / "o.mp4", after)
    outcome = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    assert outcome.resumed % SEGMENT == 0
    assert (outcome.tally.frames, outcome.tally.swapped) == (FRAMES, FRAMES)
    assert shown(tmp_path / "o.mp4") == expected
    assert not list(tmp_path.glob(".*"))


def test_only_the_open_segment_is_made_again(whole, job, tmp_path):
    target, expected = whole
    interrupt(job, target, tmp_path / "o.mp4", LATE - 1)
    folder = tmp_path / ".o.mp4.job"
    closed = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.film")}
    assert closed
    interrupt(job, target, tmp_path / "o.mp4", 3)
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.film")} == closed
    outcome = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    assert outcome.resumed == len(closed) * SEGMENT
    assert shown(tmp_path / "o.mp4") == expected


@pytest.mark.parametrize("damage", ["journal", "state", "segment", "open"])
def test_what_a_power_cut_left_half_written_is_made_again(whole, job, tmp_path, damage):
    target, expected = whole
    interrupt(job, target, tmp_path / "o.mp4", LATE)
    folder = tmp_path / ".o.mp4.job"
    last = max(folder.glob("*.film"))
    if damage == "journal":
        lines = (folder / "journal").read_text().splitlines(keepends=True)
        (folder / "journal").write_text("".join(lines[:-1]) + lines[-1][:30])
    elif damage == "state":
        max(folder.glob("*.looking")).write_bytes(b"half")
    elif damage == "segment":
        last.write_bytes(last.read_bytes()[:-100])
    else:
        (folder / "00009.film.open").write_bytes(b"half")
    job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    assert shown(tmp_path / "o.mp4") == expected


def test_other_settings_begin_anew_and_that_is_said(whole, job, tmp_path):
    target, expected = whole
    interrupt(job, target, tmp_path / "o.mp4", LATE)
    said = []
    outcome = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT, quality=30, said=said).run()
    assert outcome.resumed == 0
    assert any("beginning anew" in line for line in said)
    assert shown(tmp_path / "o.mp4") != expected


def test_another_film_under_the_same_name_begins_anew(whole, film, job, tmp_path):
    target = shutil.copy(whole[0], tmp_path / "film.mp4")
    interrupt(job, target, tmp_path / "o.mp4", LATE)
    shutil.move(film("other.mp4", 14), target)
    outcome = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    assert (outcome.resumed, outcome.tally.frames) == (0, 14)


def test_fresh_forgets_what_was_done(whole, job, tmp_path):
    target, expected = whole
    interrupt(job, target, tmp_path / "o.mp4", LATE)
    assert job(target, tmp_path / "o.mp4", segment_frames=SEGMENT, fresh=True).run().resumed == 0
    assert shown(tmp_path / "o.mp4") == expected


def test_a_resampled_film_resumes_too(film, job, tmp_path):
    from fractions import Fraction

    from liveswapping.media.film_source import Shaping

    target = film("film.mp4", 20)
    shaping = Shaping(start=Fraction(1, 10), fps=Fraction(50))
    job(target, tmp_path / "whole.mp4", shaping=shaping, segment_frames=SEGMENT).run()
    interrupt(job, target, tmp_path / "o.mp4", 15, shaping=shaping)
    outcome = job(target, tmp_path / "o.mp4", shaping=shaping, segment_frames=SEGMENT).run()
    assert outcome.resumed > 0
    assert shown(tmp_path / "o.mp4") == shown(tmp_path / "whole.mp4")


def test_a_cancelled_job_keeps_what_is_done(whole, job, tmp_path):
    target, expected = whole
    work = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT)
    work.cancel()
    outcome = work.run()
    assert not outcome.complete
    assert not (tmp_path / "o.mp4").exists()
    assert job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run().complete
    assert shown(tmp_path / "o.mp4") == expected


def test_two_jobs_do_not_make_one_film(whole, job, tmp_path):
    target, _ = whole
    program = f"""
import sys, time
from pathlib import Path
from liveswapping.jobs.journal import Journal
journal = Journal(Path({str(tmp_path / "o.mp4")!r}))
print("held", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SinkError, match="another run is already making"):
            job(target, tmp_path / "o.mp4").run()
        other.kill()
    assert job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run().complete


def test_a_full_disk_in_the_middle_loses_nothing_that_is_closed(whole, job, tmp_path, monkeypatch):
    target, expected = whole
    really_close = SegmentWriter.close
    closed = []

    def close(segment):
        if len(closed) == 2:
            raise SinkError("'o.mp4' cannot be written: the disk is full")
        closed.append(segment)
        really_close(segment)

    monkeypatch.setattr(SegmentWriter, "close", close)
    with pytest.raises(SinkError, match=r"disk is full.*the same command goes on"):
        job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    monkeypatch.undo()
    outcome = job(target, tmp_path / "o.mp4", segment_frames=SEGMENT).run()
    assert outcome.resumed == 2 * SEGMENT
    assert shown(tmp_path / "o.mp4") == expected


@pytest.mark.skipif(sys.platform == "win32", reason="it has neither limits of files nor folders that refuse")
@pytest.mark.parametrize(("what", "said"), [("full", "disk is full"), ("read-only", "is read-only")])
def test_when_the_system_takes_nothing_more_what_is_closed_stays(whole, job, settings, tmp_path, what, said):
    target, expected = whole
    output = tmp_path / "results" / "o.mp4"
    output.parent.mkdir()
    words = [sys.executable, "-m", "tests.jobs.cut_short", what, settings.sources[0], str(target), "o.mp4"]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        words, capture_output=True, text=True, cwd=output.parent, env=paths, timeout=300, check=False
    )
    for folder in (output.parent, output.parent / ".o.mp4.job"):
        folder.chmod(0o700)
    assert answer.returncode == 0, answer.stderr
    assert said in answer.stdout
    assert "the same command goes on" in answer.stdout
    assert answer.stdout.count("\n") == 1
    assert not output.exists()
    outcome = job(target, output, segment_frames=SEGMENT).run()
    assert outcome.resumed == SEGMENT
    assert shown(output) == expected
    assert [path.name for path in output.parent.iterdir()] == ["o.mp4"]


def test_the_journal_is_lines_that_anybody_can_read(whole, job, tmp_path):
    target, _ = whole
    interrupt(job, target, tmp_path / "o.mp4", LATE)
    entries = [json.loads(line) for line in (tmp_path / ".o.mp4.job" / "journal").read_text().splitlines()]
    assert [entry["kind"] for entry in entries[:2]] == ["begun", "form"]
    assert entries[-1]["tally"]["frames"] == SEGMENT * (len(entries) - 2)
