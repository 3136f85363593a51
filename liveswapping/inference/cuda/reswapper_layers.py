"""The swap network from bytes to bytes on a card: as Winograd tiles and matrix products, or as the module itself."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.inference.cuda.reswapper_steps import Restyled, Steps
from liveswapping.inference.cuda.winograd import transformed
from liveswapping.inference.networks.reswapper import StyleBlock, StyleTransferModel

_STRIDES: Final = {2: 1, 4: 2, 6: 2}
"""Of the encoder's convolutions, by their place."""
COLUMNS: Final = 32
"""7 columns of a 7×7 kernel times 3 colours are 21 numbers; matrix units want this many."""


class WinogradLayers:
    """StyleTransferModel with its twelve wide convolutions, and the two after enlarging, on tiles."""

    def __init__(self, network: StyleTransferModel, steps: Steps, kind: torch.dtype) -> None:
        """Copies the weights of `network`, float32, to its own device; `kind`: float16, or float32 to compare."""
        self._steps = steps
        self._kind = kind
        encoder, middle = network.target_encoder, network.decoderPart1
        self._first = self._first_weight(_conv(encoder[0])), self._bias(_conv(encoder[0]))
        self._encoder = [(*self._direct(_conv(encoder[place])), stride) for place, stride in _STRIDES.items()]
        blocks = cast(Sequence[StyleBlock], network.style_blocks)
        self._blocks = [(self._on_tiles(block.conv1), self._on_tiles(block.conv2)) for block in blocks]
        enlarging = _conv(network.decoder[0]), _conv(middle[0])
        self._enlarging = [(self._on_tiles(conv), self._bias(conv)) for conv in enlarging]
        self._narrowing = self._direct(_conv(middle[2]))
        last = _conv(network.decoderPart2[0])
        self._last = self._last_weight(last), self._bias(last).flip(0)

    def __call__(self, crops: Tensor, styles: Tensor, kind: torch.dtype = torch.uint8) -> Tensor:
        """Crops uint8 (B, R, R, 3) BGR, styles (B, blocks, 2, 2, width) float32 -> crops of `kind`; floats are 0..1."""
        return self.decoded(self.styled(self.encoded(crops), styles), kind)

    def encoded(self, crops: Tensor) -> Tensor:
        """Crops to the features of a quarter of their size that style blocks work on."""
        features = self._steps.first(crops, *self._first)
        for weight, bias, stride in self._encoder:
            features = self._steps.convolved(features, weight, bias, stride)
        return features

    def styled(self, stream: Tensor, styles: Tensor) -> Restyled:
        """Features through all style blocks; what the last of them still has to do is done where it is read."""
        steps = self._steps
        batch, height, width, _ = stream.shape
        tiles = steps.tiles(stream)
        for index, (first, second) in enumerate(self._blocks):
            features, sums = steps.measured(torch.bmm(tiles, first), (batch, height, width))
            tiles, _ = steps.restyled_tiles(Restyled(features, sums, styles[:, index, 0]))
            features, sums = steps.measured(torch.bmm(tiles, second), (batch, height, width))
            answer = Restyled(features, sums, styles[:, index, 1], stream)
            if index + 1 < len(self._blocks):
                tiles, stream = steps.restyled_tiles(answer)
        return answer

    def decoded(self, restyled: Restyled, kind: torch.dtype = torch.uint8) -> Tensor:
        """The style blocks' answer to crops."""
        steps = self._steps
        batch, height, width, _ = restyled.features.shape
        (first, first_bias), (second, second_bias) = self._enlarging
        tiles = steps.enlarged_restyled_tiles(restyled)
        features = steps.activated(torch.bmm(tiles, first), first_bias, (batch, 2 * height, 2 * width))
        tiles = steps.enlarged_tiles(features)
        features = steps.activated(torch.bmm(tiles, second), second_bias, (batch, 4 * height, 4 * width))
        features = steps.convolved(features, *self._narrowing, 1)
        return steps.last(features, *self._last, kind)

    def _put(self, tensor: Tensor) -> Tensor:
        return tensor.detach().to(self._kind).contiguous()

    def _bias(self, conv: nn.Conv2d) -> Tensor:
        assert conv.bias is not None
        return conv.bias.detach().float()

    def _on_tiles(self, conv: nn.Conv2d) -> Tensor:
        return self._put(transformed(conv.weight.detach()))

    def _direct(self, conv: nn.Conv2d) -> tuple[Tensor, Tensor]:
        """Weight (9·C, N) and bias."""
        return self._put(conv.weight.permute(2, 3, 1, 0).flatten(0, 2)), self._bias(conv)

    def _first_weight(self, conv: nn.Conv2d) -> Tensor:
        """(7, 32, N): per row of the kernel its columns and colours, these in the order BGR."""
        rows = conv.weight.flip(1).permute(2, 3, 1, 0).flatten(1, 2)
        return self._put(F.pad(rows, (0, 0, 0, COLUMNS - rows.shape[1])))

    def _last_weight(self, conv: nn.Conv2d) -> Tensor:
        """(7·C, 32): per row of the kernel and channel its columns and colours, these in the order BGR."""
        rows = conv.weight.flip(0).permute(2, 1, 3, 0).flatten(0, 1).flatten(1)
        return self._put(F.pad(rows, (0, COLUMNS - rows.shape[1])))


class PlainLayers:
    """The module itself in half precision, channels last: for cards without Triton."""

    def __init__(self, network: StyleTransferModel, backend: str | None = None) -> None:
        """Copies `network`, float32, on its own device. `backend`: of torch.compile; None runs it as it is."""
        half = deepcopy(network)
        half.halve()
        half.lay_channels_last()
        for module in half.modules():
            if isinstance(module, nn.Linear):
                module.to("meta")  # styles are given, and the network that makes them keeps these weights
        self._swap = half.swap if backend is None else torch.compile(half.swap, backend=backend, dynamic=False)

    def __call__(self, crops: Tensor, styles: Tensor, kind: torch.dtype = torch.uint8) -> Tensor:
        """As WinogradLayers'."""
        target = crops.flip(3).permute(0, 3, 1, 2).half() / 255
        with torch.backends.cudnn.flags(enabled=True, benchmark=True):  # the fastest algorithm of each layer
            answer = self._swap(target, styles).flip(1).permute(0, 2, 3, 1).float()
        return (answer * 255).round().to(kind) if kind == torch.uint8 else answer.to(kind)


def _conv(module: nn.Module) -> nn.Conv2d:
    assert isinstance(module, nn.Conv2d)
    return module
