"""Joins the segments of a film into one file, beside everything of the source that is no picture: nothing is encoded.

Sound, subtitles, attachments, chapters and metadata are copied packet by packet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from liveswapping.domain.errors import SourceError
from liveswapping.media.chatter import hear_ffmpeg
from liveswapping.media.codecs import describe_to
from liveswapping.media.container import open_media, origin
from liveswapping.media.film_encoder import Form
from liveswapping.media.part_file import WholeFile
from liveswapping.media.segment import Coded, headers_of, read_segment
from liveswapping.media.sound import Sound

_BUFFER_BYTES: Final = 1 << 20
_OWN: Final = ("major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "DURATION")
"""Metadata that belongs to a file itself and is written anew."""
_MICRO: Final = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Companion:
    """The file that sound and the like come from, and which part of it."""

    path: Path
    start: Fraction = Fraction(0)
    end: Fraction | None = None
    """None: to its end."""


def assemble(
    target: Path,
    container: str,
    segments: Sequence[Path],
    form: Form,
    companion: Companion | None,
    say: Callable[[str], None],
    report: Callable[[int], None] = lambda written: None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write `target`, an existing, empty file, in FFmpeg's format `container`.

    `say` is told what does not go over as it is, `report` how many pictures are written. `tags`: what the file says of
    itself, beside what the companion says. Raises OSError and
    FFmpegError as they come, and SourceError for a damaged segment.
    """
    hear_ffmpeg()
    options = {} if container == "matroska" else {"movflags": "+faststart+use_metadata_tags"}
    file = WholeFile(str(target), "r+")
    output = sound = None
    try:
        output = av.open(
            file,
            "w",
            format=container,
            options=options,
            io_open=lambda *_: _reopened(target),
            buffer_size=_BUFFER_BYTES,
        )
        stream = _video_stream(output, form)
        if companion is not None:
            _take_over(companion, output)
            sound = Sound(companion.path, output, say, start=companion.start, end=companion.end)
        output.metadata.update(tags or {})
        output.start_encoding()
        _check_headers(stream, segments)
        _join(output, stream, segments, form, sound, report)
        output.close()
    finally:
        file.close()  # where something went wrong before PyAV, which then leaves the index unwritten
        if sound is not None:
            sound.close()


def _join(
    output: OutputContainer,
    stream: VideoStream,
    segments: Sequence[Path],
    form: Form,
    sound: Sound | None,
    report: Callable[[int], None],
) -> None:
    end = Fraction(0)
    for written, packet in enumerate(_packets(segments, form), start=1):
        packet.stream = stream
        time = (packet.pts or 0) * form.base
        if sound is not None:
            output.mux(list(sound.until(time)))
        output.mux(packet)
        end = max(end, time + 1 / form.fps)
        report(written)
    if sound is not None:
        for late in sound.rest(end):
            output.mux(late)


def _video_stream(output: OutputContainer, form: Form) -> VideoStream:
    """A stream with an encoder that is never fed: it describes what the segments' encoders made."""
    stream = output.add_stream(form.chosen.encoder, rate=form.fps, options=dict(form.chosen.options))
    assert isinstance(stream, VideoStream)
    size = form.width, form.height
    describe_to(stream.codec_context, form.chosen, size, form.base, form.fps, form.aspect, form.colour)
    stream.codec_context.thread_count = form.chosen.threads
    stream.time_base = form.base
    if form.chosen.kind.tag and output.format.name != "matroska":
        stream.codec_context.codec_tag = form.chosen.kind.tag
    return stream


def _check_headers(stream: VideoStream, segments: Sequence[Path]) -> None:
    own = stream.codec_context.extradata or b""
    for segment in segments:
        if headers_of(segment) != own:
            raise SourceError(f"'{segment}' was encoded otherwise than the others; remove its folder and begin anew")


def _packets(segments: Sequence[Path], form: Form) -> Iterator[Packet[Any]]:
    """All pictures in the order of decoding, with the times at which they are decoded.

    Encoders begin each segment a little before its first picture; here one clock runs through: the n-th packet is
    decoded when the picture `delay` places before the n-th is shown, which no picture needs earlier.
    """
    delay = max((_delay(segment) for segment in segments), default=0)
    step = max(1, round(1 / form.fps / form.base))
    shown: deque[int] = deque()
    for segment in segments:
        coded = list(read_segment(segment))
        times = sorted(one.pts for one in coded)
        if not shown and times:
            shown.extend(times[0] - step * back for back in range(delay, 0, -1))
        shown.extend(times)
        for one in coded:
            yield _packet(one, shown.popleft(), form.base, step)


def _packet(coded: Coded, dts: int, base: Fraction, step: int) -> Packet[Any]:
    packet: Packet[Any] = Packet(coded.data)
    packet.pts, packet.dts, packet.time_base, packet.duration = coded.pts, dts, base, step
    packet.is_keyframe = coded.key
    return packet


def _delay(segment: Path) -> int:
    """How many pictures a decoder must hold back to show those of a segment in order."""
    times = [one.pts for one in read_segment(segment)]
    place = {pts: rank for rank, pts in enumerate(sorted(times))}
    return max((position - place[pts] for position, pts in enumerate(times)), default=0)


def _take_over(companion: Companion, output: OutputContainer) -> None:
    """Metadata and chapters."""
    with open_media(companion.path) as source:
        for key, value in source.metadata.items():
            if key not in _OWN:
                output.metadata[key] = value
        chapters = list(_chapters(source, companion))
    if chapters:
        output.set_chapters(chapters)


def _chapters(source: InputContainer, companion: Companion) -> Iterable[Any]:
    """The chapters within the part, counted from where it begins."""
    shift = origin(source) + companion.start
    for chapter in source.chapters():
        unit = chapter["time_base"] or _MICRO
        begin, end = (max(Fraction(0), chapter[side] * unit - shift) for side in ("start", "end"))
        if companion.end is not None:
            end = min(end, companion.end - companion.start)
        if begin < end:
            yield {**chapter, "start": round(begin / _MICRO), "end": round(end / _MICRO), "time_base": _MICRO}


def _reopened(path: Path) -> BinaryIO:
    return path.open("rb")
