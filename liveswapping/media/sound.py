"""What belongs to the pictures of a file, carried over into a recording: sound, subtitles, attachments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.subtitles.stream import SubtitleStream

from liveswapping.media.container import describe_audio, open_media, origin, packets, seek_before, video_stream

_COPIED: dict[str, tuple[str, ...] | None] = {
    "mp4": ("aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"),
    "mov": ("aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_s16be", "pcm_s24be", "pcm_f32le"),
    "matroska": None,
}
"""Codecs that players expect in a container (None: any): they go over bit by bit."""
_SUBTITLES: dict[str, tuple[str, ...]] = {
    "mp4": ("mov_text",),
    "mov": ("mov_text",),
    "matroska": ("subrip", "ass", "ssa", "webvtt", "text", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"),
}
"""The same for subtitles."""
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_AAC_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1")
_ZERO = Fraction(0)
_TAIL = Fraction(1)
"""Seconds of pictures that may be missing at a file's end before a recording counts as stopped on the way."""


class Sound:
    """All sound tracks and subtitles of a file, in step with the pictures of a recording. One thread."""

    def __init__(
        self,
        path: Path,
        output: OutputContainer,
        say: Callable[[str], None],
        *,
        start: Fraction = _ZERO,
        end: Fraction | None = None,
    ) -> None:
        """Adds a stream to `output` for each track. `say` is told where a track does not go over as it is.

        Of the file only the part from `start` to `end`, in seconds, is taken, and times count from `start`.
        Raises SourceError where the file cannot be read.
        """
        self._path = path
        self._container = open_media(path)
        self._origin = origin(self._container) + start
        self._length = None if end is None else end - start
        self._cut = start > 0 or end is not None
        self._video = video_stream(self._container)
        self._tracks: dict[int, _Track] = {}
        streams: list[AudioStream | SubtitleStream] = [*self._container.streams.audio]
        streams += self._container.streams.subtitles
        for stream in streams:
            track = _track(stream, output, self._origin, say)
            if track is not None:
                self._tracks[stream.index] = track
        _attach(self._container, output)
        if start:
            seek_before(self._container, self._video, self._origin)
        wanted = [one for one in self._container.streams if one.index in self._tracks]
        self._packets = packets(self._container, (self._video, *wanted), lambda: None)
        self._next = next(self._packets, None)

    def until(self, time: Fraction) -> Iterator[Packet[Any]]:
        """The packets to write before a picture shown at `time`, in seconds from the file's beginning."""
        while self._next is not None and self._time(self._next) <= time:
            yield from self._taken()

    def rest(self, end: Fraction) -> Iterator[Packet[Any]]:
        """What remains when the last picture ends at `end`: all of it, or as far as `end` where we stopped early."""
        if self._length is not None:
            yield from self.until(self._length)
        elif self._goes_on(end + _TAIL):
            yield from self.until(end)
        else:
            while self._next is not None:
                yield from self._taken()
        for track in self._tracks.values():
            yield from track.flush()

    def close(self) -> None:
        """Release the file."""
        self._container.close()

    def _taken(self) -> Iterator[Packet[Any]]:
        packet, self._next = self._next, next(self._packets, None)
        track = None if packet is None else self._tracks.get(packet.stream_index)
        if track is not None and packet is not None and packet.size and self._within(packet):
            yield from track.carry(packet)

    def _within(self, packet: Packet[Any]) -> bool:
        """Whether it is heard in the part that is taken."""
        time = self._time(packet)
        length = (packet.duration or 0) * packet.time_base
        return time + length > 0 and (self._length is None or time < self._length) if self._cut else True

    def _time(self, packet: Packet[Any]) -> Fraction:
        stamp = packet.pts if packet.dts is None else packet.dts
        return Fraction(0) if stamp is None else stamp * packet.time_base - self._origin

    def _goes_on(self, time: Fraction) -> bool:
        """Whether the file has pictures later than `time`."""
        with open_media(self._path) as container:
            video = video_stream(container)
            seek_before(container, video, time + self._origin)
            return any(self._time(packet) > time for packet in packets(container, (video,), lambda: None))


