"""Pictures and analysers for the tests of faces."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.stills import StillsAnalyser
from tests.faces.actors import Head, cut_out


def sample_picture(name: str) -> Image:
    """A sample picture of insightface, found without importing it."""
    spec = importlib.util.find_spec("insightface")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    picture = cv2.imread(str(Path(spec.submodule_search_locations[0]) / "data" / "images" / name))
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="session")
def friends() -> Image:
    """Six people at a table, three of them with their heads tilted: 886×1280."""
    return sample_picture("t1.jpg")


@pytest.fixture(scope="session")
def stills(model_path: Callable[[str], Path]) -> Iterator[StillsAnalyser]:
    """The analyser for single pictures."""
    analyser = StillsAnalyser(model_path)
    yield analyser
    analyser.close()


@pytest.fixture(scope="session")
def ann(stills: StillsAnalyser, astronaut_picture: Image) -> Head:
    """A head to move about."""
    return cut_out(astronaut_picture, stills.faces(astronaut_picture)[0])


@pytest.fixture(scope="session")
def bob(stills: StillsAnalyser, friends: Image) -> Head:
    """Somebody else's head."""
    return cut_out(friends, stills.faces(friends)[1])
