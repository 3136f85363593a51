"""Restoring faces that are already in the picture: align, restore all in one batch, say what goes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import cv2
import numpy as np

from liveswapping.domain.face import Face, Patch
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.align import FFHQ, crop
from liveswapping.imaging.patch_mask import face_mask
from liveswapping.inference.outcome import Placed

_CENTRE: Final = (0.5, 0.56)
_RADII: Final = (0.31, 0.41)
"""Of the face's ellipse, as shares of that crop's side, where no mesh tells the outline."""
_SOFTNESS: Final = 0.05


class FaceNetwork(Placed, Protocol):
    """A network that restores aligned faces."""

    @property
    def size(self) -> int:
        """Pixels per side of a face."""
        ...

    def run(self, faces: Image) -> Image:
        """(n, size, size, 3) BGR bytes -> the same, restored."""
        ...


class FaceRestorer:
    """Restorer by a network that it owns. One thread at a time."""

    def __init__(self, network: FaceNetwork, weight: float = 1.0) -> None:
        """`weight` 0..1: how much of the restored face is taken; the rest is what was there."""
        self.network = network
        """What it runs on, and why not on something faster, is the network's to say."""
        self.weight = weight

    def restore(self, image: Image, faces: Sequence[Face]) -> Sequence[Patch]:
        """One patch per face, in order."""
        if not faces:
            return []
        size = self.network.size
        matrices = [FFHQ.matrix(face.keypoints, size) for face in faces]
        crops = np.stack([crop(image, matrix, size) for matrix in matrices])
        mixed = self._mixed(self.network.run(crops), crops)
        return [
            Patch(np.ascontiguousarray(picture), matrix, _mask(face, matrix, size))
            for picture, matrix, face in zip(mixed, matrices, faces, strict=True)
        ]

    def restore_aligned(self, image: Image) -> Patch:
        """A picture that is one aligned face already: all of it, pulled to the network's size and back."""
        size = self.network.size
        whole = np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
        mixed = self._mixed(self.network.run(whole[None])[0], whole)
        across, down = size / image.shape[1], size / image.shape[0]
        matrix = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]], np.float32)
        return Patch(np.ascontiguousarray(mixed), matrix, np.ones((size, size), np.float32))

    def close(self) -> None:
        """Release the network."""
        self.network.close()

    def _mixed(self, restored: Image, before: Image) -> Image:
        """As much of what was restored as is wanted."""
        if self.weight == 1.0:
            return restored
        return np.asarray(cv2.addWeighted(restored, self.weight, before, 1.0 - self.weight, 0.0), np.uint8)


def _mask(face: Face, matrix: F32, size: int) -> F32:
    """The face and no background: a generator that was trained on portraits invents its own."""
    if face.mesh is not None:
        return face_mask(face, matrix, size)
    mask = np.zeros((size, size), np.float32)
    centre = tuple(round(share * size) for share in _CENTRE)
    radii = tuple(round(share * size) for share in _RADII)
    cv2.ellipse(mask, centre, radii, 0.0, 0.0, 360.0, (1.0,), -1)
    side = 2 * max(1, round(size * _SOFTNESS)) + 1
    return np.asarray(cv2.GaussianBlur(mask, (side, side), 0), np.float32)
