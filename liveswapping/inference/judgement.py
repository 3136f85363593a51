"""Whether what a network answered can be right: the probe that every provider must pass before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import ModelLoadError

Array = NDArray[np.generic]
TOLERANCE: Final = 0.05
"""Root mean square of the difference to the processor's answer, as a share of that answer's own spread. Half precision
and bfloat16 stay below a fifth of it on our networks; a wrong kernel does not."""
_SAMPLE: Final = 8
"""Of a picture, every this many pixels are looked at: a NaN anywhere makes all of a face one colour."""
_RELATIVE: Final = 1e-3
_ABSOLUTE: Final = 1e-6
_TYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}


class Port(Protocol):
    """An input or output, as ONNX Runtime describes it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def shape(self) -> Sequence[int | str | None]:
        """Sizes; text or None where any size will do."""
        ...

    @property
    def type(self) -> str:
        """Such as tensor(float)."""
        ...


ANY: Final = "*"
"""Stands for every input that is not named itself and has as many dimensions."""


def probe_feed(ports: Sequence[Port], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Inputs for one trial run: random numbers 0..1, always the same.

    `shapes` fills in the sizes that inputs leave open (see ANY); an open first size is 1 without. Raises
    ModelLoadError where a size stays open or the type is not a number's.
    """
    random = np.random.default_rng(0)
    feed: dict[str, Array] = {}
    for port in ports:
        named = shapes.get(port.name) or shapes.get(ANY, ())
        filling = named if len(named) == len(port.shape) else (1, *[None] * len(port.shape))
        chosen = (
            own if isinstance(own, int) and own > 0 else other for own, other in zip(port.shape, filling, strict=False)
        )
        sizes = [size for size in chosen if isinstance(size, int)]
        if port.type not in _TYPES or len(sizes) != len(port.shape):
            raise ModelLoadError(
                f"its input '{port.name}' ({port.type}, {list(port.shape)}) is none that is given here"
            )
        feed[port.name] = np.asarray(random.random(sizes), _TYPES[port.type])
    return feed


def fault(answers: Sequence[Array], reference: Sequence[Array] | None = None) -> str | None:
    """What is wrong with the answers to a probe, or None. `reference`: the processor's, where it was asked."""
    numbers = [np.asarray(answer, np.float64) for answer in answers]
    if not all(np.isfinite(answer).all() for answer in numbers):
        return "it answered NaN or infinity"
    pictures = [answer for answer in numbers if answer.size > 1]
    if pictures and not any(np.ptp(answer) > _ABSOLUTE for answer in pictures):
        return "it answered the same number everywhere"
    if reference is None:
        return None
    for answer, right in zip(numbers, reference, strict=True):
        if answer.shape != right.shape:
            return f"it answered {answer.shape} where the processor answers {right.shape}"
        wide = np.asarray(right, np.float64)
        off = float(np.sqrt(np.mean((answer - wide) ** 2))) if wide.size else 0.0
        scale = float(np.abs(wide).max()) if wide.size else 0.0
        allowed = TOLERANCE * float(wide.std() if wide.size else 0.0) + _RELATIVE * scale + _ABSOLUTE
        if off > allowed:
            return f"it answered something else than the processor (off by {off:.3g}, allowed {allowed:.3g})"
    return None


def any_of_one_colour(pictures: Array) -> bool:
    """Whether there is one among (n, h, w, 3) pictures, as half precision may leave it; few pixels are looked at."""
    some = pictures[:, ::_SAMPLE, ::_SAMPLE].reshape(len(pictures), -1)
    return bool((some.min(axis=1) == some.max(axis=1)).any())
