"""The transformer's linear layers in whole numbers of 8 bits: every token and every channel on a scale of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from liveswapping.inference.networks.propainter.attention import SparseWindowAttention

_LARGEST = 127
_LAYERS = ("key", "query", "value", "proj")


class Int8Linear(nn.Module):
    """A linear layer whose product is exact in whole numbers; what is rounded are its factors."""

    weight: Tensor
    scale: Tensor
    bias: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        scale = linear.weight.abs().amax(dim=1).clamp_(min=torch.finfo(torch.float32).tiny) / _LARGEST
        whole = (linear.weight / scale[:, None]).round_().to(torch.int8)
        self.register_buffer("weight", whole.t().contiguous())
        self.register_buffer("scale", scale)
        self.register_buffer("bias", linear.bias.clone())

    def forward(self, tokens: Tensor) -> Tensor:
        """(…, given) -> (…, made), of the type of `tokens`."""
        rows = tokens.reshape(-1, tokens.shape[-1]).float()
        scale = rows.abs().amax(dim=1, keepdim=True).clamp_(min=torch.finfo(torch.float32).tiny) / _LARGEST
        whole = (rows / scale).round_().to(torch.int8)
        product = torch._int_mm(whole, self.weight).float()  # torch has no other product of whole numbers
        answer = torch.addcmul(self.bias, product.mul_(scale), self.scale)
        return answer.to(tokens.dtype).view(*tokens.shape[:-1], -1)


class Int8Layers:
    """All of a network's attention's linear layers, in either form."""

    def __init__(self, network: nn.Module) -> None:
        self._places = [
            (attention, name)
            for attention in network.modules()
            if isinstance(attention, SparseWindowAttention)
            for name in _LAYERS
        ]
        self._exact = [attention.get_submodule(name) for attention, name in self._places]
        self.used = False
        """Whether those of whole numbers are in the network."""
        self._whole = [Int8Linear(layer) for layer in self._exact if isinstance(layer, nn.Linear)]

    def use(self, whole: bool) -> None:
        """Put the layers of whole numbers into the network, or the exact ones back."""
        self.used = whole
        for (attention, name), layer in zip(self._places, self._whole if whole else self._exact, strict=True):
            setattr(attention, name, layer)
