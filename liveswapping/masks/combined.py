"""Several maskers as one: a pixel is visible where all of them say so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import reduce

import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image, Mask, Region
from liveswapping.domain.protocols import Masker, Resumable


class CombinedMasker:
    """Masker by others, which it owns. One thread at a time."""

    def __init__(self, maskers: Sequence[Masker]) -> None:
        self._maskers = tuple(maskers)

    def start(self, image: Image) -> None:
        """Begin in all of them."""
        for masker in self._maskers:
            masker.start(image)

    def mask(self, image: Image, face: Face) -> Mask | None:
        """The product of all; None where none has anything to say."""
        masks = [masker.mask(image, face) for masker in self._maskers]
        known = [mask for mask in masks if mask is not None]
        return reduce(both, known) if known else None

    def reset(self) -> None:
        """Forget earlier frames."""
        for masker in self._maskers:
            masker.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        return [masker.state() if isinstance(masker, Resumable) else None for masker in self._maskers]

    def restore(self, state: list[object]) -> None:
        """As `Resumable.restore`."""
        parts: tuple[object, ...] = self._maskers
        for part, within in zip(parts, state, strict=True):
            if isinstance(part, Resumable):
                part.restore(within)

    def close(self) -> None:
        """Release all of them."""
        with ExitStack() as parts:
            for masker in self._maskers:
                parts.callback(masker.close)


def both(one: Mask, other: Mask) -> Mask:
    """What is visible by both; outside its own region each says 1."""
    left, top = min(one.region.left, other.region.left), min(one.region.top, other.region.top)
    right = max(one.region.left + one.region.width, other.region.left + other.region.width)
    bottom = max(one.region.top + one.region.height, other.region.top + other.region.height)
    values = np.ones((bottom - top, right - left), np.float32)
    for mask in (one, other):
        place = Region(mask.region.left - left, mask.region.top - top, mask.region.width, mask.region.height)
        values[place.slices] *= mask.values
    return Mask(Region(left, top, right - left, bottom - top), values)
