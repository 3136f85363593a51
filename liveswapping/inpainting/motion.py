"""How pixels move from one picture to another, measured by OpenCV's DIS optical flow, and whether that can be trusted.

A flow is float32 h×w×2, in pixels: (dx, dy) leads from a pixel of the first picture to the same thing in the second.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import F32, Image

Grey: TypeAlias = NDArray[np.uint8]
"""h×w."""

_OUTSIDE: Final = 1e4
"""The flow taken for pixels outside a picture: it agrees with none."""
_RELATIVE: Final = 0.01
_ABSOLUTE: Final = 0.5
"""How far a flow and its way back may disagree: so much of their squared lengths, and so many square pixels.
The criterion of ProPainter (Zhou et al., 2023), after Sundaram et al., 2010."""
_SMALL: Final = 256
"""Pixels of the longer side when two pictures are only to be told apart."""
_SAME_SCENE: Final = 0.3
"""Share of a picture whose motion can be followed to and fro: 0.9 and more within a scene, under 0.1 across a cut."""


def grey(image: Image, size: tuple[int, int] | None = None) -> Grey:
    """A picture's brightness, at `size` (width, height)."""
    if size is not None and size != (image.shape[1], image.shape[0]):
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


class FlowMeter:
    """Measures flows. One thread."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def flow(self, one: Grey, other: Grey) -> F32:
        """From `one` to `other`, of equal size."""
        return np.asarray(self._dis.calc(one, other, np.zeros((*one.shape, 2), np.float32)), np.float32)


def grid(height: int, width: int) -> tuple[F32, F32]:
    """The columns and rows of all pixels."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return columns, rows


def agree(flow: F32, back: F32, slack: float = _ABSOLUTE) -> NDArray[np.bool_]:
    """h×w: where following `flow` and then `back`, of the other picture, comes home.

    `slack`: square pixels by which it may miss, however short the way.
    """
    columns, rows = grid(*flow.shape[:2])
    border = (_OUTSIDE, _OUTSIDE, 0, 0)
    returned = cv2.remap(
        back, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=border,
    )  # fmt: skip
    error = np.square(flow + returned).sum(axis=2)
    length = np.square(flow).sum(axis=2) + np.square(returned).sum(axis=2)
    return np.asarray(error < _RELATIVE * length + slack)


def same_scene(one: Image, other: Image) -> bool:
    """Whether most of what one picture shows can be found in the other."""
    share = min(1.0, _SMALL / max(one.shape[:2]))
    size = max(16, round(one.shape[1] * share)), max(16, round(one.shape[0] * share))
    meter, first, second = FlowMeter(), grey(one, size), grey(other, size)
    followed = agree(meter.flow(first, second), meter.flow(second, first))
    return bool(followed.mean() > _SAME_SCENE)
