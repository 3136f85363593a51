"""What becomes of a picture and its mask before it is filled: another size, more room around it, a part of it only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.frame import Image, Region
from liveswapping.inpainting.shots import Hole, Shot

_MULTIPLE: Final = 8
"""Extended sides are multiples of this, as ProPainter has it."""
_EATEN: Final = 4
"""Pixels of the source whose motion is not believed where it is extended …"""
_WIDE: Final = 10
"""… by more than so many pixels."""
_MARGIN: Final = 0.75
"""Share of a mask's rectangle that is kept around it where only a part of the picture is worked on …"""
_LEAST: Final = 64
"""… and pixels, at least."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """How pictures of `width`×`height` are laid out. Lengths in pixels."""

    width: int
    height: int
    """Of the source."""
    size: tuple[int, int]
    """Width and height that it is brought to."""
    extended: tuple[int, int]
    """Width and height with the room around it that is to be painted; `size`: none."""
    dilation: int = 4
    """By how much masks grow."""
    crop: Region | None = None
    """The part of the extended picture that is worked on; None: all of it."""

    @classmethod
    def of(
        cls, width: int, height: int, *, ratio: float = 1.0, wanted: tuple[int, int] | None = None,
        scales: tuple[float, float] | None = None, dilation: int = 4,
    ) -> Canvas:  # fmt: skip
        """`wanted`: another width and height; `ratio` times that; `scales`: extended so many times across and down."""
        across, down = wanted or (width, height)
        size = max(1, int(ratio * across)), max(1, int(ratio * down))
        if min(size) < 16:
            raise SettingsError(f"pictures of {size[0]}×{size[1]} are too small to be worked on; choose a larger size")
        extended = size
        if scales is not None:
            extended = _extended(size[0], scales[0]), _extended(size[1], scales[1])
        if extended == size and scales is not None:
            raise SettingsError(f"extending by {scales[0]:g}×{scales[1]:g} adds no pixel; give larger scales")
        return cls(width, height, size, extended, dilation)

    @property
    def outpaints(self) -> bool:
        """Whether there is room around the picture to be painted."""
        return self.extended != self.size

    @property
    def offset(self) -> tuple[int, int]:
        """Where the source's left and top edge come to lie."""
        return (self.extended[0] - self.size[0]) // 2, (self.extended[1] - self.size[1]) // 2

    def picture(self, image: Image) -> Image:
        """A source picture, laid out."""
        image = _resized(image, self.size)
        if not self.outpaints:
            return image
        result = np.zeros((self.extended[1], self.extended[0], 3), np.uint8)
        left, top = self.offset
        result[top : top + self.size[1], left : left + self.size[0]] = image
        return result

    def shot(self, picture: Image, hole: Hole) -> Shot:
        """What is to be filled of a picture that is laid out; `hole` has the source's size."""
        if self.outpaints:
            filled, flow = self._around()
        else:
            filled, flow = grown(_nearest(hole, self.size), self.dilation), None
        part = self._part
        return Shot(
            np.ascontiguousarray(picture[part]),
            np.ascontiguousarray(filled[part]),
            None if flow is None else np.ascontiguousarray(flow[part]),
        )

    def result(self, picture: Image, filled: Image) -> Image:
        """The picture, laid out, with its filled part in it."""
        if self.crop is None:
            return filled
        whole = picture.copy()
        whole[self.crop.slices] = filled
        return whole

    @property
    def _part(self) -> tuple[slice, slice]:
        return (slice(None), slice(None)) if self.crop is None else self.crop.slices

    def _around(self) -> tuple[Hole, Hole]:
        """What is painted around the source, and what of the source's own edge is not believed of motion."""
        (left, top), (width, height) = self.offset, self.size
        filled = np.ones((self.extended[1], self.extended[0]), np.bool_)
        flow = filled.copy()
        filled[top : top + height, left : left + width] = False
        eaten_x, eaten_y = (_EATEN if start > _WIDE else 0 for start in (left, top))
        flow[top + eaten_y : top + height - eaten_y, left + eaten_x : left + width - eaten_x] = False
        return filled, flow


def grown(hole: Hole, pixels: int) -> Hole:
    """A hole that reaches so many pixels further, counted along rows and columns: scipy's binary dilation."""
    if not pixels:
        return hole
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(hole.astype(np.uint8), cross, iterations=pixels)).astype(np.bool_)


def part_around(hole: Hole, least: int = 128) -> Region | None:
    """The part of a picture that filling `hole` needs to see, with sides of `least` or more where there are so many.

    Not the same picture comes of it as of the whole: motion and likeness are looked for in this part only. None: the
    hole is empty.
    """
    spans = []
    for axis, length in ((0, hole.shape[1]), (1, hole.shape[0])):
        places = np.flatnonzero(hole.any(axis=axis))
        if not places.size:
            return None
        begin, end = int(places[0]), int(places[-1]) + 1
        margin = max(_LEAST, round(_MARGIN * (end - begin)), (least - (end - begin) + 1) // 2)
        begin, end = max(0, begin - margin), min(length, end + margin)
        short = min(length, -(-max(least, end - begin) // 16) * 16)
        begin = max(0, min(begin, length - short))
        spans.append((begin, short))
    (left, width), (top, height) = spans
    return Region(left, top, width, height)


def _extended(length: int, scale: float) -> int:
    return max(length, int(scale * length) // _MULTIPLE * _MULTIPLE)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    """Bicubic with the support that the scale asks for, by Pillow: that is what the published procedure uses."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    import PIL.Image

    return np.asarray(PIL.Image.fromarray(image).resize(size, PIL.Image.Resampling.BICUBIC), np.uint8)


def _nearest(hole: NDArray[np.bool_], size: tuple[int, int]) -> Hole:
    if (hole.shape[1], hole.shape[0]) == size:
        return hole
    scaled = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(scaled).astype(np.bool_)
