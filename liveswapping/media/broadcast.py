"""A sink that sends the picture to a streaming server or another machine: RTMP, SRT, UDP."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import av.error

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame
from liveswapping.inference.child import environment
from liveswapping.media.encoding import AddSound, Encoding
from liveswapping.media.info import SourceInfo
from liveswapping.media.relay import ON, knows_srt, srt_program

CONTAINERS: Final[Mapping[str, str]] = {"rtmp": "flv", "rtmps": "flv", "srt": "mpegts", "udp": "mpegts"}
"""What an address may begin with, and FFmpeg's name of the format that is sent there."""
PATIENCE: Final = 5.0
"""Seconds for which a server may not answer, or take nothing."""
_FIRST_RETRY: Final = 0.5
_LONGEST_RETRY: Final = 8.0
_DATAGRAM: Final = "pkt_size=1316"
"""Seven packets of MPEG-TS: the most that fits into an Ethernet frame."""
_BITS_PER_PIXEL: Final = 0.1
_LEAST_KBIT, _MOST_KBIT = 600, 6000
"""6000 kbit/s is what Twitch recommends at most."""
_KEYFRAME_S: Final = 2.0
"""Seconds until somebody who joins sees something; what Twitch and YouTube ask for."""

_LOG = logging.getLogger(__name__)


class Broadcast:
    """Sends H.264, and sound where there is some, to one address; where that is lost it is tried again.

    Frames that come meanwhile are let go. One thread at a time; it encodes while the caller waits: a live loop puts a
    QueuedSink before it. The network is a child process's business (`media/relay.py`), so that nothing hangs here.
    """

    def __init__(
        self,
        url: str,
        like: SourceInfo | None = None,
        *,
        kbit: int | None = None,
        sound: AddSound | None = None,
        say: Callable[[str], None] = _LOG.info,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        """`like` says how many frames a second to expect. `kbit` per second; None: by size and rate.

        `say` is told in one line each when it is sent, lost, or cannot be sent. Raises SinkError for an address that
        nothing can be sent to.
        """
        refuse_unusable(url)
        self._url = url
        self._like = like or SourceInfo(url, 0, 0)
        self._kbit = kbit
        self._sound = sound
        self._say = say
        self._clock = clock
        self._patience = patience
        self._relay: _Relay | None = None
        self._pause = _FIRST_RETRY
        self._next_try = 0.0
        self._said = ""

    @property
    def sending(self) -> bool:
        """Whether the server has answered."""
        return self._relay is not None and self._relay.on

    def write(self, frame: Frame) -> None:
        """Send one frame, or let it go while nothing can be sent. Raises nothing: servers come back."""
        if self._relay is None and self._clock() < self._next_try:
            return
        try:
            if self._relay is None:
                self._relay = _Relay(self._url, self._encoding_of, frame, self._patience, self._on)
            self._relay.write(frame)
        except (OSError, av.error.FFmpegError):
            self._lose()

    def close(self) -> None:
        """Send what is on its way, and hang up."""
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.close()

    def _encoding_of(self, relay: _Relay, first: Frame) -> Encoding:
        fps = float(self._like.fps or 30)
        kbit = self._kbit or usual_kbit(first.image.shape[1], first.image.shape[0], fps)
        options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "g": str(max(1, round(_KEYFRAME_S * fps))),
            "b": f"{kbit}k",
            "maxrate": f"{kbit}k",
            "bufsize": f"{kbit}k",
        }
        plain = SourceInfo(self._like.name, 0, 0, self._like.fps)
        return Encoding(relay.pipe, "flv", first, plain, options, _LOG.info, sound=self._sound)

    def _on(self) -> None:
        self._pause = _FIRST_RETRY
        self._tell(f"sending the picture to {place(self._url)}")

    def _lose(self) -> None:
        relay, self._relay = self._relay, None
        why = "" if relay is None else relay.abandon()
        self._next_try = self._clock() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_RETRY)
        self._tell(f"the picture cannot be sent to {place(self._url)} ({why or 'no answer'}); it is tried again")

    def _tell(self, line: str) -> None:
        """Say it, but not over and over."""
        if line != self._said:
            self._say(line)
        self._said = line


class _Relay:
    """One connection: the child process that holds it, and the encoder whose stream goes there."""

    def __init__(
        self,
        url: str,
        encoding: Callable[[_Relay, Frame], Encoding],
        first: Frame,
        patience: float,
        said_on: Callable[[], None],
    ) -> None:
        self.on = False
        self._words: list[str] = []
        self._said_on = said_on
        self._patience = patience
        self._child = subprocess.Popen(
            [sys.executable, "-m", "liveswapping.media.relay"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would show a console
        )
        assert self._child.stdin is not None
        self.pipe = self._child.stdin
        self._listener = threading.Thread(target=self._listen, name="stream's words", daemon=True)
        self._listener.start()
        try:
            order = {"url": _address(url), "format": CONTAINERS[_scheme(url)], "patience": patience}
            self.pipe.write(json.dumps(order).encode() + b"\n")
            self._encoding = encoding(self, first)
        except BaseException:
            self._end()
            raise

    def write(self, frame: Frame) -> None:
        """Encode and send. Raises OSError and FFmpegError where the child has ended."""
        self._encoding.write(frame)
        self.pipe.flush()

    def close(self) -> None:
        """Send what is on its way."""
        with contextlib.suppress(OSError, av.error.FFmpegError):
            self._encoding.finish()
        self._end()

    def abandon(self) -> str:
        """Let go of everything; answers what the child had to say."""
        with contextlib.suppress(OSError, av.error.FFmpegError):
            self._encoding.abandon()
        self._end()
        return self._words[-1] if self._words else ""

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self.pipe.close()
        try:
            self._child.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as out:
            for line in out:
                word = line.decode(errors="replace").strip()
                if word == ON:
                    self.on = True
                    self._said_on()
                elif word:
                    self._words.append(word)
        self.on = False


def refuse_unusable(url: str) -> None:
    """Raise SinkError where nothing could ever be sent to `url`."""
    scheme = _scheme(url)
    if scheme not in CONTAINERS or not urlsplit(url).hostname:
        known = ", ".join(f"{name}://" for name in CONTAINERS)
        raise SinkError(f"nothing can be sent to '{place(url)}': an address begins with one of {known}, then a host")
    if scheme == "srt" and not knows_srt() and srt_program() is None:
        raise SinkError(
            f"nothing can be sent to '{place(url)}': the FFmpeg inside PyAV has no SRT; install an ffmpeg program "
            "that has (`ffmpeg -protocols` says so), which is used then, or send by udp:// or rtmp://"
        )


def usual_kbit(width: int, height: int, fps: float) -> int:
    """Kilobits a second for pictures of this size and rate."""
    return round(min(_MOST_KBIT, max(_LEAST_KBIT, _BITS_PER_PIXEL * width * height * fps / 1000)))


def place(url: str) -> str:
    """An address for people: where it leads, without password, key and path."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}" if host else url


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()


def _address(url: str) -> str:
    """`url` as FFmpeg is to have it."""
    if _scheme(url) != "udp" or "pkt_size" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{_DATAGRAM}"
