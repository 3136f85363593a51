"""A plugin with one part of each kind: as small as they can be, and complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.face import Face, Patch, Target
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.plugins import AnalyserPlugin, Plugins, RestorerPlugin, SinkPlugin, SourcePlugin, SwapperPlugin
from liveswapping.media.info import SourceInfo


def register(plugins: Plugins) -> None:
    """Called once, with registries to add to. Nothing is opened here."""
    plugins.swappers.add("tint", SwapperPlugin(lambda model_path: Tint((0, 0, 255), 1.0), fast=True))
    plugins.restorers.add("pale", RestorerPlugin(lambda model_path, weight: Tint((255, 255, 255), weight)))
    plugins.analysers.add("bare", AnalyserPlugin(Bare, Bare))
    plugins.sources.add("again", SourcePlugin(Again))
    plugins.sinks.add("pictures", SinkPlugin(Pictures))


class Tint:
    """A Swapper and a Restorer: lays a colour over faces."""

    def __init__(self, colour: tuple[int, int, int], strength: float) -> None:
        self._colour, self._strength = colour, strength

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        return [self._patch(target.face) for target in targets]

    def restore(self, image: Image, faces: Sequence[Face]) -> Sequence[Patch]:
        """One patch per face."""
        return [self._patch(face) for face in faces]

    def close(self) -> None:
        """There is nothing to release."""

    def _patch(self, face: Face) -> Patch:
        left, top, right, bottom = (float(edge) for edge in face.box)
        size = 64
        across, down = size / (right - left), size / (bottom - top)
        matrix = np.array([[across, 0, -left * across], [0, down, -top * down]], np.float32)
        picture = np.full((size, size, 3), self._colour, np.uint8)
        return Patch(picture, matrix, np.full((size, size), self._strength, np.float32))


class Bare:
    """An Analyser: five points and a box, and no mesh, as most detectors give."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        from liveswapping.faces.stills import StillsAnalyser

        self._finder = StillsAnalyser(model_path)

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces."""
        return [replace(face, mesh=None) for face in self._finder.faces(image)]

    def reset(self) -> None:
        """It does not track."""

    def close(self) -> None:
        """Release the finder."""
        self._finder.close()


class Again:
    """A Source: `again:FILE`, the same picture three times."""

    live = False
    damaged = 0

    def __init__(self, name: str) -> None:
        from liveswapping.media.images import read_image

        self._image, self._next = read_image(name), 0
        self.info = SourceInfo(name, self._image.shape[1], self._image.shape[0], Fraction(25), 3)

    def read(self, timeout: float) -> Frame | None:
        """The next frame."""
        if self._next == 3:
            raise EndOfStream
        self._next += 1
        return Frame(self._image, self._next - 1, time.perf_counter(), Fraction(self._next - 1, 25))

    def close(self) -> None:
        """There is nothing to release."""


class Pictures:
    """A Sink: `pictures:FOLDER`, one PNG a frame."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(exist_ok=True)

    def write(self, frame: Frame) -> None:
        """Write one frame."""
        cv2.imwrite(str(self._folder / f"{frame.index:05d}.png"), frame.image)

    def close(self) -> None:
        """There is nothing to finish."""
