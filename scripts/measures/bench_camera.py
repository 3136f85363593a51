"""A camera made of drawn frames: it keeps its rate, shows faces that come and go, and is unplugged on request."""

from __future__ import annotations

import time
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import Image
from liveswapping.media.camera_list import CameraInfo
from liveswapping.media.scene import Scene
from scripts.measures.people import faces_in, picture_of

SIZE = (1280, 720)
SECONDS = 2.0
"""Of every part; it is played to and fro, so that nothing jumps."""
ACT = 150
"""Frames until other people are in the picture."""

Reel = Sequence[Sequence[Image]]


def draw_reel(fps: float, size: tuple[int, int] = SIZE) -> Reel:
    """One person; nobody; four people. Frames of each, `size` is width and height."""
    portrait = picture_of("astronaut")
    faces = faces_in(portrait)[:1]
    count = round(SECONDS * fps)
    one = Scene(portrait, faces, size, fps=fps, seed=1)
    four = Scene(portrait, faces, size, fps=fps, tiles=2, seed=2)
    room = cv2.GaussianBlur(one.draw(0), (0, 0), 80)
    rng = np.random.default_rng(0)
    nobody = [np.asarray(cv2.add(room, rng.integers(0, 6, room.shape, np.uint8)), np.uint8) for _ in range(count)]
    return [one.draw(i) for i in range(count)], nobody, [four.draw(i) for i in range(count)]


class BenchCamera:
    """Hands out capture devices for `media.camera.Camera`; `unplug` makes all of them fail for a while."""

    def __init__(self, reel: Reel, fps: float) -> None:
        self._reel = reel
        self._period = 1 / fps
        self._away_until = 0.0
        self._away = False
        self._shown = 0
        self.returns = 0
        """How often it gave pictures again after it was unplugged."""

    def cameras(self) -> tuple[CameraInfo, ...]:
        """What a list of this machine's cameras would say."""
        return (CameraInfo(0, "bench", "none"),)

    def open(self, index: int) -> _Device:
        """A new device, which works while the camera is plugged in."""
        return _Device(self)

    def unplug(self, seconds: float) -> None:
        """From now on no device gives anything, for a while."""
        self._away_until = time.perf_counter() + seconds
        self._away = True

    def wait(self, due: float) -> bool:
        """Sleep until a picture is due; False while there is no camera."""
        if time.perf_counter() < self._away_until:
            return False
        time.sleep(max(0.0, due - time.perf_counter()))
        return True

    def picture(self) -> Image:
        """The next picture, a new one as a driver's is."""
        self.returns += self._away
        self._away = False
        scene = self._reel[self._shown // ACT % len(self._reel)]
        place = self._shown % (2 * len(scene) - 2)
        self._shown += 1
        return scene[min(place, 2 * len(scene) - 2 - place)].copy()

    @property
    def period(self) -> float:
        """Seconds from picture to picture."""
        return self._period


class _Device:
    """As `media.capture.CaptureDevice`."""

    def __init__(self, camera: BenchCamera) -> None:
        self._camera = camera
        self._due = time.perf_counter()

    def grab(self) -> bool:
        if not self._camera.wait(self._due):
            return False
        self._due = max(self._due + self._camera.period, time.perf_counter())
        return True

    def retrieve(self) -> tuple[bool, NDArray[np.generic] | None]:
        return True, self._camera.picture()

    def get(self, prop: int, /) -> float:
        return 0.0

    def set(self, prop: int, value: float, /) -> bool:
        return False

    def release(self) -> None:
        pass
