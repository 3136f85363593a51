import numpy as np
import pytest
import torch

from liveswapping.inference.networks.gfpgan import GfpganClean
from tests.named_weights import filled

GATE = 1e-3
SMALL = {4: 16, 8: 16, 16: 8, 32: 8}


@pytest.fixture(scope="module")
def published():
    return filled(GfpganClean, "gfpgan")


def test_it_answers_what_the_published_network_answers(published, golden):
    state = published.state_dict()
    assert (len(state), sum(entry.numel() for entry in state.values())) == (285, 87_143_276)
    seed = torch.from_numpy(golden["gfpgan_seed_image"].astype(np.float32) / 127.5 - 1.0)
    answer, pictures = published(seed.permute(2, 0, 1)[None])
    assert np.abs(answer[:, :, ::8, ::8].numpy() - golden["gfpgan_y_every8"]).max() < GATE
    for size, picture in zip((8, 16, 32, 64, 128, 256, 512), pictures, strict=True):
        step = max(1, size // 32)
        assert np.abs(picture[:, :, ::step, ::step].numpy() - golden[f"gfpgan_rgb{size}"]).max() < GATE


def test_its_size_is_read_from_the_weights():
    network = GfpganClean.shaped_like(filled(GfpganClean, "gfpgan", SMALL).state_dict())
    assert network.size == 32


def test_faces_in_one_batch_are_restored_as_they_are_alone():
    network = filled(GfpganClean, "gfpgan", SMALL)
    faces = torch.rand(2, 3, 32, 32) * 2 - 1
    together = network.restore(faces)
    for index in range(2):
        assert torch.allclose(together[index : index + 1], network.restore(faces[index : index + 1]), atol=1e-4)
