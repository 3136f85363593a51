"""Triton's kernels against plain torch: on a CUDA card, or anywhere with Triton installed and TRITON_INTERPRET=1."""

import os

import pytest
import torch

from liveswapping.inference.cuda.gfpgan import exact as restored
from liveswapping.inference.cuda.gfpgan_layers import GfpganLayers
from liveswapping.inference.cuda.reswapper import exact as swapped
from liveswapping.inference.cuda.reswapper_layers import WinogradLayers
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from tests.named_weights import filled

pytest.importorskip("triton")
if not torch.cuda.is_available() and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("no CUDA card, and kernels are not interpreted", allow_module_level=True)

from liveswapping.inference.cuda.gfpgan_triton import TritonGfpganSteps
from liveswapping.inference.cuda.reswapper_triton import TritonSteps

pytestmark = pytest.mark.filterwarnings("ignore:Conversion of an array:DeprecationWarning")  # in the interpreter
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def random_faces(count, size):
    random = torch.Generator().manual_seed(size)
    return torch.randint(0, 256, (count, size, size, 3), dtype=torch.uint8, generator=random).to(DEVICE)


@pytest.mark.parametrize(("count", "size"), [(1, 20), (2, 16)])
def test_swap_kernels_do_what_their_steps_say(count, size):
    network = filled(StyleTransferModel, "reswapper", 128, 2).to(DEVICE)
    styles = network.styles(torch.randn(count, LATENT, generator=torch.Generator().manual_seed(0)).to(DEVICE) / 23)
    crops = random_faces(count, size)
    layers = WinogradLayers(network, TritonSteps(DEVICE), torch.float16)
    right = swapped(network, crops, styles)
    assert torch.allclose(layers(crops, styles, torch.float32), right, atol=2e-3)
    assert (layers(crops, styles).float() - right * 255).abs().max() < 1.0


def test_restoration_kernels_do_what_their_steps_say():
    network = filled(GfpganClean, "gfpgan", {4: 64, 8: 64, 16: 32}).to(DEVICE)
    faces = random_faces(2, network.size)
    answer = GfpganLayers(network, TritonGfpganSteps(), torch.float16)(faces, torch.float32)
    right = restored(network, faces)
    assert torch.allclose(answer, right, atol=float(1e-2 * right.std()))
