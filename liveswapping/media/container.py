"""Opening media files with FFmpeg, and what they say of themselves."""

from __future__ import annotations

import contextlib
import logging
import stat
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from liveswapping.domain.errors import SourceError
from liveswapping.media.chatter import hear_ffmpeg, reason
from liveswapping.media.hdr import CURVES
from liveswapping.media.info import SourceInfo

_NOT_VIDEO = ("tty",)
"""Formats that make moving pictures out of anything: FFmpeg plays text files."""
_STALLED = 100
"""Errors in a row, without one packet in between, after which a file is taken to be at its end."""
_FULL_RANGE = 2
"""AVCOL_RANGE_JPEG."""
_PROTOCOL = "file:"
"""Before a path, it keeps a colon in the name from being taken for a protocol."""

_log = logging.getLogger(__name__)


def open_media(path: Path) -> InputContainer:
    """Open a file for reading. Raises SourceError with one line that says why it cannot be used."""
    hear_ffmpeg()
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size == 0:
            raise SourceError(f"'{path}' is empty: nothing was ever saved in it; use another file")
        container = av.open(f"{_PROTOCOL}{path}", "r")
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f"there is no file '{path}': check its name and folder") from None
    except (PermissionError, IsADirectoryError) as error:
        raise SourceError(f"'{path}' cannot be read: {error.strerror}") from error
    except (av.error.FFmpegError, OSError) as error:
        _log.info("%s: %s", path, reason(error))
        raise SourceError(
            f"'{path}' is not a video that can be read, or it is cut off; play it in another program to check"
        ) from error
    if container.format.name in _NOT_VIDEO:
        container.close()
        raise SourceError(f"'{path}' is not a video; use a file such as MP4, MKV or MOV")
    return container


def video_stream(container: InputContainer) -> VideoStream:
    """The moving picture of a file; a cover picture is none. Raises SourceError where there is nothing to decode."""
    name = _name(container)
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not streams:
        raise SourceError(f"'{name}' has no video in it, only sound or data; use another file")
    best = container.streams.best("video")
    chosen = best if isinstance(best, VideoStream) and best in streams else streams[0]
    if not chosen.codec_context:
        raise SourceError(f"'{name}' uses a video codec that is not known here; convert it to H.264 first")
    return chosen


def describe(container: InputContainer, name: str, path: Path | None = None) -> SourceInfo:
    """What a file says of itself, as it is stored: turning it upright is the reader's business."""
    stream = video_stream(container)
    fps = stream.average_rate or stream.guessed_rate or None
    duration = _duration(container, stream)
    estimate = round(duration * fps) if duration is not None and fps else None
    return SourceInfo(
        name=name,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        fps=fps,
        frames=stream.frames or estimate,
        duration=duration,
        path=path,
        audio=tuple(describe_audio(one) for one in container.streams.audio),
        time_base=stream.time_base,
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
        full_range=stream.codec_context.color_range == _FULL_RANGE,
        bits=_bits(stream),
        hdr=CURVES.get(stream.codec_context.color_trc, ""),
    )


def _bits(stream: VideoStream) -> int:
    """Of each colour."""
    pixels = stream.codec_context.format
    return max((component.bits for component in pixels.components), default=8) if pixels is not None else 8


def describe_audio(stream: AudioStream) -> str:
    """One line on a sound track."""
    context = stream.codec_context
    if not context:
        return "unknown codec"
    parts = [context.name, f"{context.sample_rate} Hz", context.layout.name]
    return ", ".join([*parts, stream.language] if stream.language not in (None, "und") else parts)


def origin(container: InputContainer) -> Fraction:
    """The file's zero on its own clocks, in seconds: where the first of its pictures or sounds begins.

    Taken from the streams, whose units are exact, not from the container, which rounds to microseconds.
    """
    streams = (*container.streams.video, *container.streams.audio)
    starts = [
        one.start_time * one.time_base
        for one in streams
        if one.start_time is not None and one.time_base and not one.disposition & Disposition.attached_pic
    ]
    return min(starts, default=Fraction(0))


def seek_before(container: InputContainer, stream: VideoStream, time: Fraction) -> None:
    """Go to a key frame a second before `time` on the file's own clock, or earlier.

    A file that cannot seek stays at its beginning.
    """
    with contextlib.suppress(av.error.FFmpegError):
        container.seek(int((time - 1) / (stream.time_base or 1)), stream=stream)


def packets(container: InputContainer, streams: Sequence[Stream], hole: Callable[[], None]) -> Iterator[Packet[Any]]:
    """The packets of `streams`, in the file's order; `hole` is called where some cannot be read, and it goes on.

    At the end an empty packet comes for each stream, which empties its decoder. Raises SourceError when the file
    cannot be read on for another reason than its content.
    """
    errors = 0
    while errors < _STALLED:
        try:
            for packet in container.demux(*streams):
                errors = 0
                yield packet
            return
        except av.error.InvalidDataError as error:  # the next packets may be good
            if errors == 0:
                _log.info("%s cannot be read in part: %s", _name(container), reason(error))
                hole()
            errors += 1
        except (av.error.FFmpegError, OSError) as error:
            _log.info("%s: %s", _name(container), reason(error))
            raise SourceError(f"reading '{_name(container)}' failed on the way: {error.strerror or error}") from error


def _name(container: InputContainer) -> str:
    return Path(container.name.removeprefix(_PROTOCOL)).name


def _duration(container: InputContainer, stream: VideoStream) -> Fraction | None:
    if stream.duration is not None and stream.time_base:
        return stream.duration * stream.time_base
    return None if container.duration is None else Fraction(container.duration, av.time_base)
