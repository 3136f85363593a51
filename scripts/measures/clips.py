"""Talking clips: files, and portraits that the demo animates, in several lights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.media.around import every_frame
from liveswapping.media.open import open_source
from liveswapping.media.scene import Scene
from scripts.measures.people import faces_in, picture_of

SIZE = (640, 360)
FACE_WIDTH = 160.0


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A name and its frames, all of them."""

    name: str
    frames: list[Image]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """A portrait to animate: which picture, which of its faces counted from the left, in which light."""

    picture: str
    face: int = 0
    light: str = "plain"


SYNTHETIC = {
    "astronaut": Synthetic("astronaut"),
    "hanks": Synthetic("hanks"),
    "t1-0": Synthetic("t1", 0),
    "t1-2": Synthetic("t1", 2),
    "t1-3": Synthetic("t1", 3),
    "astronaut-grey": Synthetic("astronaut", light="grey"),
    "astronaut-side": Synthetic("astronaut", light="side"),
    "astronaut-dark": Synthetic("astronaut", light="dark"),
    "hanks-side": Synthetic("hanks", light="side"),
    "t1-3-dark": Synthetic("t1", 3, "dark"),
}
"""Clips that are drawn when they are asked for by name."""


def _grey(image: Image, face: Face) -> Image:
    """Black and white."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _side(image: Image, face: Face) -> Image:
    """Lit from the left only: from 1.25 at one ear to 0.35 at the other."""
    across = (np.arange(image.shape[1]) - face.box[0]) / (face.box[2] - face.box[0])
    gain = np.interp(across, [0.0, 1.0], [1.25, 0.35]).astype(np.float32)
    return np.asarray(np.clip(image * gain[None, :, None] + 0.5, 0, 255), np.uint8)


def _dark(image: Image, face: Face) -> Image:
    """Dark skin: the picture's tones pressed down, red least."""
    tones = (image / 255.0) ** np.array([1.9, 1.7, 1.45])
    return np.asarray(tones * 225.0 + 0.5, np.uint8)


LIGHTS: dict[str, Callable[[Image, Face], Image]] = {
    "plain": lambda image, _: image,
    "grey": _grey,
    "side": _side,
    "dark": _dark,
}


def load_clip(name: str, frames: int) -> Clip:
    """The first `frames` frames of a file, or of a synthetic clip."""
    if name in SYNTHETIC:
        return Clip(name, _animated(SYNTHETIC[name], frames))
    with closing(every_frame(open_source(name))) as read:
        return Clip(Path(name).stem, [frame.image.copy() for frame in islice(read, frames)])


def _animated(what: Synthetic, frames: int) -> list[Image]:
    image = picture_of(what.picture)
    faces = sorted(faces_in(image), key=lambda face: float(face.box[0]))
    face = faces[what.face]
    scene = Scene(LIGHTS[what.light](image, face), [face], SIZE, face_width=FACE_WIDTH, seed=what.face + 1)
    return [scene.draw(index) for index in range(frames)]
