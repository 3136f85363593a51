"""Slow engines of other kinds than the product's: what people might put behind `--swapper` and never show anybody.

`scripts/temporal_quality.py --swapper scripts.measures.kinds:Blurred` takes one: a Swapper, made without arguments.
They share a crop along the face's five keypoints, as networks see it, but for those that change its outline.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.face import Face, Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.look import Look
from liveswapping.imaging.align import SWAP, crop
from liveswapping.imaging.colour_match import match_light
from liveswapping.imaging.face_mesh import OVAL
from liveswapping.imaging.patch_mask import box_mask, face_mask
from liveswapping.swappers.mesh.engine import MeshSwapper
from scripts.measures.people import faces_in, picture_of

SIZE: Final = 256
"""Pixels per side of a crop."""
_SHARE: Final = 0.6
"""How much of the other face `Mixed` and `Other` show."""


class _Cropped(ABC):
    """What happens to an aligned crop is told by `made`."""

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        return [self._patch(image, target.face) for target in targets]

    def close(self) -> None:  # noqa: B027 - there is nothing to release
        """Nothing to release."""

    @abstractmethod
    def made(self, face: Image) -> Image:
        """What becomes of a crop (SIZE, SIZE, 3)."""

    def _patch(self, image: Image, face: Face) -> Patch:
        matrix = SWAP.matrix(face.keypoints, SIZE)
        return Patch(self.made(crop(image, matrix, SIZE)), matrix, face_mask(face, matrix, SIZE))


class Recoloured(_Cropped):
    """A blue face: its hue turned, a little brighter."""

    def made(self, face: Image) -> Image:
        """In HSV."""
        hsv = cv2.cvtColor(face, cv2.COLOR_BGR2HSV).astype(np.float32)
        hsv[..., 0] = (hsv[..., 0] + 95.0) % 180.0
        hsv[..., 2] = np.minimum(255.0, hsv[..., 2] * 1.1)
        return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR), np.uint8)


class Negative(_Cropped):
    """Light and dark exchanged."""

    def made(self, face: Image) -> Image:
        """By levels."""
        return np.asarray(255 - face, np.uint8)


class Blurred(_Cropped):
    """Out of focus."""

    def made(self, face: Image) -> Image:
        """A Gaussian of a thirtieth of the crop."""
        return np.asarray(cv2.GaussianBlur(face, (0, 0), SIZE / 30), np.uint8)


class Sharpened(_Cropped):
    """Crisper, as a restored face is."""

    def made(self, face: Image) -> Image:
        """Half as much again of what a Gaussian takes away."""
        soft = cv2.GaussianBlur(face, (0, 0), SIZE / 100)
        return np.asarray(cv2.addWeighted(face, 1.5, soft, -0.5, 0.0), np.uint8)


class Cartoon(_Cropped):
    """Few colours and dark lines."""

    def made(self, face: Image) -> Image:
        """Flattened, eight levels a channel, edges drawn."""
        flat = cv2.bilateralFilter(cv2.medianBlur(face, 5), 9, 40, 7)
        levels = (flat // 32) * 32 + 16
        lines = cv2.adaptiveThreshold(
            cv2.medianBlur(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), 5),
            255,
            cv2.ADAPTIVE_THRESH_MEAN_C,
            cv2.THRESH_BINARY,
            15,
            6,
        )
        return np.asarray(cv2.bitwise_and(levels, levels, mask=lines), np.uint8)


class Painted(_Cropped):
    """A soft cartoon: smooth patches with their colours a little stronger, without lines."""

    def made(self, face: Image) -> Image:
        """Flattened, more saturated."""
        flat = cv2.bilateralFilter(face, 15, 50, 12)
        hsv = cv2.cvtColor(flat, cv2.COLOR_BGR2HSV).astype(np.float32)
        hsv[..., 1] = np.minimum(255.0, hsv[..., 1] * 1.4)
        return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR), np.uint8)


@cache
def _photograph() -> Image:
    """Another face, cropped as a network sees it."""
    picture = picture_of("t1")
    faces = sorted(faces_in(picture), key=lambda face: float(face.box[0]))
    return crop(picture, SWAP.matrix(faces[2].keypoints, SIZE), SIZE)


class Mixed(_Cropped):
    """Another face laid half over the camera's."""

    def made(self, face: Image) -> Image:
        """A fixed share of both."""
        return np.asarray(cv2.addWeighted(_photograph(), _SHARE, face, 1 - _SHARE, 0.0), np.uint8)


class Other(_Cropped):
    """Another face, stiff, in the light of this one: it follows the keypoints alone."""

    def made(self, face: Image) -> Image:
        """The photograph in the crop's light."""
        return match_light(_photograph(), face, box_mask(SIZE), 1.0)


class Textured(_Cropped):
    """The face with a pattern of noise on it, which follows the keypoints."""

    def made(self, face: Image) -> Image:
        """The same noise at all times, of a few pixels' size."""
        return np.asarray(np.clip(face.astype(np.float32) + _noise(), 0, 255), np.uint8)


class Noise(_Cropped):
    """Nothing but a pattern, the same at all times."""

    def made(self, face: Image) -> Image:
        """The pattern around a grey that is as bright as the face."""
        return np.asarray(np.clip(face.mean(axis=(0, 1)) + 2.0 * _noise(), 0, 255), np.uint8)


@cache
def _noise() -> F32:
    """(SIZE, SIZE, 3) around 0, smooth over 3 pixels."""
    noise = np.random.default_rng(7).standard_normal((SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3.0)
    return np.asarray(smooth * (20.0 / smooth.std()), np.float32)


class Reshaped(MeshSwapper):
    """The built-in engine with the source's proportions, which takes the surroundings of the outline along."""

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """As `Look.shape` 1 has it, whatever the target says."""
        look = Look(shape=1.0)
        return super().swap(image, [Target(one.face, one.identity, one.visible, look) for one in targets])


class Bulged:
    """The camera's own face, wider by an eighth: everything moves and no pixel is new."""

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        return [self._patch(image, target.face) for target in targets]

    def close(self) -> None:
        """Nothing to release."""

    def _patch(self, image: Image, face: Face) -> Patch:
        if face.mesh is None:
            raise ValueError("this engine needs a mesh")
        outline = face.mesh[list(OVAL), :2]
        centre, reach = outline.mean(axis=0), 1.6 * float(np.linalg.norm(outline - outline.mean(axis=0), axis=1).mean())
        left, top = np.floor(centre - reach).astype(int)
        side = int(2 * reach)
        y, x = np.mgrid[:side, :side].astype(np.float32) + np.array([top, left], np.float32)[:, None, None]
        distance = np.hypot(x - centre[0], y - centre[1]) / reach
        grown = 1.0 - 0.12 * np.clip(1.0 - distance**2, 0.0, 1.0) ** 1.5
        picture = cv2.remap(
            image, centre[0] + (x - centre[0]) * grown, centre[1] + (y - centre[1]) * grown, cv2.INTER_LINEAR
        )
        mask = np.clip((1.0 - distance) * 10.0, 0.0, 1.0).astype(np.float32)
        matrix = np.array([[1, 0, -left], [0, 1, -top]], np.float32)
        return Patch(np.asarray(picture, np.uint8), matrix, mask)
