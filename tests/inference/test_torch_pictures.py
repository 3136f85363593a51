"""How a network's weights are laid out for a card."""

import torch

from liveswapping.inference.torch_pictures import _channels_last


class Modulated(torch.nn.Module):
    """A plain convolution beside one whose weights have five dimensions, as GFPGAN has them."""

    def __init__(self):
        super().__init__()
        self.plain = torch.nn.Conv2d(4, 8, 3)
        self.weight = torch.nn.Parameter(torch.randn(1, 8, 4, 3, 3))


def test_weights_of_five_dimensions_do_not_keep_a_network_off_the_card() -> None:
    network = Modulated()
    before = network.plain.weight.detach().clone()
    _channels_last(network)
    assert network.plain.weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network.plain.weight.detach(), before)
    assert network.weight.shape == (1, 8, 4, 3, 3)
