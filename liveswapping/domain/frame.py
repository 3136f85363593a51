"""Pictures and frames, the values that everything else passes on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""A picture: uint8, H×W×3, BGR, C-contiguous."""

F32: TypeAlias = NDArray[np.float32]
"""Any float32 array; the docstring that uses it gives shape and unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source. Nobody writes into `image` after the frame was handed over."""

    image: Image
    index: int
    """Position in the source, from 0. A live source counts every frame it captured, delivered or not."""
    captured_at: float
    """`time.perf_counter()` when the picture came in, in seconds: the start of end-to-end latency."""
    pts: Fraction | None = None
    """Presentation time in seconds from the start of the file; None for live sources."""


@dataclass(frozen=True, slots=True)
class Region:
    """An integer rectangle of a frame, in pixels: columns left..left+width, rows top..top+height."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index a frame with this to see the rectangle: `image[region.slices]`."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """How much of a face is really visible (1) or hidden by something in front of it (0).

    `values` is float32, `region.height` × `region.width`, in the frame's own pixels; outside the region: 1.
    """

    region: Region
    values: F32
