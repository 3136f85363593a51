import numpy as np
import pytest
import torch

from liveswapping.inference.networks.reswapper import StyleTransferModel
from tests.named_weights import filled

GATE = 1e-4


@pytest.fixture(scope="module")
def published():
    return filled(StyleTransferModel, "reswapper")


@pytest.fixture(scope="module")
def narrow():
    return filled(StyleTransferModel, "reswapper", 32, 3)


def picture(batch, size, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).random((batch, 3, size, size), np.float32))


def latent(batch, seed=1):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((batch, 512)).astype(np.float32))


def test_the_file_of_the_published_network_has_64_entries(published):
    state = published.state_dict()
    assert len(state) == 64
    assert sum(entry.numel() for entry in state.values()) == 138_292_739


@pytest.mark.parametrize("size", [32, 64])
def test_it_answers_what_the_published_network_answers(published, golden, size):
    answer = published(torch.from_numpy(golden[f"re_x{size}"]), torch.from_numpy(golden["re_z"]))
    assert np.abs(answer.numpy() - golden[f"re_y{size}"]).max() < GATE


def test_style_projections_computed_once_give_the_same_face(narrow):
    target, source = picture(2, 16), latent(2)
    assert torch.equal(narrow.swap(target, narrow.styles(source)), narrow(target, source))


def test_faces_in_one_batch_keep_their_own_sources(narrow):
    targets, sources = picture(3, 16), latent(3)
    together = narrow(targets, sources)
    for index in range(3):
        alone = narrow(targets[index : index + 1], sources[index : index + 1])
        assert torch.allclose(together[index : index + 1], alone, atol=1e-5)


def test_biases_before_a_normalisation_change_nothing(narrow):
    target, source = picture(1, 16), latent(1)
    before = narrow(target, source)
    narrow.style_blocks[0].conv1.bias += 3.0
    try:
        assert torch.equal(narrow(target, source), before)
    finally:
        narrow.style_blocks[0].conv1.bias -= 3.0


def test_half_precision_keeps_statistics_that_would_overflow(narrow):
    loud = filled(StyleTransferModel, "reswapper", 32, 3)
    loud.style_blocks[0].conv1.weight *= 300.0
    target, source = picture(1, 32), latent(1)
    expected = loud(target, source)
    styles = loud.styles(source)
    answer = loud.half().swap(target.half(), styles).float()
    assert torch.isfinite(answer).all()
    assert (answer - expected).abs().max() < 0.02
