import numpy as np
import pytest

from liveswapping.domain.errors import SourceError
from liveswapping.domain.face import Face
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.jobs import analysis
from liveswapping.jobs.analysis import Remembered, RememberingAnalyser
from tests.jobs.films import shown

FRAMES, SEGMENT = 14, 6


@pytest.fixture
def searches(monkeypatch):
    """How many pictures were searched so far."""
    really, count = MediapipeAnalyser.faces, []

    def faces(analyser, image):
        count.append(1)
        return really(analyser, image)

    monkeypatch.setattr(MediapipeAnalyser, "faces", faces)
    return count


def _job(job, target, output, kept, **plan):
    return job(target, output, analyses=kept, segment_frames=SEGMENT, **plan)


def test_the_same_film_is_not_searched_again_and_comes_out_the_same(film, job, tmp_path, searches):
    target, kept, said = film("film.mp4", FRAMES), tmp_path / "kept", []
    job(target, tmp_path / "plain.mp4", segment_frames=SEGMENT).run()
    _job(job, target, tmp_path / "first.mp4", kept).run()
    assert len(searches) == 2 * FRAMES
    _job(job, target, tmp_path / "second.mp4", kept, said=said).run()
    assert len(searches) == 2 * FRAMES
    assert any("known" in line for line in said)
    assert shown(tmp_path / "first.mp4") == shown(tmp_path / "second.mp4") == shown(tmp_path / "plain.mp4")


def test_another_look_is_made_of_the_same_faces(film, job, tmp_path, searches, settings):
    from dataclasses import replace

    target, kept = film("film.mp4", FRAMES), tmp_path / "kept"
    _job(job, target, tmp_path / "first.mp4", kept).run()
    changes = {"look": replace(settings.look, opacity=0.5)}
    _job(job, target, tmp_path / "second.mp4", kept, changes=changes).run()
    assert len(searches) == FRAMES
    assert shown(tmp_path / "first.mp4") != shown(tmp_path / "second.mp4")


def test_another_part_of_a_film_is_another_film(film, job, tmp_path, searches):
    from liveswapping.media.film_source import Shaping

    target, kept = film("film.mp4", FRAMES), tmp_path / "kept"
    _job(job, target, tmp_path / "first.mp4", kept).run()
    _job(job, target, tmp_path / "second.mp4", kept, shaping=Shaping(frames=8)).run()
    assert len(searches) == FRAMES + 8


def test_runs_that_were_interrupted_keep_all_of_it_together(film, job, tmp_path, searches):
    target, kept = film("film.mp4", FRAMES), tmp_path / "kept"
    with pytest.raises(SourceError, match="power"):
        _job(job, target, tmp_path / "o.mp4", kept, after=FRAMES - 1).run()
    _job(job, target, tmp_path / "o.mp4", kept).run()
    before = len(searches)
    with pytest.raises(SourceError, match="power"):
        _job(job, target, tmp_path / "p.mp4", kept, after=FRAMES - 1).run()
    _job(job, target, tmp_path / "p.mp4", kept).run()
    assert len(searches) == before
    assert shown(tmp_path / "o.mp4") == shown(tmp_path / "p.mp4")


def test_what_is_damaged_counts_for_nothing(film, job, tmp_path, searches):
    target, kept = film("film.mp4", FRAMES), tmp_path / "kept"
    _job(job, target, tmp_path / "first.mp4", kept).run()
    (file,) = kept.rglob("*.faces")
    file.write_bytes(file.read_bytes()[:-20] + bytes(20))
    before = len(searches)
    _job(job, target, tmp_path / "second.mp4", kept).run()
    assert len(searches) == before + FRAMES
    assert shown(tmp_path / "first.mp4") == shown(tmp_path / "second.mp4")
    _job(job, target, tmp_path / "third.mp4", kept).run()
    assert len(searches) == before + FRAMES


class Finder:
    """One face, which is in another place each time."""

    def __init__(self):
        self.seen = 0

    def faces(self, image):
        self.seen += 1
        return [Face(np.full(4, self.seen, np.float32), np.zeros((5, 2), np.float32), 1.0)]

    def reset(self):
        pass

    def close(self):
        pass


def _searched(folder, key, frames):
    remembered = Remembered(folder, key)
    analyser = RememberingAnalyser(Finder(), remembered)
    found = [analyser.faces(np.zeros((2, 2, 3), np.uint8))[0].box[0] for _ in range(frames)]
    analyser.close()
    remembered.finish(frames)
    return found


def test_films_that_were_used_longest_ago_make_room(tmp_path, monkeypatch):
    for number, key in enumerate(("old", "used", "new")):
        monkeypatch.setattr(analysis, "_used", lambda film: ("old", "used", "new", "newest").index(film.name))
        assert _searched(tmp_path, key, 40) == list(range(1, 41)), number
    size = sum(path.stat().st_size for path in (tmp_path / "new").iterdir())
    monkeypatch.setattr(analysis, "ROOM", 3 * size)
    _searched(tmp_path, "newest", 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "newest", "used"]


def test_two_runs_over_one_film_do_not_write_into_each_other(tmp_path):
    first = RememberingAnalyser(Finder(), Remembered(tmp_path, "film"))
    second = RememberingAnalyser(Finder(), Remembered(tmp_path, "film"))
    image = np.zeros((2, 2, 3), np.uint8)
    for analyser in (first, second):
        for _ in range(40):
            analyser.faces(image)
    second.close()
    first.close()
    Remembered(tmp_path, "film").finish(40)
    assert [faces[0].box[0] for faces in Remembered(tmp_path, "film").frames()] == list(range(1, 41))


def test_a_disk_that_takes_nothing_more_does_not_end_the_film(tmp_path):
    (tmp_path / "film").write_text("no folder")
    assert _searched(tmp_path, "film", 40) == list(range(1, 41))
