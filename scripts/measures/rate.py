"""How many pictures a second come out while a slow engine works beside them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from liveswapping.build import open_store
from liveswapping.domain.face import Identity, Patch, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Swapper
from liveswapping.domain.settings import Settings
from liveswapping.faces.mediapipe import MediapipeAnalyser
from liveswapping.masks.occlusion import OcclusionMasker
from liveswapping.media.scene import Scene
from liveswapping.pipeline.pipeline import Pipeline
from liveswapping.pipeline.timing import Laps
from liveswapping.swappers.temporal.engine import TemporalSwapper
from scripts.measures.people import faces_in, picture_of

SIZE, FACE_WIDTH = (1280, 720), 320.0
SECONDS, WARM_UP = 8.0, 4.0


class Slowed:
    """An engine that keeps one core busy for so long with each call."""

    def __init__(self, swapper: Swapper, seconds: float) -> None:
        self._swapper = swapper
        self._seconds = seconds

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """The engine's answers, late."""
        until = time.perf_counter() + self._seconds
        patches = self._swapper.swap(image, targets)
        work = np.ones((256, 256), np.float32)
        while time.perf_counter() < until:
            np.sqrt(work, out=work)  # holds the core, but not the interpreter
        return patches

    def close(self) -> None:
        """Close the engine."""
        self._swapper.close()


def slowed(swapper: Swapper, seconds: float) -> Swapper:
    """`swapper`, taking so long for each call."""
    return Slowed(swapper, seconds)


def reswapper(person: Identity) -> tuple[Swapper, Identity]:
    """ReSwapper's network at 128 pixels on this processor, its weights made from names, and somebody for it."""
    import torch

    from liveswapping.inference.devices import choose_device
    from liveswapping.inference.networks.reswapper import StyleTransferModel
    from liveswapping.inference.torch_swap import TorchSwap
    from liveswapping.swappers.aligned import AlignedSwapper
    from tests.named_weights import named_weights

    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "named.pth")
        torch.save(named_weights(StyleTransferModel, "reswapper"), path)
        network = TorchSwap(path, 128, choose_device("cpu"))
    embedding = np.full(512, 512**-0.5, np.float32)
    known = [replace(one, face=replace(one.face, embedding=embedding)) for one in person.portraits]
    return AlignedSwapper(network, np.eye(512, dtype=np.float32)), Identity("named", tuple(known))


def throughput(slow: Swapper, person: Identity) -> float:
    """Frames a second of the whole pipeline at 720p, frames always waiting, driven as the runner drives it."""
    portrait = picture_of("astronaut")
    scene = Scene(portrait, faces_in(portrait)[:1], SIZE, face_width=FACE_WIDTH)
    frames = [scene.draw(index) for index in range(90)]
    frames += frames[-2:0:-1]  # to and fro, so that nothing jumps
    path, settings, laps = open_store(Settings()).path, Settings(), Laps()
    pipeline = Pipeline(MediapipeAnalyser(path), TemporalSwapper(slow), person, OcclusionMasker(path))
    try:
        _drive(pipeline, frames, settings, laps, WARM_UP)
        laps = Laps()
        rate = _drive(pipeline, frames, settings, laps, SECONDS)
    finally:
        pipeline.close()
    stages = "  ".join(f"{name} {stage.quantile(0.5) * 1e3:.1f}" for name, stage in laps.stages.items())
    print(f"       medians in ms: {stages}")
    return rate


def _drive(pipeline: Pipeline, frames: Sequence[Image], settings: Settings, laps: Laps, seconds: float) -> float:
    began, count = time.perf_counter(), 0
    ahead = pipeline.begin(frames[0])
    while time.perf_counter() - began < seconds:
        count += 1
        following = pipeline.begin(frames[count % len(frames)])
        pipeline.finish(ahead, settings, laps)
        ahead = following
    took = time.perf_counter() - began
    pipeline.finish(ahead, settings, laps)
    return count / took
