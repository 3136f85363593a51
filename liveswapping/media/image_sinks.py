"""Sinks that write pictures: one file, or a numbered folder."""

from __future__ import annotations

from pathlib import Path

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Seal
from liveswapping.media.images import check_writable, write_image


class ImageSink:
    """One picture into one file. A second frame is refused: it would replace the first unseen."""

    def __init__(self, path: str | Path, quality: int = 95) -> None:
        self._path = Path(path)
        self._quality = quality
        self._written = False
        check_writable(self._path)

    def write(self, frame: Frame) -> None:
        """Write the picture. Raises SinkError."""
        if self._written:
            raise SinkError(f"'{self._path}' holds one picture: give a folder or a video file for several")
        write_image(self._path, frame.image, self._quality)
        self._written = True

    def close(self) -> None:
        """Nothing is open between writes."""


class FolderSink:
    """Every frame a picture in `folder`: 000000.png, 000001.png and so on, in the order in which they come."""

    def __init__(self, folder: str | Path, ending: str = ".png", quality: int = 95) -> None:
        self._folder = Path(folder)
        self._ending = ending
        self._quality = quality
        self._count = 0
        check_writable(self._path())

    def write(self, frame: Frame) -> None:
        """Write one more picture. Raises SinkError."""
        write_image(self._path(), frame.image, self._quality)
        self._count += 1

    def close(self) -> None:
        """Nothing is open between writes."""

    def _path(self) -> Path:
        return self._folder / f"{self._count:06d}{self._ending}"


class LastPicture:
    """One picture of the last frame, written when the run is over; without a frame there is none."""

    def __init__(self, path: str | Path, quality: int = 95, seal: Seal | None = None) -> None:
        """`seal` marks the file. Raises SinkError where the name's ending is no picture format."""
        self._path = Path(path)
        self._quality = quality
        self._seal = seal
        self._frame: Frame | None = None
        check_writable(self._path)

    def write(self, frame: Frame) -> None:
        """Keep the frame."""
        self._frame = frame

    def close(self) -> None:
        """Write the picture. Raises SinkError."""
        frame, self._frame = self._frame, None
        if frame is not None:
            write_image(self._path, frame.image, self._quality, self._seal)
