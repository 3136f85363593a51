"""Pictures as files: reading them, writing them, and taking them as a source."""

from __future__ import annotations

import logging
import re
import time
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import EndOfStream, SinkError, SourceError
from liveswapping.domain.frame import F32, Frame, Image
from liveswapping.domain.protocols import Seal
from liveswapping.media.chatter import silence_opencv
from liveswapping.media.info import SourceInfo
from liveswapping.media.part_file import PartFile, writing

READABLE = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jp2", ".ppm", ".pgm")
"""What a folder is searched for, and what `open_source` takes for a picture. A GIF is a clip."""

WRITABLE = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")

_QUALITY = {
    ".jpg": cv2.IMWRITE_JPEG_QUALITY,
    ".jpeg": cv2.IMWRITE_JPEG_QUALITY,
    ".webp": cv2.IMWRITE_WEBP_QUALITY,
}

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM", b"II*\0", b"MM\0*", b"GIF8", b"\0\0\0\x0cjP", b"P5", b"P6")
"""How pictures begin: a file that does and still cannot be decoded is damaged."""

_LARGEST_BYTES = 1 << 29
"""No picture is larger; a film taken for one would fill the memory."""
_WHITE = 255

_log = logging.getLogger(__name__)


def read_image(path: str | Path) -> Image:
    """Read a picture, upright by its EXIF tag; 16 bits and grey become BGR uint8, transparency becomes white.

    Raises SourceError where there is no such file, or it is not a picture, or not a whole one.
    """
    silence_opencv()
    try:
        if Path(path).stat().st_size > _LARGEST_BYTES:
            raise SourceError(f"'{path}' is not an image that can be read; use a JPEG, PNG or WebP file")
        data = np.fromfile(path, np.uint8)  # cv2.imread does not know Unicode names on Windows
    except FileNotFoundError:
        raise SourceError(f"there is no file '{path}': check its name and folder") from None
    except OSError as error:
        raise SourceError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if data.size == 0:
        raise SourceError(f"'{path}' is empty: nothing was ever saved in it; use another file")
    image = _decode(data)
    if image is None:
        if bytes(data[:8]).startswith(_SIGNATURES):
            raise SourceError(f"'{path}' is damaged or cut off: it cannot be read whole; save or download it again")
        raise SourceError(f"'{path}' is not an image that can be read; use a JPEG, PNG or WebP file")
    return image


def write_image(path: str | Path, image: Image, quality: int = 95, seal: Seal | None = None) -> None:
    """Write a picture whole or not at all, in the format of the name's ending; lacking folders are made.

    `quality` is 0..100 and counts for JPEG and WebP; `seal` marks the file. Raises SinkError.
    """
    target = Path(path)
    check_writable(target)
    data = encode_image(image, target.suffix, quality)
    if data is None:
        raise SinkError(f"'{target}' cannot hold a picture of {image.shape[1]}×{image.shape[0]} pixels: use PNG")
    part = PartFile(target)
    try:
        with writing(target):
            part.path.write_bytes(data)
            if seal is not None:
                seal.put(part.path)
        part.commit()
    finally:
        part.discard()


def encode_image(image: Image, ending: str, quality: int = 95) -> bytes | None:
    """The bytes of a picture file of that ending, such as ".jpg"; None where the format cannot hold it.

    `quality` is 0..100 and counts for JPEG and WebP.
    """
    silence_opencv()
    parameter = _QUALITY.get(ending.lower())
    try:
        encoded, data = cv2.imencode(ending, image, [] if parameter is None else [parameter, quality])
    except cv2.error:
        return None
    return data.tobytes() if encoded else None


def check_writable(target: Path) -> None:
    """Raise SinkError where the name's ending is no picture format that we write."""
    if target.suffix.lower() not in WRITABLE:
        raise SinkError(f"'{target}' does not end in a picture format that can be written: use {', '.join(WRITABLE)}")


