"""A scene's pictures as the networks take them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liveswapping.inference.networks.propainter.raft_size import SMALLEST
from liveswapping.inpainting.shots import Reel, Shot

_MULTIPLE: Final = 8


class Frames:
    """A reel's pictures, their edges repeated to sides that the networks take."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        height, width = reel[reel.lowest].image.shape[:2]
        self.size = height, width
        """Of the pictures."""
        self.padded = _taken(height), _taken(width)
        """As the networks see them."""

    def picture(self, index: int) -> NDArray[np.uint8]:
        """H×W×3 RGB."""
        return np.ascontiguousarray(self._wide(self._shot(index).image)[..., ::-1])

    def tensor(self, index: int) -> Tensor:
        """(1, 3, H, W) RGB -1..1."""
        return torch.from_numpy(self.picture(index)).permute(2, 0, 1)[None].float() / 255 * 2 - 1

    def hole(self, index: int) -> Tensor:
        """(1, 1, H, W): 1 in the hole, else 0."""
        return self._mask(self._shot(index).hole)

    def flow_hole(self, index: int) -> Tensor:
        """(1, 1, H, W): 1 where motion is not believed, else 0."""
        shot = self._shot(index)
        return self._mask(shot.hole if shot.flow_hole is None else shot.flow_hole)

    def has_hole(self, index: int) -> bool:
        """Whether there is anything to fill."""
        return bool(self._shot(index).hole.any())

    def _shot(self, index: int) -> Shot:
        return self._reel[index]

    def _mask(self, hole: NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(self._wide(hole.astype(np.uint8)))[None, None].float()

    def _wide(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        below, beside = self.padded[0] - self.size[0], self.padded[1] - self.size[1]
        if not below and not beside:
            return picture
        return np.asarray(cv2.copyMakeBorder(picture, 0, below, 0, beside, cv2.BORDER_REPLICATE), np.uint8)


def doubled(reel: Reel) -> Reel:
    """A scene of a single picture, as if it stood for two: flow needs two."""
    return Reel(iter([reel[0], reel[0]]))


def _taken(side: int) -> int:
    return max(SMALLEST, -(-side // _MULTIPLE) * _MULTIPLE)
