"""One video file, or stream, being made: H.264, every picture at its time, a file's sound beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Protocol

import av
from av.container import OutputContainer
from av.packet import Packet

from liveswapping.domain.frame import Frame
from liveswapping.imaging.letterbox import even, letterboxed
from liveswapping.media.chatter import hear_ffmpeg
from liveswapping.media.colour import ColourConverter, colour_tag
from liveswapping.media.info import SourceInfo
from liveswapping.media.part_file import WholeFile
from liveswapping.media.sound import Sound

_FINE = Fraction(1, 90000)
"""The unit of time stamps where the source has none: 24, 25, 30, 30000/1001 and 60 frames a second are whole in it."""
_FINEST = 1_000_000
"""Largest denominator of a unit that is taken over from the source."""
_USUAL_FPS = Fraction(30)
_LIMITED_RANGE = 1
"""AVCOL_RANGE_MPEG."""
_BUFFER_BYTES = 1 << 20


class SoundTrack(Protocol):
    """Sound that goes into a recording beside its pictures."""

    def until(self, time: Fraction) -> Iterable[Packet[Any]]:
        """The packets to write before a picture shown at `time`, in seconds from the first picture."""
        ...

    def rest(self, end: Fraction) -> Iterable[Packet[Any]]:
        """What remains when the last picture ends at `end`."""
        ...

    def close(self) -> None:
        """Release everything."""
        ...


AddSound = Callable[[OutputContainer, float], SoundTrack]
"""Adds a stream of sound to a container, from a moment on (`captured_at` of the first picture)."""
_SAFE = {"movflags": "hybrid_fragmented+use_metadata_tags", "flush_packets": "1"}
"""Every picture is in the file at once, and is found there without what is written at the end."""
_FAST = {"movflags": "+faststart+use_metadata_tags"}
_OF_MATROSKA = {"flush_packets": "1", "cluster_time_limit": "1000"}


class Encoding:
    """Encodes into a file or a pipe. Raises OSError and FFmpegError as they come. One thread at a time."""

    def __init__(
        self,
        out: Path | IO[bytes],
        container: str,
        first: Frame,
        like: SourceInfo,
        options: dict[str, str],
        say: Callable[[str], None],
        *,
        safe: bool = False,
        sound: AddSound | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """`out` is an existing, empty file, or what is only written to. `container` is FFmpeg's name of the format.

        `first` gives the size of all frames, `options` are x264's, `say` is told what the recording does not take over
        as it is. `safe`: what is written so far can be played whatever happens to this process. `sound` is recorded
        beside the pictures, instead of that of the file that `like` describes. `tags`: what the file says of itself.
        """
        self._say = say
        self._size = first.image.shape[1], first.image.shape[0]
        self._even = even(self._size[0]), even(self._size[1])
        self._step = 1 / (like.fps or _USUAL_FPS)
        self._base = _unit(like.time_base)
        self._last_ticks: int | None = None
        self._began: float | None = None
        self._end = Fraction(0)
        self._converter = ColourConverter()
        self._sound: SoundTrack | None = None
        self._file = WholeFile(str(out), "r+") if isinstance(out, Path) else out
        hear_ffmpeg()
        try:
            self._container = av.open(
                self._file, "w", format=container, buffer_size=_BUFFER_BYTES, **_output_options(out, container, safe)
            )
            self._container.metadata.update(tags or {})
            self._add_video(options, like)
            if sound is not None:
                self._sound = sound(self._container, first.captured_at)
            elif like.path is not None and like.audio:
                self._sound = Sound(like.path, self._container, say)
        except BaseException:
            self.abandon()
            raise

    def write(self, frame: Frame) -> None:
        """Encode one frame, with the sound before it."""
        time = self._time(frame)
        ticks = round(time / self._base)
        if self._last_ticks is not None:
            ticks = max(ticks, self._last_ticks + 1)
        self._last_ticks = ticks
        picture = self._converter.to_yuv(letterboxed(frame.image, *self._even))
        picture.pts, picture.time_base = ticks, self._base
        picture.duration = max(1, round(self._step / self._base))
        if self._sound is not None:
            self._mux(self._sound.until(time))
        self._mux(self._video.encode(picture))
        self._end = ticks * self._base + self._step

    def finish(self) -> None:
        """Encode what is under way, write the rest of the sound and the file's index."""
        self._mux(self._video.encode(None))
        if self._sound is not None:
            self._mux(self._sound.rest(self._end))
            self._sound.close()
        self._container.close()
        self._file.close()

    def abandon(self) -> None:
        """Let go of everything without finishing. Any number of times."""
        self._file.close()  # first: PyAV then leaves the index unwritten
        if self._sound is not None:
            self._sound.close()
            self._sound = None

    def _add_video(self, options: dict[str, str], like: SourceInfo) -> None:
        if self._even != self._size:
            width, height = self._size
            self._say(
                f"the picture is {width}×{height} and H.264 needs even sides: "
                f"it was recorded as {self._even[0]}×{self._even[1]}, its last pixels repeated"
            )
        self._video = self._container.add_stream("libx264", rate=1 / self._step, options=options)
        context = self._video.codec_context
        context.width, context.height = self._even
        context.pix_fmt = "yuv420p"
        context.time_base = self._video.time_base = self._base
        context.sample_aspect_ratio = like.pixel_aspect
        context.color_range = _LIMITED_RANGE
        context.colorspace = context.color_primaries = context.color_trc = colour_tag(*self._even)

    def _time(self, frame: Frame) -> Fraction:
        if frame.pts is not None:
            return frame.pts
        if self._began is None:
            self._began = frame.captured_at
        return Fraction(frame.captured_at - self._began)

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)


def _unit(source: Fraction | None) -> Fraction:
    if source is None or source.denominator > _FINEST:
        return _FINE
    return Fraction(1, source.denominator)


def _output_options(out: Path | IO[bytes], container: str, safe: bool) -> dict[str, Any]:
    if not isinstance(out, Path):
        return {"options": {"flush_packets": "1"}}
    if container == "matroska":
        return {"options": _OF_MATROSKA if safe else {}}
    if safe:
        return {"options": _SAFE}
    return {"options": _FAST, "io_open": lambda url, flags, options: _reopened(out)}  # to move the index to the front


def _reopened(path: Path) -> IO[bytes]:
    return path.open("rb")
