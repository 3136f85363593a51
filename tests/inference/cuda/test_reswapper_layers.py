import pytest
import torch
from torch.nn import functional as F

from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.cuda.reswapper import exact, probe
from liveswapping.inference.cuda.reswapper_layers import PlainLayers, WinogradLayers
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from tests.inference.cuda.plain_steps import PlainSteps
from tests.named_weights import filled

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network():
    return filled(StyleTransferModel, "reswapper", 64, 3)


@pytest.fixture(scope="module")
def on_tiles(network):
    return WinogradLayers(network, PlainSteps(CPU), torch.float32)


def faces(network, count, size):
    random = torch.Generator().manual_seed(size)
    crops = torch.randint(0, 256, (count, size, size, 3), dtype=torch.uint8, generator=random)
    return crops, network.styles(F.normalize(torch.randn(count, LATENT, generator=random)))


@pytest.mark.parametrize(("count", "size"), [(1, 8), (1, 20), (2, 32), (3, 36), (1, 100), (1, 128)])
def test_tiles_give_the_networks_own_answer_at_every_size(network, on_tiles, count, size):
    given = faces(network, count, size)
    assert torch.allclose(on_tiles(*given, torch.float32), exact(network, *given), atol=1e-5)


def test_every_face_of_a_batch_gets_its_own_source(network, on_tiles):
    crops, styles = faces(network, 2, 32)
    together = on_tiles(crops, styles, torch.float32)
    for face in range(2):
        alone = on_tiles(crops[face : face + 1], styles[face : face + 1], torch.float32)
        assert torch.allclose(together[face : face + 1], alone, atol=1e-5)


def test_bytes_are_the_answer_rounded(network, on_tiles):
    given = faces(network, 1, 32)
    levels = exact(network, *given) * 255
    for layers in (on_tiles, PlainLayers(network)):
        assert (layers(*given).float() - levels).abs().max() < 1.0


def test_half_precision_stays_near_full_on_tiles_and_in_the_module_itself(network):
    given = probe(network, 64)
    right = exact(network, *given)
    for layers in (WinogradLayers(network, PlainSteps(CPU), torch.float16), PlainLayers(network)):
        assert psnr(layers(*given, torch.float32), right, 1.0) > 65


def test_the_network_is_left_as_it_was(network):
    before = {name: entry.clone() for name, entry in network.state_dict().items()}
    PlainLayers(network)
    WinogradLayers(network, PlainSteps(CPU), torch.float16)
    for name, entry in network.state_dict().items():
        assert entry.dtype == torch.float32
        assert torch.equal(entry, before[name])


def test_a_compiled_module_gives_the_same(network):
    given = faces(network, 1, 16)
    compiled = PlainLayers(network, "eager")(*given, torch.float32)
    assert torch.allclose(compiled, PlainLayers(network)(*given, torch.float32), atol=1e-4)
