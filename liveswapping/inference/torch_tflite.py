"""The small networks of MediaPipe in torch: the same operations on the same weights as LiteRT's, in full precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.tflite_graph import Graph, Operation

_ACTIVATIONS: Final[Mapping[int, Callable[[Tensor], Tensor]]] = {0: lambda x: x, 1: F.relu, 3: F.relu6}
_VALID: Final = 1
"""No margin, as the format has it; 0 is TensorFlow's "same"."""
Step = Callable[[dict[int, Tensor]], Tensor]


class TorchTflite(nn.Module):
    """A network read from a .tflite file. Pictures are N, H, W, C outside and N, C, H, W inside."""

    def __init__(self, graph: Graph, device: torch.device) -> None:
        """Raises ModelLoadError where it has an operation that is not known here."""
        super().__init__()
        self._graph = graph
        self._device = device
        kinds: dict[str, Callable[[Operation], Step]] = {
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._convolution,
            "PAD": self._padding,
            "ADD": self._sum,
            "PRELU": self._prelu,
            "RELU": lambda op: lambda at: F.relu(at[op.inputs[0]]),
            "MAX_POOL_2D": self._pooling,
            "RESIZE_BILINEAR": self._resizing,
            "DEPTH_TO_SPACE": self._spread,
            "RESHAPE": self._reshaping,
            "CONCATENATION": lambda op: lambda at: torch.cat([at[number] for number in op.inputs], op.options["axis"]),
        }
        unknown = sorted({op.kind for op in graph.operations} - set(kinds))
        if unknown:
            raise ModelLoadError(f"a small network has operations that torch is not taught: {', '.join(unknown)}")
        self._margins = {op.output: op for op in graph.operations if op.kind == "PAD" and self._is_margin(op)}
        """Zeros around pictures that the convolutions behind them add by themselves."""
        self._steps = [(op.output, kinds[op.kind](op)) for op in graph.operations if op.output not in self._margins]

    def forward(self, given: Tensor) -> tuple[Tensor, ...]:
        """(n, h, w, c) float32 on the device -> the outputs in the file's order, each with its rows first."""
        at = {self._graph.input: given.permute(0, 3, 1, 2)}
        for output, step in self._steps:
            at[output] = step(at)
        return tuple(_outside(at[number]) for number in self._graph.outputs)

    def _constant(self, number: int) -> Tensor:
        return torch.from_numpy(self._graph.constants[number]).to(self._device)

    def _convolution(self, op: Operation) -> Step:
        source, options = op.inputs[0], op.options
        weight = self._constant(op.inputs[1])
        bias = self._constant(op.inputs[2]) if len(op.inputs) > 2 and op.inputs[2] >= 0 else None
        deep = op.kind == "DEPTHWISE_CONV_2D"
        weight = weight.permute(3, 0, 1, 2) if deep else weight.permute(0, 3, 1, 2)
        weight = weight.contiguous(memory_format=torch.channels_last)
        groups = weight.shape[0] if deep else 1
        stride = options["strideH"], options["strideW"]
        edges: tuple[int, ...]
        edges = _edges(self._graph.shapes[source][1:3], weight.shape[2:], stride, options["padding"])
        if source in self._margins:
            margin = self._margins[source]
            source, edges = margin.inputs[0], self._pairs(margin)[:4]
        active = _ACTIVATIONS[options["fusedActivationFunction"]]
        left, right, top, bottom = edges
        if left == right and top == bottom:
            return lambda at: active(F.conv2d(at[source], weight, bias, stride, (top, left), groups=groups))
        return lambda at: active(F.conv2d(F.pad(at[source], edges), weight, bias, stride, groups=groups))

    def _padding(self, op: Operation) -> Step:
        pairs = self._pairs(op)
        return lambda at: F.pad(at[op.inputs[0]], pairs)

    def _pairs(self, op: Operation) -> tuple[int, ...]:
        """Zeros at the left, right, top and bottom, and before and after the channels."""
        _, rows, columns, channels = (
            [int(before), int(after)] for before, after in self._graph.constants[op.inputs[1]]
        )
        return (*columns, *rows, *channels)

    def _is_margin(self, op: Operation) -> bool:
        """Whether it is a margin of zeros for nothing but convolutions without one of their own."""
        readers = [reader for reader in self._graph.operations if op.output in reader.inputs]
        convolutions = all("CONV_2D" in reader.kind and reader.options["padding"] == _VALID for reader in readers)
        return convolutions and self._pairs(op)[4:] == (0, 0) and op.output not in self._graph.outputs

    def _sum(self, op: Operation) -> Step:
        one, other = op.inputs
        active = _ACTIVATIONS[op.options["fusedActivationFunction"]]
        return lambda at: active(at[one] + at[other])

    def _prelu(self, op: Operation) -> Step:
        slope = self._constant(op.inputs[1]).reshape(-1)
        return lambda at: F.prelu(at[op.inputs[0]], slope)

    def _pooling(self, op: Operation) -> Step:
        options = op.options
        kernel, stride = (options["filterHeight"], options["filterWidth"]), (options["strideH"], options["strideW"])
        edges = _edges(self._graph.shapes[op.inputs[0]][1:3], kernel, stride, options["padding"])
        if any(edges):
            return lambda at: F.max_pool2d(F.pad(at[op.inputs[0]], edges, value=-torch.inf), kernel, stride)
        return lambda at: F.max_pool2d(at[op.inputs[0]], kernel, stride)

    def _resizing(self, op: Operation) -> Step:
        if not op.options["halfPixelCenters"]:
            raise ModelLoadError("a small network enlarges pictures in a way that torch is not taught")
        size = self._graph.shapes[op.output][1:3]
        return lambda at: F.interpolate(at[op.inputs[0]], size, mode="bilinear", align_corners=False)

    def _spread(self, op: Operation) -> Step:
        block = int(op.options["blockSize"])

        def step(at: dict[int, Tensor]) -> Tensor:
            given = at[op.inputs[0]]
            count, deep, height, width = given.shape
            parts = given.reshape(count, block, block, deep // block**2, height, width)
            return parts.permute(0, 3, 4, 1, 5, 2).reshape(count, deep // block**2, height * block, width * block)

        return step

    def _reshaping(self, op: Operation) -> Step:
        shape = self._graph.shapes[op.output][1:]
        return lambda at: _outside(at[op.inputs[0]]).reshape(-1, *shape)


def _outside(inside: Tensor) -> Tensor:
    """Pictures in the format's own layout; what is none has it already."""
    return inside.permute(0, 2, 3, 1) if inside.dim() == 4 else inside


def _edges(size: Any, kernel: Any, stride: Any, padding: int) -> tuple[int, int, int, int]:  # noqa: ANN401 - pairs
    """Zeros at the left, right, top and bottom, as TensorFlow's "same" has them."""
    if padding == _VALID:
        return 0, 0, 0, 0
    whole = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, stride, strict=True)]
    (top, bottom), (left, right) = [(both // 2, both - both // 2) for both in whole]
    return left, right, top, bottom
