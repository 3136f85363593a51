"""Decoding the pictures of a file, the damaged ones too as far as they go."""

from __future__ import annotations

import logging
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame

from liveswapping.domain.errors import SourceError
from liveswapping.media.chatter import reason
from liveswapping.media.container import describe, open_media, origin, packets, seek_before, video_stream

_UNTIMED = ("avi",)

_log = logging.getLogger(__name__)


class Decoder:
    """The pictures of a file's video stream, in the order of showing, each once. One thread.

    FFmpeg decodes several pictures at a time, on all cores. At the end of the file it hands out those in work in one
    go, and PyAV drops the rest of them where one is damaged; those are then decoded again, one by one.
    """

    def __init__(self, path: Path) -> None:
        """Raises SourceError where there is nothing to decode."""
        self._path = path
        self._container = open_media(path)
        try:
            self.info = describe(self._container, path.name, path)
        except SourceError:
            self._container.close()
            raise
        self.origin = origin(self._container)
        """The file's zero on its own clock, in seconds."""
        self.untimed = self._container.format.name in _UNTIMED
        """Whether the file says when to decode its pictures, but not when to show them."""
        self.damaged = 0
        """Pictures so far that could not be decoded, or only in part."""
        self._last: int | None = None
        self._damaged_before_last = 0
        self._furthest: int | None = None
        """The latest time of a picture that was given to the decoder, in the stream's unit."""

    def pictures(self, after: int | None = None) -> Generator[VideoFrame, None, None]:
        """Decode to the end; closing the iterator releases the file. Raises SourceError when reading fails.

        `after`: only the pictures later than this, in the stream's unit; the file is entered shortly before.
        """
        yield from self._run(self._container, "AUTO", after)
        if self._last is not None and self._furthest is not None and self._furthest > self._last:
            self.damaged = self._damaged_before_last
            yield from self._run(open_media(self._path), "NONE", self._last)

    def _run(self, container: InputContainer, threads: str, after: int | None) -> Generator[VideoFrame, None, None]:
        stream = video_stream(container)
        stream.thread_type = threads
        try:
            if after is not None:
                seek_before(container, stream, after * (stream.time_base or Fraction(0)))
            for packet in packets(container, (stream,), self._hole):
                for picture in self._decode(packet, after):
                    if after is None or picture.pts is None or picture.pts > after:
                        self.damaged += picture.is_corrupt
                        self._last, self._damaged_before_last = picture.pts, self.damaged
                        yield picture
        finally:
            stream.codec_context.flush_buffers()  # its threads must rest before it is freed: see hear_ffmpeg
            container.close()

    def _hole(self) -> None:
        self.damaged += 1

    def _decode(self, packet: Packet[Any], after: int | None) -> list[VideoFrame]:
        if packet.pts is not None and not packet.is_discard:
            self._furthest = max(self._furthest or packet.pts, packet.pts)
        try:
            pictures: list[VideoFrame] = packet.decode()
            return pictures
        except av.error.FFmpegError as error:
            _log.info("%s: a picture near %s cannot be decoded: %s", self._path.name, packet.pts, reason(error))
            if after is None or packet.pts is None or packet.pts > after:
                self.damaged += 1
            return []
