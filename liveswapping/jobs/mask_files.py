"""Masks that come from files: one picture, a folder of them, or a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Source
from liveswapping.inpainting.marks import Marker, SameMark
from liveswapping.inpainting.shots import Hole
from liveswapping.media.images import READABLE, pictures_in, read_image

_LOSSY: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif")
_CLEAR: Final = 63
"""Levels over which a pixel is marked where a lossy format has put noise around black."""
_ASPECT: Final = 0.02
"""Share by which the proportions of a mask may differ from its clip's."""


def open_masks(path: Path, width: int, height: int, frames: int | None) -> Marker:
    """The masks in a file or folder, for pictures of this size; `frames`: how many of them, where that is sure.

    White, or anything but black, is to go. Raises SourceError where there is none, or they do not fit.
    """
    if path.is_dir():
        return _folder(path, width, height, frames)
    if path.suffix.lower() in READABLE:
        return SameMark(_whole(fitted(read_mask(path), width, height, str(path)), str(path)))
    from liveswapping.media.video import VideoSource

    return _ClipMarker(VideoSource(path), path, width, height)


def read_mask(path: Path) -> Hole:
    """One picture as a mask. What is transparent is not marked. Raises SourceError."""
    image = read_image(path)
    raw = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    least = _CLEAR if path.suffix.lower() in _LOSSY else 0
    if raw is not None and raw.ndim == 3 and raw.shape[2] == 4:
        return np.asarray((raw[..., :3].max(axis=2) > least) & (raw[..., 3] > 0))
    return np.asarray(image.max(axis=2) > least)


def fitted(hole: Hole, width: int, height: int, name: str) -> Hole:
    """A mask at the size of its clip. Raises SourceError where its proportions are others."""
    if hole.shape == (height, width):
        return hole
    across, down = hole.shape[1], hole.shape[0]
    if abs(across * height / (down * width) - 1) > _ASPECT:
        raise SourceError(
            f"the mask '{name}' is {across}×{down} pixels and the clip {width}×{height}: make a mask of the clip's size"
        )
    scaled = cv2.resize(hole.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(scaled).astype(np.bool_)


def _whole(hole: Hole, name: str) -> Hole:
    """A mask for all of a clip. Raises SourceError where it marks nothing, or everything."""
    if not hole.any():
        raise SourceError(f"the mask '{name}' is empty: paint white what is to go")
    if hole.all():
        raise SourceError(f"the mask '{name}' covers the whole picture: leave black what is to stay")
    return hole


def _folder(path: Path, width: int, height: int, frames: int | None) -> Marker:
    pictures = pictures_in(path)
    if not pictures:
        raise SourceError(f"there is no mask in the folder '{path}': put PNG files there")
    if len(pictures) == 1:
        return SameMark(_whole(fitted(read_mask(pictures[0]), width, height, str(pictures[0])), str(pictures[0])))
    if frames is not None and len(pictures) != frames:
        raise _other_length(path, len(pictures), frames)
    return _FolderMarker(path, pictures, width, height)


class _FolderMarker:
    def __init__(self, path: Path, pictures: list[Path], width: int, height: int) -> None:
        self._path, self._pictures, self._size = path, pictures, (width, height)
        self._next = 0

    def mark(self, image: Image) -> Hole:
        """As `Marker.mark`."""
        if self._next >= len(self._pictures):
            raise _other_length(self._path, len(self._pictures), None)
        picture = self._pictures[self._next]
        self._next += 1
        return fitted(read_mask(picture), *self._size, str(picture))

    def end(self, pictures: int) -> None:
        """As `Marker.end`."""
        if pictures < len(self._pictures):
            raise _other_length(self._path, len(self._pictures), pictures)

    def close(self) -> None:
        """Nothing is held."""


class _ClipMarker:
    """Owns its source. A clip of a single picture stands for all."""

    def __init__(self, source: Source, path: Path, width: int, height: int) -> None:
        self._source, self._path, self._size = source, path, (width, height)
        self._last: Hole | None = None
        self._read = 0

    def mark(self, image: Image) -> Hole:
        """As `Marker.mark`."""
        picture = self._next()
        if picture is not None:
            self._read += 1
            self._last = fitted(np.asarray(picture.max(axis=2) > _CLEAR), *self._size, str(self._path))
        elif self._read != 1:
            raise _other_length(self._path, self._read, None)
        assert self._last is not None
        return self._last

    def end(self, pictures: int) -> None:
        """As `Marker.end`."""
        if self._read == pictures > 1 and self._next() is not None:
            raise _other_length(self._path, pictures + 1, pictures)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _next(self) -> Image | None:
        try:
            while (frame := self._source.read(1.0)) is None:
                pass
        except EndOfStream:
            return None
        return frame.image


def _other_length(path: Path, masks: int, pictures: int | None) -> SourceError:
    clip = "more" if pictures is None else f"{pictures}"
    return SourceError(f"'{path}' has {masks} masks and the clip {clip} pictures: give one for each, or a single one")
