"""A whole picture made larger and better: background by an upscaler, faces by a restorer on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Restorer, Upscaler
from liveswapping.imaging.paste import paste


def enlarge(
    image: Image, faces: Sequence[Face], restorer: Restorer | None, upscaler: Upscaler | None, scale: float
) -> Image:
    """`image`, `scale` times as large. Without an upscaler the background is only interpolated.

    `faces` are those of `image`, and only they are restored. The upscaler's own scale decides where there is one.
    """
    if upscaler is not None:
        large = upscaler.upscale(image)
    elif scale == 1.0:
        large = image.copy()
    else:
        size = round(image.shape[1] * scale), round(image.shape[0] * scale)
        large = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
    if restorer is not None and faces:
        paste(large, restorer.restore(large, [_enlarged(face, large.shape[1] / image.shape[1]) for face in faces]))
    return large


def _enlarged(face: Face, scale: float) -> Face:
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
