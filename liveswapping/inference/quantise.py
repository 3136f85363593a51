"""Turns a network's convolutions to int8, with ranges measured on the user's own pictures.

Weights: 127 levels each way, one scale per output channel. What goes into a convolution: 256 levels, one scale, from
the largest and smallest number that the pictures brought; unsigned where none was below 0. This is what OpenVINO's
kernels take (its low precision transformations): a FakeQuantize before the convolution, weights as int8 × scale. The
first and last convolutions, from and to colours, stay as they are: they cost little, and errors there are seen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liveswapping.domain.frame import F32
from liveswapping.inference.judgement import Array
from liveswapping.inference.openvino_runtime import compiled, open_core, openvino, operations

if TYPE_CHECKING:
    from openvino import Model

Feed = Mapping[str, Array]
"""What one picture puts into the network."""
Ranges = Sequence[tuple[float, float]]
"""The smallest and largest number that goes into each convolution, in the network's order."""
_FEWEST: Final = 16
"""Channels in and out from which a convolution is worth it, and no end of the network."""
_WEIGHT_LEVELS: Final = 127
_LEVELS: Final = 256
_log = logging.getLogger(__name__)


def measure_ranges(model: Path, feeds: Sequence[Feed]) -> Ranges:
    """What `feeds` bring to each convolution of the ONNX file `model`, computed in float32."""
    ops = operations()
    watched = open_core().read_model(model)
    own = len(watched.outputs)
    sources = [_before_padding(conv.input(0)).get_source_output() for conv in _convolutions(watched)]
    for source in sources:
        axes = ops.constant(np.arange(4, dtype=np.int64))
        watched.add_outputs(
            [ops.reduce_min(source, axes, False).output(0), ops.reduce_max(source, axes, False).output(0)]
        )
    request = compiled(watched, "fp32").create_infer_request()
    found = np.zeros((len(sources), 2))
    for feed in feeds:
        request.infer(dict(feed))
        seen = [float(request.get_output_tensor(own + at).data) for at in range(2 * len(sources))]
        found[:, 0] = np.minimum(found[:, 0], seen[::2])
        found[:, 1] = np.maximum(found[:, 1], seen[1::2])
    return [(float(low), float(high)) for low, high in found]


def write_quantised(model: Path, ranges: Ranges, like: Feed, made: Path) -> None:
    """Write the int8 form of the ONNX file `model` as OpenVINO's own, `made` (.xml) with its weights beside it.

    It takes inputs of the shapes of `like` and no others: with open shapes OpenVINO's int8 loses 13 dB on the swap
    network (2026.4).
    """
    network = open_core().read_model(model)
    network.reshape({name: list(values.shape) for name, values in like.items()})
    quantised: dict[tuple[str, int], Any] = {}
    for conv, (low, high) in zip(_convolutions(network), ranges, strict=True):
        _quantise_weights(conv)
        place = _before_padding(conv.input(0))
        source = place.get_source_output()
        key = (source.get_node().get_friendly_name(), source.get_index())
        if key not in quantised:
            quantised[key] = _fake_quantised(source, low, high)
        place.replace_source_output(quantised[key])
    made.parent.mkdir(parents=True, exist_ok=True)
    part = made.with_name(f"{made.stem}.part.xml")
    openvino().save_model(network, part, compress_to_fp16=False)
    part.with_suffix(".bin").replace(made.with_suffix(".bin"))
    part.replace(made)


def peak_signal_to_noise(model: Path, other: Path, feeds: Sequence[Feed], low: float, precision: str = "int8") -> float:
    """How near `other` comes in `precision` to the ONNX file `model` in float32 on `feeds`, in dB over all of them.

    Black is `low` and white 1.
    """
    exact = compiled(model, "fp32").create_infer_request()
    coarse = compiled(other, precision).create_infer_request()
    errors = [np.square(_answer(exact, feed, low) - _answer(coarse, feed, low)).mean() for feed in feeds]
    return float(10.0 * np.log10((1.0 - low) ** 2 / max(float(np.mean(errors)), 1e-12)))


def _answer(request: Any, feed: Feed, low: float) -> F32:  # noqa: ANN401 - OpenVINO's own
    request.infer(dict(feed))
    return np.clip(np.asarray(request.get_output_tensor(0).data, np.float32), low, 1.0)


def _convolutions(network: Model) -> Iterator[Any]:
    """Those that become int8, in the network's order."""
    for node in network.get_ordered_ops():
        if node.get_type_name() == "Convolution" and node.input_value(1).get_node().get_type_name() == "Constant":
            out_channels, in_channels = list(node.input(1).get_partial_shape())[:2]
            if min(out_channels.get_length(), in_channels.get_length()) >= _FEWEST:
                yield node


def _before_padding(place: Any) -> Any:  # noqa: ANN401 - OpenVINO's own
    """The input of what pads for the convolution: padding bytes costs a quarter of padding floats."""
    before = place.get_source_output().get_node()
    return before.input(0) if before.get_type_name() == "Pad" else place


def _quantise_weights(conv: Any) -> None:  # noqa: ANN401 - OpenVINO's own
    ops = operations()
    weights = conv.input_value(1).get_node().get_data()
    scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True).astype(np.float32) / _WEIGHT_LEVELS
    scale[scale == 0] = 1.0
    levels = np.rint(weights / scale).astype(np.int8)
    whole = ops.multiply(ops.convert(ops.constant(levels), "f32"), ops.constant(scale))
    conv.input(1).replace_source_output(whole.output(0))


def _fake_quantised(source: Any, low: float, high: float) -> Any:  # noqa: ANN401 - OpenVINO's own
    """`source` on 256 levels; 0 is one of them."""
    ops = operations()
    step = max(-low / (_LEVELS // 2), high / (_LEVELS // 2 - 1), 1e-12) if low < 0 else max(high / (_LEVELS - 1), 1e-12)
    ends = (-step * (_LEVELS // 2), step * (_LEVELS // 2 - 1)) if low < 0 else (0.0, step * (_LEVELS - 1))
    least, most = (ops.constant(np.full((1, 1, 1, 1), end, np.float32)) for end in ends)
    return ops.fake_quantize(source, least, most, least, most, _LEVELS).output(0)
