"""The codecs that films are written in, and which of their encoders work on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Final

import av
import av.error
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from liveswapping.domain.errors import SettingsError
from liveswapping.media.chatter import hear_ffmpeg, reason

ANY: Final = ("mp4", "mov", "matroska")


@dataclass(frozen=True, slots=True)
class Encoder:
    """One of FFmpeg's encoders, and how its quality is asked for."""

    name: str
    quality: str
    """The option that takes the quality."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Always given."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A kind of video, its encoder in software, and those that need special hardware, best first."""

    software: Encoder
    hardware: tuple[Encoder, ...]
    quality: int
    """The usual one; less is better."""
    worst: int
    containers: tuple[str, ...] = ANY
    pixels: str = "yuv420p"
    tag: str = ""
    """In MP4 and MOV, where players want another than FFmpeg's own choice."""


_X264_STEADY: Final = "asm=avx2"
"""x264's AVX-512 code for macroblock trees reads memory that nobody wrote where the picture's width is no multiple of
128: the same pictures then give other bits in another process. Its AVX2 code does not, and is hardly slower."""
_NVENC = {"preset": "p4", "rc": "vbr", "b": "0"}
_AMF = {"rc": "cqp"}

CODECS: Final[Mapping[str, Codec]] = {
    "h264": Codec(
        Encoder("libx264", "crf", {"preset": "veryfast"}),
        (Encoder("h264_nvenc", "cq", _NVENC), Encoder("h264_qsv", "global_quality"), Encoder("h264_amf", "qp_i", _AMF),
         Encoder("h264_videotoolbox", "q")),
        18, 51,
    ),
    "hevc": Codec(
        Encoder("libx265", "crf", {"preset": "veryfast", "x265-params": "log-level=none:open-gop=0"}),
        (Encoder("hevc_nvenc", "cq", _NVENC), Encoder("hevc_qsv", "global_quality"), Encoder("hevc_amf", "qp_i", _AMF),
         Encoder("hevc_videotoolbox", "q")),
        22, 51, tag="hvc1",
    ),
    "av1": Codec(
        Encoder("libsvtav1", "crf", {"preset": "9"}),
        (Encoder("av1_nvenc", "cq", _NVENC), Encoder("av1_qsv", "global_quality"), Encoder("av1_amf", "qp_i", _AMF)),
        30, 63, ("mp4", "matroska"),
    ),
    "prores": Codec(
        Encoder("prores_ks", "", {"profile": "hq", "vendor": "apl0"}),
        (Encoder("prores_videotoolbox", ""),),
        0, 0, ("mov", "matroska"), "yuv422p10le",
    ),
}  # fmt: skip
"""`quality` of ProRes is fixed by its profile."""
ENCODERS: Final = ("software", "hardware")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a film is encoded with; two films with equal values and pictures come out equal."""

    codec: str
    encoder: str
    options: Mapping[str, str]
    threads: int
    full_range: bool = False

    @property
    def kind(self) -> Codec:
        """The codec's entry."""
        return CODECS[self.codec]


def choose(codec: str, encoder: str, quality: int | None, threads: int, full_range: bool = False) -> Chosen:
    """The encoder to use. Raises SettingsError where it is not there, does not work, or takes no such quality."""
    kind = CODECS[codec]
    if quality is not None and quality > kind.worst:
        allowed = f"0 to {kind.worst}" if kind.worst else "none: its profile fixes it"
        raise SettingsError(f"--crf {quality} cannot be used with {codec}; allowed: {allowed}")
    made = kind.software if encoder == "software" else _first_that_works(kind, codec)
    options = dict(made.options)
    if made.name == "libx264" and _has_avx512():
        options["x264-params"] = _X264_STEADY
    if kind.worst:
        options[made.quality] = str(kind.quality if quality is None else quality)
    return Chosen(codec, made.name, options, threads, full_range and kind.pixels == "yuv420p")


def _first_that_works(kind: Codec, codec: str) -> Encoder:
    failures = []
    for encoder in kind.hardware:
        why = why_not(encoder.name)
        if not why:
            return encoder
        failures.append(f"{encoder.name}: {why}")
    raise SettingsError(f"no hardware encoder for {codec} works here ({'; '.join(failures)}); use --encoder software")


@cache
def why_not(encoder: str) -> str:
    """Why an encoder cannot be used on this machine, proven by encoding a few pictures; empty where it works."""
    hear_ffmpeg()
    try:
        context = av.CodecContext.create(encoder, "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height, context.pix_fmt = 256, 256, "yuv420p"
        context.time_base = Fraction(1, 25)
        packets = []
        for number in range(4):
            picture = av.VideoFrame.from_ndarray(np.full((384, 256), 40 * number, np.uint8), format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            packets += context.encode(picture)
        packets += context.encode(None)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        return reason(error) if isinstance(error, OSError) else "not in this build of FFmpeg"
    return "" if any(packet.size for packet in packets) else "it gave nothing back"


@cache
def _has_avx512() -> bool:
    """As numpy finds when it is loaded; it names the extensions one by one or by level."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return any(name.startswith("AVX512") or name == "X86_V4" for name in found)


def open_encoder(
    chosen: Chosen, size: tuple[int, int], base: Fraction, rate: Fraction, aspect: Fraction, colour: int
) -> VideoCodecContext:
    """An encoder on its own, whose headers stand apart (`extradata`) and whose groups of pictures are closed."""
    os.environ.setdefault("SVT_LOG", "1")  # errors only: SVT-AV1 writes to stderr by itself
    context = av.CodecContext.create(chosen.encoder, "w")
    assert isinstance(context, VideoCodecContext)
    describe_to(context, chosen, size, base, rate, aspect, colour)
    context.flags |= Flags.global_header | Flags.closed_gop
    context.options = dict(chosen.options)
    context.thread_count = chosen.threads
    return context


def describe_to(
    context: VideoCodecContext,
    chosen: Chosen,
    size: tuple[int, int],
    base: Fraction,
    rate: Fraction,
    aspect: Fraction,
    colour: int,
) -> None:
    """Tell an encoder, or a stream of its packets, what the pictures are. `colour`: as `colour.colour_tag`."""
    context.width, context.height = size
    context.pix_fmt = chosen.kind.pixels
    context.time_base, context.framerate = base, rate
    context.sample_aspect_ratio = aspect
    context.color_range = 2 if chosen.full_range else 1
    context.colorspace = context.color_primaries = context.color_trc = colour
