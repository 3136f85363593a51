"""What a part remembers, as bytes that can be read back anywhere and never run anything.

The bytes are numpy's npz: the arrays, and beside them one text that says how they hang together. Only objects of
classes that the reader names are made, without their constructors. What was shared stays shared, and arrays keep their
memory layout, so that a part goes on with exactly the bits it would have had.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import SourceError

_TREE = "tree"
_SEQUENCES: Mapping[str, type] = {"list": list, "tuple": tuple, "deque": deque, "set": set}


def freeze(value: object, classes: Iterable[type]) -> bytes:
    """`value` as bytes. Raises TypeError, naming the class, for an object whose class is not in `classes`."""
    writer = _Writer({known: _name(known) for known in classes})
    tree = json.dumps(writer.node(value), separators=(",", ":"))
    arrays = {_TREE: np.frombuffer(tree.encode(), np.uint8), **writer.arrays}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # the stub takes the names for those of its own parameters
    return stream.getvalue()


def thaw(data: bytes, classes: Iterable[type]) -> Any:  # noqa: ANN401 - as many types as were frozen
    """The value that was frozen. Raises SourceError where the bytes are none of ours, or are damaged."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
        tree = json.loads(arrays[_TREE].tobytes())
        return _Reader({_name(known): known for known in classes}, arrays).value(tree)
    except (
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise SourceError(f"saved state cannot be read ({type(error).__name__}: {error}); begin anew") from error


def _name(known: type) -> str:
    return f"{known.__module__}.{known.__qualname__}"


class _Writer:
    """Turns values into nodes: JSON values as they are, everything else as a list that begins with its kind."""

    def __init__(self, names: Mapping[type, str]) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._names = names
        self._seen: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice

    def node(self, value: object) -> object:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Fraction):
            return ["fraction", str(value.numerator), str(value.denominator)]
        if isinstance(value, np.generic):
            return ["scalar", self._array(np.asarray(value))]
        if isinstance(value, Enum):
            return ["enum", self._known(value), self.node(value.value)]
        if id(value) in self._seen:
            return ["same", self._seen[id(value)]]
        self._seen[id(value)] = len(self._kept)
        self._kept.append(value)
        return self._fresh(value)

    def _fresh(self, value: object) -> object:
        if isinstance(value, np.ndarray):
            return self._array_node(value)
        if isinstance(value, dict):
            return ["dict", [[self.node(key), self.node(item)] for key, item in value.items()]]
        for kind, sequence in _SEQUENCES.items():
            if type(value) is sequence:
                items: Iterable[Any] = value  # type: ignore[assignment]  # all of _SEQUENCES are
                return [kind, [self.node(item) for item in items]]
        name = self._known(value)
        return ["object", name, {key: self.node(item) for key, item in _attributes(value).items()}]

    def _known(self, value: object) -> str:
        name = self._names.get(type(value))
        if name is None:
            raise TypeError(f"{_name(type(value))} is not among the classes whose state can be saved")
        return name

    def _array_node(self, value: NDArray[Any]) -> object:
        if value.flags.c_contiguous or value.flags.f_contiguous or min(value.strides) < 0:
            return ["array", self._array(value)]
        return ["strided", self._array(np.ascontiguousarray(value)), list(value.strides)]

    def _array(self, value: NDArray[Any]) -> str:
        if value.dtype.hasobject:
            raise TypeError("an array of objects cannot be saved")
        name = f"a{len(self.arrays)}"
        self.arrays[name] = value
        return name


class _Reader:
    """The way back; what was seen first is made first, so that `same` finds it by its number."""

    def __init__(self, classes: Mapping[str, type], arrays: Mapping[str, NDArray[Any]]) -> None:
        self._classes = classes
        self._arrays = arrays
        self._made: list[object] = []

    def value(self, node: object) -> Any:  # noqa: ANN401
        if not isinstance(node, list):
            return node
        kind, *rest = node
        if kind == "same":
            return self._made[rest[0]]
        if kind == "fraction":
            return Fraction(int(rest[0]), int(rest[1]))
        if kind == "scalar":
            return self._arrays[rest[0]][()]
        if kind == "enum":
            return self._classes[rest[0]](self.value(rest[1]))
        place = len(self._made)
        self._made.append(None)
        return self._filled(kind, rest, place)

    def _filled(self, kind: str, rest: list[Any], place: int) -> object:
        made: Any
        if kind == "array":
            made = self._made[place] = self._arrays[rest[0]]
        elif kind == "strided":
            made = self._made[place] = _strided(self._arrays[rest[0]], rest[1])
        elif kind == "dict":
            made = self._made[place] = {}
            for key, item in rest[0]:
                made[self.value(key)] = self.value(item)
        elif kind == "object":
            made = self._made[place] = object.__new__(self._classes[rest[0]])
            for key, item in rest[1].items():
                object.__setattr__(made, key, self.value(item))
        else:
            made = self._made[place] = _SEQUENCES[kind](self.value(item) for item in rest[0])
        return made


def _attributes(value: object) -> dict[str, object]:
    names = [one.name for one in fields(value)] if is_dataclass(value) else list(vars(value))
    return {name: getattr(value, name) for name in names}


def _strided(values: NDArray[Any], strides: list[int]) -> NDArray[Any]:
    """`values` in memory that is laid out by `strides`, in bytes."""
    reach = sum((length - 1) * stride for length, stride in zip(values.shape, strides, strict=True))
    storage = np.zeros(reach + values.itemsize, np.uint8)
    laid: NDArray[Any] = np.ndarray(values.shape, values.dtype, storage.data, 0, tuple(strides))
    laid[...] = values
    return laid
