"""What an ONNX file holds beside its graph, read without loading half a gigabyte of weights.

An ONNX file is a protocol buffer: a row of fields, each a tag, and a length where its content is not a number. Field
numbers are those of onnx.proto: ModelProto.graph is 7, GraphProto.initializer is 5 and .input is 11,
ValueInfoProto.name is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32

_GRAPH: Final = 7
_INITIALISER: Final = 5
_INPUT: Final = 11
_NAME: Final = 1
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of protocol buffers."""


def last_initialiser(path: Path) -> F32 | None:
    """The array that stands last among the model's weights; None where there is none. Raises ModelLoadError."""
    from onnx import TensorProto, numpy_helper

    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            place = None
            for field, start, length in _fields(file, 0, end):
                if field == _GRAPH:
                    for inner, first, size in _fields(file, start, start + length):
                        place = (first, size) if inner == _INITIALISER else place
            if place is None:
                return None
            file.seek(place[0])
            tensor = TensorProto.FromString(file.read(place[1]))
            return np.asarray(numpy_helper.to_array(tensor), np.float32)
    except (OSError, ValueError, TypeError) as error:
        raise ModelLoadError(f"{path} cannot be read as an ONNX model ({error}); fetch it again") from error


def input_names(path: Path) -> tuple[str, ...]:
    """What the model calls its inputs, in order. Raises ModelLoadError."""
    names = []
    try:
        with path.open("rb") as file:
            for start, length in _inside(file, _INPUT, *_graph(file)):
                for first, size in _inside(file, _NAME, start, length):
                    file.seek(first)
                    names.append(file.read(size).decode())
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{path} cannot be read as an ONNX model ({error}); fetch it again") from error
    return tuple(names)


def input_shapes(path: Path) -> dict[str, tuple[int | None, ...]]:
    """The model's inputs and their sizes, in order; None: any size. Raises ModelLoadError."""
    from onnx import ValueInfoProto

    shapes: dict[str, tuple[int | None, ...]] = {}
    try:
        with path.open("rb") as file:
            for start, length in list(_inside(file, _INPUT, *_graph(file))):
                file.seek(start)
                value = ValueInfoProto.FromString(file.read(length))
                shapes[value.name] = tuple(size.dim_value or None for size in value.type.tensor_type.shape.dim)
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{path} cannot be read as an ONNX model ({error}); use another file") from error
    return shapes


def _graph(file: BinaryIO) -> tuple[int, int]:
    """Start and length of the model's graph."""
    return next(_inside(file, _GRAPH, 0, file.seek(0, 2)), (0, 0))


def _inside(file: BinaryIO, wanted: int, start: int, length: int) -> Iterator[tuple[int, int]]:
    """Start and length of every field of one number."""
    return ((first, size) for field, first, size in _fields(file, start, start + length) if field == wanted)


def _fields(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and length of every field between two places that has a length. The reader may move `file`."""
    while start < end:
        file.seek(start)
        tag = _number(file)
        if tag & 7 == _LENGTH:
            length = _number(file)
            start = file.tell() + length
            if start > end:
                raise ValueError("it ends too early")
            yield tag >> 3, start - length, length
        elif tag & 7 == _VARINT:
            _number(file)
            start = file.tell()
        elif tag & 7 in (_EIGHT_BYTES, _FOUR_BYTES):
            start = file.tell() + (8 if tag & 7 == _EIGHT_BYTES else 4)
        else:
            raise ValueError("it is none")


def _number(file: BinaryIO) -> int:
    """The next base-128 number."""
    value, shift = 0, 0
    while byte := file.read(1):
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
        if shift > 63:
            raise ValueError("it is none")
    raise ValueError("it ends too early")
