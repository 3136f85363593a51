import numpy as np
import pytest

from liveswapping.domain.face import Face, Identity, Portrait
from liveswapping.inference.networks.reswapper import StyleTransferModel
from tests.named_weights import one_thread, saved  # noqa: F401

KEYPOINTS = np.float32([[200, 105], [250, 107], [222, 130], [205, 150], [243, 151]])
"""Of the astronaut."""


def embedding(seed):
    values = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return values / np.linalg.norm(values)


@pytest.fixture
def face():
    return Face(np.float32([170, 60, 280, 190]), KEYPOINTS, 0.99)


@pytest.fixture
def person(astronaut):
    def make(*seeds):
        faces = [Face(np.float32([0, 0, 9, 9]), KEYPOINTS, 1.0, embedding=embedding(seed)) for seed in seeds]
        return Identity("someone", tuple(Portrait(astronaut, face) for face in faces))

    return make


@pytest.fixture(scope="session")
def emap():
    return np.random.default_rng(5).standard_normal((512, 512)).astype(np.float32)


@pytest.fixture(scope="session")
def narrow(tmp_path_factory):
    """ReSwapper's graph with few channels, and the file that it was saved to."""
    return saved(tmp_path_factory.mktemp("weights"), StyleTransferModel, "reswapper", 32, 3)
