"""The whole live path with its networks on a CUDA card: a camera of drawn frames of 1920×1080, one face."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import torch

from liveswapping.build import build_runner
from liveswapping.domain.face import Identity, Portrait
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.settings import Settings
from liveswapping.inference.networks.reswapper import LATENT
from liveswapping.media.scene import Scene
from liveswapping.pipeline.runner import Runner
from liveswapping.swappers.reswapper import open_reswapper
from liveswapping.swappers.temporal.engine import TemporalSwapper
from scripts.measures.card_product import Figures, Files
from scripts.measures.people import faces_in, picture_of

SIZE: Final = (1920, 1080)
FACE_WIDTH: Final = 300.0
DRAWN: Final = 90
"""Different pictures, played to and fro."""
WARM_UP: Final = 300
"""Frames that do not count."""


@dataclass(slots=True)
class DrawnCamera:
    """A live source: whoever reads gets the newest picture, and waits for the next where he has had that."""

    pictures: list[Image]
    fps: float
    live: bool = True
    _began: float = field(default_factory=time.perf_counter)
    _last: int = -1

    def read(self, timeout: float) -> Frame | None:
        """The newest picture; None where there is no new one within `timeout` seconds."""
        index = int((time.perf_counter() - self._began) * self.fps)
        if index <= self._last:
            wait = self._began + (self._last + 1) / self.fps - time.perf_counter()
            time.sleep(max(0.0, min(wait, timeout)))
            index = int((time.perf_counter() - self._began) * self.fps)
            if index <= self._last:
                return None
        self._last = index
        place = index % (2 * len(self.pictures) - 2)
        image = self.pictures[min(place, 2 * len(self.pictures) - 2 - place)]
        return Frame(image, index, self._began + index / self.fps)

    def close(self) -> None:
        """Nothing to release."""


@dataclass(slots=True)
class Watch:
    """A sink that notes when frames came and how old they were, and what the card holds."""

    enough: int
    over: threading.Event = field(default_factory=threading.Event)
    came: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    device: list[float] = field(default_factory=list)

    def write(self, frame: Frame) -> None:
        """Note one frame."""
        now = time.perf_counter()
        self.came.append(now)
        self.ages.append(now - frame.captured_at)
        if len(self.came) % 500 == 0:
            free, total = torch.cuda.mem_get_info()
            self.device.append((total - free) / 1e6)
        if len(self.came) >= self.enough + WARM_UP:
            self.over.set()

    def close(self) -> None:
        """Nothing to release."""


def drawn() -> tuple[list[Image], Identity]:
    """What the camera shows, and somebody to become."""
    portrait = picture_of("astronaut")
    face = faces_in(portrait)[0]
    scene = Scene(portrait, [face], SIZE, face_width=FACE_WIDTH)
    embedding = np.full(LATENT, LATENT**-0.5, np.float32)
    person = Identity("somebody", (Portrait(portrait, replace(face, embedding=embedding)),))
    return [scene.draw(index) for index in range(DRAWN)], person


def live(files: Files, pictures: list[Image], person: Identity, frames: int, fps: float, *, restore: bool) -> Figures:
    """Frames a second and their age, with quality fixed: every frame is analysed, swapped, and restored if asked."""
    watch = Watch(frames)
    with _runner(files, DrawnCamera(pictures, fps), person, watch, restore=restore) as runner:
        watch.over.wait(60.0 + frames / 20.0)
        status = runner.status
    came, ages = np.array(watch.came[WARM_UP:]), 1e3 * np.array(watch.ages[WARM_UP:])
    stages = {name: stage.p50_ms for name, stage in status.stages.items()}
    return {
        "camera_fps": fps,
        "restore": restore,
        "frames": len(came),
        "fps": (len(came) - 1) / float(came[-1] - came[0]),
        "p50_ms": float(np.quantile(ages, 0.5)),
        "p95_ms": float(np.quantile(ages, 0.95)),
        "device_mb": max(watch.device[1:], default=0.0) - min(watch.device[1:], default=0.0),
        "swapped": status.frames_swapped / max(1, status.frames_delivered),
        "failures": status.failures,
        "stages_ms": stages,
        "covered": status.frames_covered,
    }


@contextmanager
def _runner(files: Files, camera: DrawnCamera, person: Identity, watch: Watch, *, restore: bool) -> Iterator[Runner]:
    """A live run as the product builds it, at work on a thread of its own."""
    settings = Settings(quality="fixed", enhancer=str(files.gfpgan) if restore else "none")
    # The engine as the product opens it, but for the identity map, which must be the published file.
    swapper = TemporalSwapper(open_reswapper(files.reswapper, np.eye(LATENT, dtype=np.float32)), always=False)
    runner = build_runner(settings, person, camera, [watch], swapper=swapper)
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join()
