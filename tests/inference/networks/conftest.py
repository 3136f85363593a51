from pathlib import Path

import numpy as np
import pytest

from tests.named_weights import one_thread  # noqa: F401


@pytest.fixture(scope="session")
def golden():
    """What the published networks answered with weights made from names."""
    with np.load(Path(__file__).parents[2] / "data" / "neural_golden.npz") as arrays:
        return dict(arrays)
