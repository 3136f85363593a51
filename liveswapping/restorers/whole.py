"""A whole picture made larger and better: background by an upscaler, faces by a restorer on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.protocols import Restorer, Upscaler
from liveswapping.imaging.paste import paste
from liveswapping.inference.outcome import Placed
from liveswapping.restorers.faces import FaceRestorer
from liveswapping.restorers.realesrgan import RealEsrgan


class WholeRestorer:
    """Improver by a face restorer, an upscaler, or both; it owns them. One thread at a time."""

    def __init__(
        self,
        restorer: Restorer | None,
        upscaler: RealEsrgan | None,
        scale: float = 1.0,
        only_centre: bool = False,
        aligned: bool = False,
    ) -> None:
        """`only_centre`: restore no other face than the one nearest to the centre; `aligned`: pictures are faces.

        `aligned` is for a FaceRestorer.
        """
        self._restorer = restorer
        self._upscaler = upscaler
        self._scale = scale
        self._only_centre = only_centre
        self._aligned = aligned
        self._pool = ImagePool()

    @property
    def networks(self) -> tuple[Placed, ...]:
        """What is open, each of which says where it runs."""
        parts = self._restorer, self._upscaler
        return tuple(part.network for part in parts if isinstance(part, FaceRestorer | RealEsrgan))

    def improve(self, image: Image, faces: Sequence[Face]) -> Image:
        """`image`, `scale` times as large, with its `faces` restored."""
        if self._aligned and isinstance(self._restorer, FaceRestorer):
            large = enlarge(image, (), None, self._upscaler, self._scale, self._pool)
            paste(large, [self._restorer.restore_aligned(large)])
            return large
        chosen = nearest_to_centre(image, faces) if self._only_centre else faces
        return enlarge(image, chosen, self._restorer, self._upscaler, self._scale, self._pool)

    def close(self) -> None:
        """Release both."""
        with ExitStack() as parts:
            for part in (self._restorer, self._upscaler):
                if part is not None:
                    parts.callback(part.close)


def enlarge(
    image: Image,
    faces: Sequence[Face],
    restorer: Restorer | None,
    upscaler: Upscaler | None,
    scale: float,
    pool: ImagePool | None = None,
) -> Image:
    """`image`, `scale` times as large. Without an upscaler the background is only interpolated.

    `faces` are those of `image`, and only they are restored. The upscaler's own scale decides where there is one.
    `pool`: where a picture of the same size is taken from.
    """
    if upscaler is not None:
        large = upscaler.upscale(image)
    elif scale == 1.0:
        large = image.copy() if pool is None else pool.copy(image)
    else:
        size = round(image.shape[1] * scale), round(image.shape[0] * scale)
        large = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    if restorer is not None and faces:
        paste(large, restorer.restore(large, [scaled(face, large.shape[1] / image.shape[1]) for face in faces]))
    return large


def nearest_to_centre(image: Image, faces: Sequence[Face]) -> Sequence[Face]:
    """The one of `faces` that lies nearest to the centre of `image`; none of none."""
    centre = np.array([image.shape[1], image.shape[0]], np.float32) / 2
    return sorted(faces, key=lambda face: float(np.linalg.norm((face.box[:2] + face.box[2:]) / 2 - centre)))[:1]


def scaled(face: Face, scale: float) -> Face:
    """The face in a picture `scale` times as large. Pixel centres lie at integers."""
    shift = (scale - 1.0) / 2.0
    mesh = None if face.mesh is None else face.mesh * np.float32(scale)
    if mesh is not None:
        mesh[:, :2] += np.float32(shift)
    return replace(
        face,
        box=np.asarray(face.box * scale + shift, np.float32),
        keypoints=np.asarray(face.keypoints * scale + shift, np.float32),
        mesh=mesh,
    )
