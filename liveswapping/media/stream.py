"""Network streams: the newest picture, through the connection being lost and coming back."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import av
import av.error
from av.codec.context import Flags
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame

from liveswapping.domain.errors import SourceError
from liveswapping.domain.frame import Frame
from liveswapping.media.chatter import hear_ffmpeg
from liveswapping.media.container import describe, packets, video_stream
from liveswapping.media.info import SourceInfo
from liveswapping.media.live import LiveFeed, LiveState
from liveswapping.media.upright import UprightConverter

_FIRST_RETRY = 0.5
_LONGEST_RETRY = 8.0
_IN_PIECES = ("hls", "dash")
"""Formats that send seconds of pictures at a time: they are played by their time stamps."""
_OPTIONS = {
    "fflags": "nobuffer",
    "probesize": "1000000",  # bytes, and
    "analyzeduration": "1000000",  # microseconds, spent on finding out what the stream is
}
_RTSP_OPTIONS = {"rtsp_transport": "tcp"}
"""Over UDP a lost packet is a smeared picture, and routers often let none through."""

_log = logging.getLogger(__name__)


class StreamSource:
    """The newest picture of a stream. Where it is cut off, `read` gives None until it is back.

    A film on a server (it has a length) is played at its own pace and ends.
    """

    live: Final = True

    def __init__(self, url: str, *, patience: float = 5.0) -> None:
        """`patience`: seconds to wait for the connection, and for data. Waits for the first picture.

        Raises SourceError where none comes.
        """
        self._url = url
        self._patience = patience
        self._info = SourceInfo(_without_password(url), 0, 0)
        self._state = LiveState.OPENING
        self._damaged = 0
        self._closed = False
        self._decided = threading.Event()
        self._feed = LiveFeed("stream", self._run)
        self._decided.wait(3 * patience)
        if self._state is LiveState.OPENING:
            self._feed.close()
            self._feed.read(0)  # raises what the thread raised
            raise SourceError(f"the stream {self._info.name} gives no picture; check that it is being sent")

    @property
    def state(self) -> LiveState:
        """How the stream is doing, now."""
        return LiveState.CLOSED if self._closed else self._state

    @property
    def info(self) -> SourceInfo:
        """What the stream says of itself; the address is shown without its password."""
        return self._info

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be decoded, or only in part."""
        return self._damaged

    def read(self, timeout: float) -> Frame | None:
        """The newest picture; None where none came in time, as while the stream is cut off."""
        return self._feed.read(timeout)

    def close(self) -> None:
        """Hang up. A connection that hangs ends by itself within `patience`."""
        self._feed.close()
        self._closed = True

    def _run(self, feed: LiveFeed) -> None:
        pause = _FIRST_RETRY
        try:
            while not feed.stopping.is_set():
                try:
                    if self._play(feed):
                        return
                except SourceError:
                    if self._state is LiveState.OPENING:
                        raise
                pause = _FIRST_RETRY if self._state is LiveState.LIVE else min(2 * pause, _LONGEST_RETRY)
                self._state = LiveState.LOST
                feed.stopping.wait(pause)
        finally:
            self._decided.set()

    def _play(self, feed: LiveFeed) -> bool:
        """Deliver pictures while they come. True: a film has come to its end, or somebody hung up."""
        with self._connected() as container:
            video = video_stream(container)
            video.codec_context.flags |= Flags.low_delay
            self._info = describe(container, self._info.name)
            ends = container.duration is not None
            pace = _Pace() if ends or container.format.name in _IN_PIECES else None
            converter = UprightConverter()
            try:
                for packet in packets(container, (video,), self._hole):
                    for picture in self._decode(packet):
                        self._deliver(picture, converter, pace, feed)
                    if feed.stopping.is_set():
                        return True
            finally:
                video.codec_context.flush_buffers()  # before it is freed: see hear_ffmpeg
            return ends

    @contextlib.contextmanager
    def _connected(self) -> Iterator[InputContainer]:
        hear_ffmpeg()
        options = _OPTIONS | (_RTSP_OPTIONS if self._url.lower().startswith("rtsp") else {})
        try:
            container = av.open(self._url, "r", options=options, timeout=self._patience)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            _log.info("%s: %r", self._info.name, error)
            words = getattr(error, "strerror", None) or "no answer"
            raise SourceError(
                f"the stream {self._info.name} cannot be opened ({words}): check the address and the network"
            ) from error
        with container:
            yield container

    def _decode(self, packet: Packet[Any]) -> list[VideoFrame]:
        try:
            pictures: list[VideoFrame] = packet.decode()
            return pictures
        except av.error.FFmpegError:
            self._hole()
            return []

    def _deliver(self, picture: VideoFrame, converter: UprightConverter, pace: _Pace | None, feed: LiveFeed) -> None:
        if pace is not None:
            feed.stopping.wait(pace.wait(picture))
        captured_at = time.perf_counter()
        self._damaged += picture.is_corrupt
        feed.put(converter.to_bgr(picture), captured_at)
        self._state = LiveState.LIVE
        self._decided.set()

    def _hole(self) -> None:
        self._damaged += 1


class _Pace:
    """How long to hold pictures back that come in bursts; those that come late move the clock."""

    def __init__(self) -> None:
        self._zero: float | None = None

    def wait(self, picture: VideoFrame) -> float:
        now = time.perf_counter()
        if picture.pts is None:
            return 0.0
        if self._zero is None or now > self._zero + picture.time:
            self._zero = now - picture.time
        return self._zero + picture.time - now


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
