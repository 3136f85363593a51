"""What all tests share. No test needs a network, a camera, a GPU or a display."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from liveswapping.provenance import consent

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.faces.mediapipe import MediapipeAnalyser

os.environ["QT_QPA_PLATFORM"] = "offscreen"
_CONFIG = tempfile.TemporaryDirectory(prefix="liveswapping-")
os.environ["LIVESWAPPING_CONFIG_DIR"] = _CONFIG.name
"""No test reads or writes the user's own settings, consent and signing key."""
consent.record()

_SHARED_THREADS = ("bands",)
"""Name prefixes of threads that the product keeps for the life of the process, on purpose."""
_GRACE_S = 2.0


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _GRACE_S
    while leaked := _own_threads() - before:
        if time.monotonic() > deadline:
            pytest.fail("left running: " + ", ".join(sorted(thread.name for thread in leaked)))
        time.sleep(0.01)


@pytest.fixture(scope="session")
def model_path() -> Callable[[str], Path]:
    """From a model's name to its file, as `build` hands it to the parts."""
    from liveswapping.inference.store import Store

    return Store().path


@pytest.fixture(scope="session")
def astronaut_picture() -> Image:
    """The astronaut of scikit-image, 512×512 BGR (NASA, public domain). Not to be written into."""
    import numpy as np
    import skimage.data

    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])


@pytest.fixture
def astronaut(astronaut_picture: Image) -> Image:
    """A copy of the astronaut that the test may write into: 512×512 BGR."""
    return astronaut_picture.copy()


@pytest.fixture(scope="session")
def shared_analyser(model_path: Callable[[str], Path], astronaut_picture: Image) -> Iterator[MediapipeAnalyser]:
    """One live analyser for all tests, with its threads started; ask for `analyser` instead."""
    from liveswapping.faces.mediapipe import MediapipeAnalyser

    analyser = MediapipeAnalyser(model_path)
    analyser.faces(astronaut_picture)
    yield analyser
    analyser.close()


@pytest.fixture
def analyser(shared_analyser: MediapipeAnalyser) -> MediapipeAnalyser:
    """The live analyser, as it is before its first frame."""
    shared_analyser.reset()
    return shared_analyser


def _own_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.name.startswith(_SHARED_THREADS)}
