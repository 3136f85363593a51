import pytest
import torch

from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.cuda.gfpgan import exact, probe
from liveswapping.inference.cuda.gfpgan_layers import GfpganLayers
from liveswapping.inference.cuda.gfpgan_steps import TorchGfpganSteps
from liveswapping.inference.networks.gfpgan import GfpganClean
from tests.named_weights import filled

CHANNELS = {4: 64, 8: 64, 16: 32, 32: 32, 64: 16}


@pytest.fixture(scope="module")
def network():
    return filled(GfpganClean, "gfpgan", CHANNELS)


def test_fused_layers_give_the_networks_own_answer(network):
    random = torch.Generator().manual_seed(0)
    faces = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=random)
    layers = GfpganLayers(network, TorchGfpganSteps(), torch.float32)
    right = exact(network, faces)
    assert torch.allclose(layers(faces, torch.float32), right, atol=1e-4)
    whole = ((right + 1.0) * 127.5).clamp(0, 255)
    assert (layers(faces).float() - whole).abs().max() < 0.51


def test_half_precision_stays_near_full(network):
    faces = probe(network)
    layers = GfpganLayers(network, TorchGfpganSteps(), torch.float16)
    assert psnr(layers(faces, torch.float32), exact(network, faces), 2.0) > 50
