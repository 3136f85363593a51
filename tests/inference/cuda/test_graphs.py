import subprocess
import sys

import numpy as np
import pytest
import torch

from liveswapping.inference.cuda.graphs import GraphedPictures


def test_importing_the_package_loads_no_runtime():
    program = "import sys, liveswapping.inference.cuda; sys.exit('torch' in sys.modules or 'triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card")
def test_a_recorded_shape_is_replayed_with_new_pictures():
    graphs = GraphedPictures(lambda pictures, beside, kind: (pictures.flip(3) + beside.to(kind)).to(kind), "test")
    for value in (1, 2):
        pictures = np.random.default_rng(value).integers(0, 200, (2, 16, 16, 3), np.uint8)
        beside = torch.full((2, 1, 1, 1), float(value), device="cuda")
        right = pictures[..., ::-1] + value
        assert np.array_equal(graphs(pictures, beside), right)
        floats = graphs.computed(torch.from_numpy(pictures).cuda().float() + 0.5, beside)
        assert np.array_equal(floats.cpu().numpy(), right + 0.5)
        graphs.forget()
        assert np.array_equal(graphs(pictures, beside), right)
