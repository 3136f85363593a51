import sys

import numpy as np
import pytest
import torch

from liveswapping.inference.cuda import gfpgan, reswapper
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from tests.named_weights import filled

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card")


@pytest.fixture(scope="module")
def network():
    return filled(StyleTransferModel, "reswapper", 128, 2).cuda()


def swapped_as_the_network_does(network, fast, count, size):
    crops = np.random.default_rng(count).integers(0, 256, (count, size, size, 3), np.uint8)
    styles = network.styles(torch.randn(count, LATENT, generator=torch.Generator().manual_seed(size)).cuda() / 23)
    right = 255 * reswapper.exact(network, torch.from_numpy(crops).cuda(), styles).cpu().numpy()
    return bool((np.abs(fast(crops, styles) - right) < 1.5).all())


def test_one_engine_serves_every_size_and_number_of_faces(network):
    fast = reswapper.fast_reswapper(network)
    for count, size in ((1, 128), (3, 128), (1, 36), (1, 128)):
        assert swapped_as_the_network_does(network, fast, count, size)


@pytest.mark.parametrize("missing", ["triton", "liveswapping.inference.cuda.reswapper_triton"])
def test_without_triton_the_module_itself_is_recorded(network, monkeypatch, missing):
    monkeypatch.delitem(sys.modules, "liveswapping.inference.cuda.reswapper_triton", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    fast = reswapper.fast_reswapper(network)
    assert fast.name == "fp16 by cuDNN"
    assert swapped_as_the_network_does(network, fast, 2, 64)


def test_restored_faces_are_the_networks_own():
    network = filled(GfpganClean, "gfpgan", {4: 64, 8: 64, 16: 32, 32: 32, 64: 32}).cuda()
    faces = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    right = gfpgan.exact(network, torch.from_numpy(faces).cuda()).cpu().numpy()
    levels = np.clip((right + 1) * 127.5, 0, 255)
    assert np.abs(gfpgan.fast_gfpgan(network)(faces) - levels).mean() < 1.0
