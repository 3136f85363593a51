import numpy as np
import pytest
import torch

from liveswapping.inference.networks.rrdb import RRDBNet
from tests.named_weights import filled

GATE = 1e-4


@pytest.mark.parametrize(("scale", "elements"), [(2, 16_703_171), (4, 16_697_987)])
def test_it_answers_what_the_published_network_answers(golden, scale, elements):
    network = filled(RRDBNet, "rrdb", scale)
    state = network.state_dict()
    assert (len(state), sum(entry.numel() for entry in state.values())) == (702, elements)
    answer = network(torch.from_numpy(golden[f"rrdb{scale}_x"])).numpy()
    assert np.abs(answer - golden[f"rrdb{scale}_y"]).max() < GATE


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_the_scale_is_read_from_the_weights(scale):
    network = RRDBNet(scale, 2, 8, 4)
    again = RRDBNet.shaped_like(network.state_dict())
    assert again.scale == scale
    assert [entry.shape for entry in again.state_dict().values()] == [
        entry.shape for entry in network.state_dict().values()
    ]
    picture = torch.rand(1, 3, 8, 12)
    assert again(picture).shape == (1, 3, 8 * scale, 12 * scale)
