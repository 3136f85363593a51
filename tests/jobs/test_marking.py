"""What jobs make says that it was made, and a run that was ended says the same."""

import logging
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.build_batch import batch_job
from liveswapping.domain.errors import SourceError
from liveswapping.domain.snapshot import thaw
from liveswapping.jobs.batch import BatchPlan
from liveswapping.jobs.memory import savable
from liveswapping.jobs.video import VideoPlan
from liveswapping.media.container import open_media
from liveswapping.provenance import seal
from liveswapping.provenance.inspection import VALID, inspect
from tests.jobs.films import packets, shown

ON = {"credentials": True}


def test_a_film_says_how_it_was_made_and_its_frames_and_sound_are_the_same(film, job, tmp_path):
    target = film("film.mp4", 6, sounds=[0.4])
    job(target, tmp_path / "plain.mp4").run()
    job(target, tmp_path / "made.mp4", changes=ON).run()
    found = inspect(tmp_path / "made.mp4")
    assert (found.by_us, found.credentials, found.models) == (True, VALID, ("mesh",))
    assert found.actions == ("opened", "edited")
    assert found.ingredients == ("the original (without credentials)",)
    assert shown(tmp_path / "made.mp4") == shown(tmp_path / "plain.mp4")
    assert packets(tmp_path / "made.mp4") == packets(target)
    assert not inspect(tmp_path / "plain.mp4").synthetic
    assert not list(tmp_path.glob(".*"))


def test_a_container_without_credentials_says_it_in_its_tags(film, job, tmp_path):
    job(film("film.mp4", 6), tmp_path / "made.mkv", changes=ON).run()
    with open_media(tmp_path / "made.mkv") as made:
        found = inspect(tmp_path / "made.mkv", made.metadata)
    assert (found.by_us, found.synthetic) == (True, True)


def test_a_film_is_labelled_unless_that_is_switched_off_which_is_said_once(film, job, tmp_path, caplog):
    target = film("film.mp4", 6)
    with caplog.at_level(logging.INFO, "liveswapping"):
        job(target, tmp_path / "with.mp4").run()
        assert "the label" not in caplog.text
        job(target, tmp_path / "without.mp4", changes={"label": False}).run()
    assert caplog.text.count("the label in the picture is off") == 1
    assert shown(tmp_path / "with.mp4") != shown(tmp_path / "without.mp4")


def test_a_segment_begins_with_the_label_where_it_was(film, job, tmp_path):
    target = film("film.mp4", 14)
    with pytest.raises(SourceError, match="the power went"):
        job(target, tmp_path / "o.mp4", after=13, segment_frames=6).run()
    newest = max((tmp_path / ".o.mp4.job").glob("*.finishing"))
    *_, parts = thaw(newest.read_bytes(), savable())
    height, width, _waiting, spot = parts["label"]
    assert (width, height) == (192, 160)
    assert spot is None or len(spot) == 3


def test_where_signing_fails_the_film_is_there_and_that_is_said(film, job, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(seal, "sign", full)
    said = []
    job(film("film.mp4", 6), tmp_path / "made.mp4", changes=ON, said=said).run()
    assert len(shown(tmp_path / "made.mp4")) == 6
    assert [line for line in said if "no content credentials" in line]


def test_pictures_and_films_of_a_batch_are_marked(film, settings, tmp_path, face_picture):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "a.png"), np.pad(face_picture, ((0, 60), (0, 200), (0, 0))))
    film("in/film.mp4", 6)
    plan = BatchPlan((str(tmp_path / "in"),), tmp_path / "out")
    batch_job(replace(settings, **ON), plan, VideoPlan("", Path())).run()
    for name in ("a.png", "film.mp4"):
        assert inspect(tmp_path / "out" / name).credentials == VALID
    corner = cv2.imread(str(tmp_path / "out" / "a.png"))[-40:, -120:]
    assert corner.max() > 200