class _Track(Protocol):
    """One sound track on its way."""

    def carry(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        """What to write for a packet of the source."""
        ...

    def flush(self) -> Iterator[Packet[Any]]:
        """What to write at the end."""
        ...


def _track(
    stream: AudioStream | SubtitleStream, output: OutputContainer, origin: Fraction, say: Callable[[str], None]
) -> _Track | None:
    if isinstance(stream, SubtitleStream):
        return _subtitles(stream, output, origin, say)
    copied = _COPIED[output.format.name]
    name = f"sound track {stream.index} ({describe_audio(stream)})"
    if not stream.codec_context:
        say(f"{name} was left out")
        return None
    if copied is None or stream.codec_context.name in copied:
        return _Copied(stream, output, origin)
    say(f"{name} cannot go into {output.format.name} as it is: it was encoded again, as AAC")
    return _Encoded(stream, output, origin)


def _subtitles(
    stream: SubtitleStream, output: OutputContainer, origin: Fraction, say: Callable[[str], None]
) -> _Track | None:
    codec = stream.codec_context.name if stream.codec_context else "unknown codec"
    if codec in _SUBTITLES[output.format.name]:
        return _Copied(stream, output, origin)
    say(f"subtitles {stream.index} ({codec}) cannot go into {output.format.name} and were left out; MKV takes them")
    return None


def _attach(source: InputContainer, output: OutputContainer) -> None:
    """Fonts and pictures that only Matroska carries."""
    if output.format.name == "matroska":
        for stream in source.streams.attachments:
            output.add_stream_from_template(stream)


class _Copied:
    """Packets as they are, at the same times."""

    def __init__(self, stream: AudioStream | SubtitleStream, output: OutputContainer, origin: Fraction) -> None:
        self._stream = output.add_stream_from_template(stream)
        self._stream.metadata.update(stream.metadata)
        self._stream.disposition = stream.disposition
        self._shift = _ticks(origin, stream)
        self._last: int | None = None
        self._apart = 1 if isinstance(stream, AudioStream) else 0  # two subtitles may begin at the same time

    def carry(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        dts = packet.pts if packet.dts is None else packet.dts
        if dts is None or (self._last is not None and dts < self._last + self._apart):
            return  # no container takes a packet that goes back in time
        self._last = dts
        packet.dts = dts - self._shift
        packet.pts = None if packet.pts is None else packet.pts - self._shift
        packet.stream = self._stream
        yield packet

    def flush(self) -> Iterator[Packet[Any]]:
        yield from ()


class _Encoded:
    """The sound decoded, and encoded again as AAC."""

    def __init__(self, stream: AudioStream, output: OutputContainer, origin: Fraction) -> None:
        context = stream.codec_context
        rate = context.sample_rate if context.sample_rate in _AAC_RATES else 48000
        layout = context.layout.name if context.layout.name in _AAC_LAYOUTS else "stereo"
        self._source = stream
        self._stream = output.add_stream("aac", rate=rate, layout=layout)
        self._stream.metadata.update(stream.metadata)
        self._shift = _ticks(origin, stream)

    def carry(self, packet: Packet[AudioStream]) -> Iterator[Packet[Any]]:
        with contextlib.suppress(av.error.InvalidDataError):  # a hole in the sound
            yield from self._encode(packet.decode())

    def flush(self) -> Iterator[Packet[Any]]:
        yield from self._encode(self._source.decode(None))
        yield from self._stream.encode(None)

    def _encode(self, frames: list[AudioFrame]) -> Iterator[Packet[Any]]:
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= self._shift
            yield from self._stream.encode(frame)


def _ticks(time: Fraction, stream: AudioStream | SubtitleStream) -> int:
    return round(time / stream.time_base) if stream.time_base else 0
