"""Every picture of a film as a file of its own."""

from __future__ import annotations

from pathlib import Path

from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Seal
from liveswapping.media.images import write_image


class FrameFiles:
    """Writes `0000.png`, `0001.png`, … into a folder."""

    def __init__(self, folder: Path, seal: Seal | None = None) -> None:
        """`seal` marks each of them."""
        self._folder = folder
        self._seal = seal

    def write(self, frame: Frame) -> None:
        """One picture, under its place in the film. Raises SinkError."""
        write_image(self._folder / f"{frame.index:04d}.png", frame.image, seal=self._seal)
