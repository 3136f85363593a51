"""A stretch of encoded film in a file of its own: closed, checked, and to be joined to others without another encoding.

The format is ours, since no container keeps every codec's packets and times exactly and can tell that it is whole:
eight bytes of magic, the length of the encoder's headers (4 bytes) and these, then packets (time stamp 8 bytes, length
4, key frame 1, and the data), then a packet of length 0 whose time stamp is the CRC-32 of everything before it. All
numbers are little-endian.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from av.packet import Packet

from liveswapping.domain.errors import SourceError
from liveswapping.media.part_file import writing

_MAGIC: Final = b"LSfilm1\n"
_HEADERS: Final = struct.Struct("<I")
_PACKET: Final = struct.Struct("<qIB")
_OPEN: Final = ".open"


@dataclass(frozen=True, slots=True)
class Coded:
    """One encoded picture."""

    pts: int
    """In the film's unit."""
    key: bool
    data: bytes


class SegmentWriter:
    """Writes one segment; the file has its name only when it is whole and on the disk. Raises SinkError."""

    def __init__(self, path: Path, headers: bytes) -> None:
        self.path = path
        self._crc = 0
        with writing(path):
            self._file: BinaryIO = path.with_name(path.name + _OPEN).open("wb")
            self._write(_MAGIC + _HEADERS.pack(len(headers)) + headers)

    def add(self, packets: Iterable[Packet[Any]]) -> None:
        """Append encoded pictures, in the order of decoding."""
        with writing(self.path):
            for packet in packets:
                if packet.pts is not None and packet.size:
                    data = bytes(packet)
                    self._write(_PACKET.pack(packet.pts, len(data), packet.is_keyframe) + data)

    def close(self) -> None:
        """Make the file whole, and have it on the disk for good."""
        with writing(self.path):
            self._file.write(_PACKET.pack(self._crc, 0, 0))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self.path.with_name(self.path.name + _OPEN).replace(self.path)

    def abandon(self) -> None:
        """Leave it unfinished. After `close` it does nothing."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)
        self._file.write(data)


def headers_of(path: Path) -> bytes:
    """The encoder's headers in a segment. Raises SourceError where it is none."""
    with _reading(path) as file:
        return _headers(file, path)[0]


def read_segment(path: Path) -> Iterator[Coded]:
    """The pictures of a segment, in the order of decoding. Raises SourceError where it is not what was written."""
    with _reading(path) as file:
        headers, raw = _headers(file, path)
        crc = zlib.crc32(headers, zlib.crc32(raw))
        while True:
            head = file.read(_PACKET.size)
            if len(head) < _PACKET.size:
                raise _damaged(path)
            pts, size, key = _PACKET.unpack(head)
            if not size:
                break
            data = file.read(size)
            crc = zlib.crc32(data, zlib.crc32(head, crc))
            yield Coded(pts, bool(key), data)
        if pts != crc:
            raise _damaged(path)


def _reading(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(f"'{path}' cannot be read: {error.strerror or error}; run the command again") from error


def _headers(file: BinaryIO, path: Path) -> tuple[bytes, bytes]:
    raw = file.read(len(_MAGIC) + _HEADERS.size)
    if len(raw) < len(_MAGIC) + _HEADERS.size or not raw.startswith(_MAGIC):
        raise _damaged(path)
    return file.read(_HEADERS.unpack(raw[len(_MAGIC) :])[0]), raw


def _damaged(path: Path) -> SourceError:
    return SourceError(f"'{path}' is damaged; run the command again, it is made anew")
