"""Taking people out of a film in which faces are swapped, and showing what is behind a face that became smaller."""

import cv2
import numpy as np
import pytest

from liveswapping.domain.errors import EndOfStream, ModelError, SourceError
from liveswapping.jobs.emptying import Emptying
from liveswapping.media.video import VideoSource
from tests.clips import write_clip
from tests.jobs.films import shown

FRAMES = 7


@pytest.fixture(scope="module")
def two(tmp_path_factory, astronaut_picture):
    """A film of two people: the left one is larger."""
    folder = tmp_path_factory.mktemp("two")
    face = astronaut_picture[:320, 60:380]
    left, right = cv2.resize(face, (200, 200)), cv2.flip(cv2.resize(face, (140, 140)), 1)
    picture = np.full((200, 400, 3), (150, 140, 130), np.uint8)
    picture[:, :200] = left
    picture[60:, 240:380] = right
    frames = [np.roll(picture, number % 3, axis=1) for number in range(FRAMES)]
    write_clip(folder / "two.mp4", frames)
    return folder / "two.mp4"


def _pictures(path):
    source, found = VideoSource(path), []
    try:
        while True:
            found.append(source.read(1.0).image.astype(int))
    except EndOfStream:
        return found
    finally:
        source.close()


def _changes(film, result):
    """Shares of the left and of the right face's middle that changed, in the middle of the film."""
    change = np.abs(_pictures(result)[4] - _pictures(film)[4]).max(axis=2) > 25
    return change[40:130, 70:130].mean(), change[95:150, 280:335].mean()


def _emptying(**given):
    return Emptying(**{"engine": "builtin", **given})


@pytest.mark.parametrize("what", ["face", "person"])
def test_who_is_not_swapped_is_taken_out(two, job, tmp_path, what):
    outcome = job(two, tmp_path / "o.mp4", emptying=_emptying(hide=what)).run()
    assert (outcome.tally.frames, outcome.tally.swapped, outcome.tally.failed) == (FRAMES, FRAMES, 0)
    swapped, hidden = _changes(two, tmp_path / "o.mp4")
    assert swapped > 0.1
    assert hidden > 0.6
    left = np.abs(_pictures(tmp_path / "o.mp4")[4] - _pictures(two)[4])[:, :20]
    assert left.mean() < 6  # nothing is taken from beside the one who stays


def test_a_film_that_is_taken_up_again_has_the_same_bits(two, job, tmp_path):
    emptying = _emptying(hide="face", outline=True)
    job(two, tmp_path / "whole.mp4", emptying=emptying, segment_frames=3).run()
    with pytest.raises(SourceError, match="the power went"):
        job(two, tmp_path / "o.mp4", emptying=emptying, segment_frames=3, after=FRAMES).run()
    outcome = job(two, tmp_path / "o.mp4", emptying=emptying, segment_frames=3).run()
    assert outcome.complete
    assert shown(tmp_path / "o.mp4") == shown(tmp_path / "whole.mp4")


def test_with_nobody_to_become_the_one_who_is_meant_is_taken_out(two, job, tmp_path):
    work = job(two, tmp_path / "o.mp4", emptying=_emptying(hide="face"), changes={"sources": (), "faces": "rightmost"})
    work._parts._cast = None  # the one that the fixture has loaded
    outcome = work.run()
    assert outcome.tally.swapped == FRAMES
    stays, hidden = _changes(two, tmp_path / "o.mp4")
    assert stays < 0.02 < 0.6 < hidden


def test_a_frame_that_fails_still_hides_who_is_hidden(two, job, tmp_path, monkeypatch):
    from liveswapping.swappers.mesh.engine import MeshSwapper

    really, calls = MeshSwapper.swap, []

    def swap(self, image, targets):
        calls.append(1)
        if len(calls) == 5:
            raise ValueError("no swap")
        return really(self, image, targets)

    monkeypatch.setattr(MeshSwapper, "swap", swap)
    outcome = job(two, tmp_path / "o.mp4", emptying=_emptying(hide="face")).run()
    assert outcome.tally.failed == 1
    stays, hidden = _changes(two, tmp_path / "o.mp4")
    assert stays < 0.02 < 0.6 < hidden


def test_a_cancelled_film_is_not_finished_and_goes_on(two, job, tmp_path):
    work = job(two, tmp_path / "o.mp4", emptying=_emptying(hide="face"))
    work.cancel()
    assert not work.run().complete
    assert not (tmp_path / "o.mp4").exists()


def test_an_engine_without_weights_is_said_in_one_line(two, job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="models pull propainter") as caught:
        job(two, tmp_path / "o.mp4", emptying=_emptying(hide="face", engine="propainter")).run()
    assert "\n" not in str(caught.value)
