"""Heads that are moved over a background, for tests of tracking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image

STAGE = (640, 360)
"""Width and height of the test frames."""
WIDTH = 70
"""Of a head's face, in pixels."""


@dataclass(frozen=True, eq=False)
class Head:
    """A head and its soft mask, centred."""

    picture: Image
    mask: F32


def cut_out(picture: Image, face: Face) -> Head:
    """The head around `face`, its face `WIDTH` pixels wide."""
    (x1, y1, x2, y2), width, height = face.box, round(2.2 * WIDTH), round(2.8 * WIDTH)
    scale = WIDTH / float(x2 - x1)
    matrix = np.array([[scale, 0, width / 2 - scale * (x1 + x2) / 2], [0, scale, height / 2 - scale * (y1 + y2) / 2]])
    head = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(mask, (width // 2, height // 2), (round(0.75 * WIDTH), round(1.05 * WIDTH)), 0, 0, 360, 1.0, -1)
    return Head(np.asarray(head, np.uint8), cv2.GaussianBlur(mask, (0, 0), 2)[..., None])


def stage() -> Image:
    """A background without a face."""
    return np.asarray(cv2.resize(skimage.data.coffee()[:, :, ::-1], STAGE), np.uint8)


def scene(*actors: tuple[Head, float, float]) -> Image:
    """A frame with heads at x, y; later ones are in front."""
    return add(stage(), actors)


def add(frame: Image, actors: Iterable[tuple[Head, float, float]]) -> Image:
    """Draw heads into `frame`, cut off where they leave it."""
    for head, x, y in actors:
        height, width = head.mask.shape[:2]
        left, top = round(x - width / 2), round(y - height / 2)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, STAGE[0]), min(top + height, STAGE[1])
        if x0 < x1 and y0 < y1:
            part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
            behind = frame[y0:y1, x0:x1]
            behind[:] = behind + (head.picture[part].astype(np.float32) - behind) * head.mask[part]
    return frame


def middle(face: Face) -> F32:
    """The centre of a face's box."""
    return np.asarray((face.box[:2] + face.box[2:]) / 2, np.float32)


def nearest(faces: Iterable[Face], x: float, y: float) -> Face:
    """The face nearest to a place."""
    return min(faces, key=lambda face: float(np.hypot(*(middle(face) - [x, y]))))
