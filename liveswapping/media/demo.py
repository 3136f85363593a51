"""`demo:` — moving, talking people for machines without a camera.

The pictures ship inside our dependencies; `animation` moves them. Frame n is the same every time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from liveswapping.domain.errors import EndOfStream, SettingsError, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.protocols import Analyser
from liveswapping.media.info import SourceInfo
from liveswapping.media.scene import Scene


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture of a package: whether all its people move or the largest, and how it fills the frame."""

    package: str
    file: str
    everyone: bool = False
    tiles: int = 1
    """The frame is divided into tiles × tiles of it, each moving on its own."""


PICTURES = {
    "astronaut": _Picture("skimage", "data/astronaut.png"),
    "t1": _Picture("insightface", "data/images/t1.jpg", everyone=True),
    "four": _Picture("skimage", "data/astronaut.png", tiles=2),
}
"""What can be written after `demo:`. NASA's Eileen Collins; six friends at a table; the astronaut four times."""


SIZE = 1280, 720
"""Width and height where nothing else is asked for."""


class DemoSource:
    """People of a still picture who move and talk, as a Source.

    Live, it delivers what is due now and leaves out what nobody took; otherwise every frame, as fast as it is read.
    """

    def __init__(
        self,
        analyser: Analyser,
        picture: str = "astronaut",
        *,
        size: tuple[int, int] = SIZE,
        fps: float = 30.0,
        face_width: float | None = None,
        live: bool = False,
        seconds: float | None = None,
        seed: int = 0,
    ) -> None:
        """`analyser` (for stills) finds the faces to move and stays the caller's; `size` is width, height.

        `face_width` is the width of the largest face's mesh in pixels; without it a single face is a quarter as
        wide as what it is shown in, and a group fills the frame. Raises SettingsError for an unknown picture and
        SourceError when the picture or a face in it is missing.
        """
        image = demo_picture(picture)
        chosen = PICTURES[picture]
        faces = analyser.faces(image)
        if not faces:
            raise SourceError(f"the analyser finds no face in {chosen.file} of {chosen.package}")
        moving = faces if chosen.everyone else faces[:1]
        self._scene = Scene(image, moving, size, face_width=face_width, tiles=chosen.tiles, fps=fps, seed=seed)
        self._fps = Fraction(fps).limit_denominator(1001)
        self._end = None if seconds is None else round(seconds * self._fps)
        self._live = live
        self._name = picture
        self._next = 0
        self._started: float | None = None
        self._closed = False

    @property
    def live(self) -> bool:
        """Whether frames are paced by the clock."""
        return self._live

    @property
    def info(self) -> SourceInfo:
        """Name, size and rate; without `seconds` there is no end."""
        width, height = self._scene.size
        duration = None if self._end is None else self._end / self._fps
        return SourceInfo(f"demo:{self._name}", width, height, self._fps, self._end, duration)

    @property
    def damaged(self) -> int:
        """0: the frames are drawn."""
        return 0

    def read(self, timeout: float) -> Frame | None:
        """The next frame; live, the one that is due. Raises EndOfStream after `seconds`."""
        if self._live and not self._wait(timeout):
            return None
        index = self._next
        if self._closed or (self._end is not None and index >= self._end):
            raise EndOfStream("the demo is over")
        self._next = index + 1
        captured_at = time.perf_counter()
        return Frame(self._scene.draw(index), index, captured_at, None if self._live else Fraction(index) / self._fps)

    def _wait(self, timeout: float) -> bool:
        """Sleep until a frame is due and move on to the newest that is; False when none comes within `timeout`."""
        now = time.perf_counter()
        if self._started is None:
            self._started = now
        self._next = max(self._next, int((now - self._started) * self._fps))
        ahead = self._started + float(self._next / self._fps) - now
        time.sleep(max(0.0, min(ahead, timeout)))
        return ahead <= timeout

    def close(self) -> None:
        """End the stream."""
        self._closed = True


def demo_picture(name: str) -> Image:
    """The still picture behind a demo, out of an installed package, which is not imported for it.

    Raises SettingsError for a name that is unknown and SourceError where the package is not complete.
    """
    if name not in PICTURES:
        raise SettingsError(f"there is no demo '{name}'; known: {', '.join(PICTURES)}")
    picture = PICTURES[name]
    found = find_spec(picture.package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        image = cv2.imread(str(Path(folder, picture.file)), cv2.IMREAD_COLOR)
        if image is not None:
            return np.asarray(image, np.uint8)
    raise SourceError(f"{picture.file} of the package {picture.package} is missing; install it again with pip")
