"""Networks from picture to picture, in ONNX Runtime: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.inference.judgement import Array, Port, any_of_one_colour
from liveswapping.inference.session import Session

_FLOATS: Final = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


def sizes(port: Port) -> tuple[int | None, ...]:
    """The shape of an input or output; None where any size will do."""
    return tuple(size if isinstance(size, int) and size > 0 else None for size in port.shape)


def fits(port: Port, wanted: tuple[int | None, ...]) -> bool:
    """The port takes arrays of `wanted` shape (None: any size). An open size fits everything."""
    found = sizes(port)
    return len(found) == len(wanted) and all(
        None in pair or pair[0] == pair[1] for pair in zip(found, wanted, strict=True)
    )


def as_type_of(port: Port, values: Array) -> Array:
    """`values` in the number type that the port takes."""
    return values.astype(_FLOATS.get(port.type, np.float32), copy=False)


def to_planes(pictures: Image, low: float) -> F32:
    """(n, h, w, 3) BGR bytes -> (n, 3, h, w) RGB, black at `low` and white at 1."""
    planes = pictures[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)
    planes *= (1.0 - low) / 255.0
    planes += low
    return np.ascontiguousarray(planes)


def to_bytes(planes: Array, low: float) -> Image:
    """(n, 3, h, w) RGB, black at `low` and white at 1 -> (n, h, w, 3) BGR bytes."""
    whole = np.rint((np.asarray(planes, np.float32) - low) * (255.0 / (1.0 - low))).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(whole.transpose(0, 2, 3, 1)[..., ::-1])


class OnnxPictures:
    """A session with a picture among its inputs and another as its first output. One thread at a time."""

    def __init__(self, session: Session, low: float, picture: Port) -> None:
        """`picture`: the input that takes it; `low`: what black is, 0 or -1."""
        self._session = session
        self._low = low
        self._picture = picture
        self._one_by_one = sizes(self._picture)[0] == 1

    def run(
        self, pictures: Image, beside: Mapping[str, Array] | None = None, same: Mapping[str, Array] | None = None
    ) -> Image:
        """(n, h, w, 3) BGR bytes -> (n, h', w', 3) BGR bytes.

        Other inputs come in `beside` where each picture has its own, (n, …), and in `same` where all share one. A
        model that takes one picture at a time is run once for each.
        """
        planes = as_type_of(self._picture, to_planes(pictures, self._low))
        feed, shared = {self._picture.name: planes, **(beside or {})}, dict(same or {})
        if not self._one_by_one:
            return self._checked({**feed, **shared})
        answers = [
            self._checked({name: values[index : index + 1] for name, values in feed.items()} | shared)
            for index in range(len(pictures))
        ]
        return np.concatenate(answers)

    def _checked(self, feed: Mapping[str, Array]) -> Image:
        """Runs; an answer that cannot be right makes the session go on with more precision, or elsewhere."""
        while True:
            answer = np.asarray(self._session.run(None, feed)[0])
            if not np.isfinite(answer).all():
                self._session.reject("it answered NaN or infinity")
                continue
            pictures = to_bytes(answer, self._low)
            if self._session.precision != "fp16" or not any_of_one_colour(pictures):
                return pictures
            self._session.reject("it answered one colour in fp16")
