"""Films with a face in them, and jobs over them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from liveswapping.build import load_cast
from liveswapping.build_jobs import FilmParts, video_job
from liveswapping.domain.errors import SourceError
from liveswapping.domain.settings import load_settings
from liveswapping.jobs.video import VideoJob, VideoPlan
from tests.jobs.films import make_film


@pytest.fixture(scope="session")
def face_picture(astronaut_picture):
    return astronaut_picture[40:340, 60:360].copy()


@pytest.fixture(scope="session")
def settings(tmp_path_factory, astronaut_picture):
    path = tmp_path_factory.mktemp("source") / "me.png"
    cv2.imwrite(str(path), cv2.flip(astronaut_picture[:320, 60:380], 1))
    return load_settings({"sources": [str(path)], "credentials": False}, os.environ, None)


@pytest.fixture(scope="session")
def people(settings):
    return load_cast(settings, lambda line: None)


@pytest.fixture
def film(tmp_path, face_picture):
    """`film(name, times)` makes a clip with a face in every frame; a number of times: so many at 30 a second."""

    def make(name, times=20, **how):
        return make_film(tmp_path / name, face_picture, times, **how)

    return make


class Cut(FilmParts):
    """Parts whose source fails after so many frames, as if the power went."""

    left = 0

    def source(self, place):
        source = super().source(place)
        really_read = source.read

        def read(timeout):
            self.left -= 1
            if self.left < 0:
                raise SourceError("the power went")
            return really_read(timeout)

        source.read = read
        return source


@pytest.fixture(scope="session")
def job(settings, people):
    """`job(target, output, **plan)`: a job that becomes somebody else; with `after` it fails after so many frames."""

    def make(target, output, *, after=None, said=None, changes=None, **plan):
        say = (lambda line: None) if said is None else said.append
        wanted = VideoPlan(str(target), Path(output), **plan)
        chosen = replace(settings, **(changes or {}))
        if after is None:
            return video_job(chosen, wanted, say=say, cast=people)
        parts = Cut(chosen, wanted, say, people)
        parts.left = after
        return VideoJob(wanted, parts, say=say)

    return make