class ImageSource:
    """One picture: one frame, then the end. A SourceError comes at once, not with the first read."""

    live: Final = False
    damaged: Final = 0

    def __init__(self, path: str | Path) -> None:
        image = read_image(path)
        self._frame: Frame | None = Frame(image, 0, time.perf_counter(), Fraction(0))
        self.info: Final = SourceInfo(Path(path).name, image.shape[1], image.shape[0], frames=1, path=Path(path))

    def read(self, timeout: float) -> Frame | None:
        """The picture, the first time."""
        frame, self._frame = self._frame, None
        if frame is None:
            raise EndOfStream
        return frame

    def close(self) -> None:
        """Let go of the picture."""
        self._frame = None


class FolderSource:
    """The pictures of a folder, in natural order (2 before 10). What cannot be read is counted and left out."""

    live: Final = False

    def __init__(self, folder: str | Path, fps: Fraction = Fraction(25)) -> None:
        """`fps`: how many of them make a second of a clip."""
        self._fps = fps
        self._paths = pictures_in(Path(folder))
        self._next = 0
        self._damaged = 0
        self._waiting: Frame | None = None
        if not self._paths:
            raise SourceError(f"there is no picture in the folder '{folder}': put JPEG or PNG files there")
        self._waiting = self._advance()  # so that a folder of nothing readable fails at once
        if self._waiting is None:
            raise SourceError(f"none of the {len(self._paths)} pictures in '{folder}' can be read")
        height, width = self._waiting.image.shape[:2]
        count = len(self._paths)
        self.info: Final = SourceInfo(Path(folder).name, width, height, fps, count, count / fps)

    @property
    def damaged(self) -> int:
        """How many pictures were left out so far."""
        return self._damaged

    def read(self, timeout: float) -> Frame | None:
        """The next picture. Its index is its place in the folder."""
        frame = self._waiting or self._advance()
        self._waiting = None
        if frame is None:
            raise EndOfStream
        return frame

    def close(self) -> None:
        """Read no more."""
        self._waiting = None
        self._next = len(self._paths)

    def _advance(self) -> Frame | None:
        while self._next < len(self._paths):
            index = self._next
            self._next += 1
            try:
                image = read_image(self._paths[index])
            except SourceError as error:
                self._damaged += 1
                _log.warning("left out: %s", error)
                continue
            return Frame(image, index, time.perf_counter(), index / self._fps)
        return None


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of `folder`, in natural order; hidden ones not."""
    try:
        entries = list(folder.iterdir())
    except OSError as error:
        raise SourceError(f"the folder '{folder}' cannot be read: {error.strerror or error}") from error
    found = [one for one in entries if one.suffix.lower() in READABLE and not one.name.startswith(".")]
    return sorted((one for one in found if one.is_file()), key=_natural)


def _natural(path: Path) -> tuple[list[tuple[int, int | str]], str]:
    """Numbers in a name count as numbers; each piece carries its kind, so that text never meets a number."""
    pieces = re.split(r"(\d+)", path.name.casefold())
    return [(0, int(piece)) if piece.isdecimal() else (1, piece) for piece in pieces], path.name


def _decode(data: NDArray[np.uint8]) -> Image | None:
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if image is None or bytes(data[:3]) == b"\xff\xd8\xff":  # a JPEG has no transparency
            return None if image is None else np.asarray(image, np.uint8)
        raw = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except cv2.error:  # as large as a mistake
        return None
    if raw is None or raw.ndim != 3 or raw.shape[2] != 4 or raw.shape[:2] != image.shape[:2]:
        return np.asarray(image, np.uint8)
    return _on_white(np.asarray(image, np.uint8), raw[:, :, 3])


def _on_white(image: Image, alpha: NDArray[Any]) -> Image:
    limit = np.iinfo(alpha.dtype).max if np.issubdtype(alpha.dtype, np.integer) else 1
    share = (alpha / np.float32(limit)).astype(np.float32)[..., None]
    blended: F32 = image * share + np.float32(_WHITE) * (1 - share)
    return np.rint(blended).astype(np.uint8)
