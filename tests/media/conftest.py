"""Small clips, made by PyAV for the tests that need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Source
from liveswapping.media.around import every_frame


@dataclass(frozen=True)
class Sound:
    """A sound track: a tone from `start` on, `seconds` long."""

    codec: str = "aac"
    language: str = "eng"
    start: Fraction = Fraction(0)
    seconds: Fraction = Fraction(1)
    frequency: float = 440.0


def gradient(width: int, height: int, shift: int = 0) -> np.ndarray:
    """A smooth BGR picture, different for each `shift`."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    planes = (x * 200 // width + 20, y * 200 // height + 20, np.full_like(x, 40 + shift * 7 % 160))
    return np.dstack(planes).astype(np.uint8)


def make_clip(
    path: Path,
    times: Sequence[Fraction] | int = 12,
    size: tuple[int, int] = (96, 64),
    *,
    pictures: Callable[[int], np.ndarray] | None = None,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    rotation: float | None = None,
    sounds: Sequence[Sound] = (),
    time_base: Fraction = Fraction(1, 90000),
) -> Path:
    """A clip with pictures at these times (a number: so many at 30 a second) and these sound tracks."""
    moments = [Fraction(i, 30) for i in range(times)] if isinstance(times, int) else list(times)
    draw = pictures or (lambda i: gradient(*size, i))
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=30, options=options or {})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.time_base = time_base
        if rotation is not None:
            video.set_display_rotation(rotation)
        tracks = [(sound, container.add_stream(sound.codec, rate=48000, layout="mono")) for sound in sounds]
        for sound, track in tracks:
            track.metadata["language"] = sound.language
        for i, moment in enumerate(moments):
            frame = av.VideoFrame.from_ndarray(draw(i), format="bgr24")
            frame.pts, frame.time_base = round(moment / time_base), time_base
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for sound, track in tracks:
            container.mux([packet for frame in _tone(sound, track) for packet in track.encode(frame)])
            container.mux(track.encode())
    return path


def _tone(sound: Sound, track: av.AudioStream) -> list[av.AudioFrame]:
    samples = np.sin(np.arange(int(48000 * sound.seconds)) * (2 * np.pi * sound.frequency / 48000)) * 8000
    frames = []
    for begin in range(0, len(samples), 1024):
        block = samples[begin : begin + 1024].astype(np.int16)
        frame = av.AudioFrame.from_ndarray(block[None], format="s16", layout="mono")
        frame.sample_rate = 48000
        frame.pts, frame.time_base = begin + int(sound.start * 48000), Fraction(1, 48000)
        frames.append(frame)
    return frames


@pytest.fixture
def all_frames() -> Callable[[Source], list[Frame]]:
    """Reads a source to its end and closes it."""
    return lambda source: list(every_frame(source))


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """`clip("name.mp4", …)` makes a clip in the test's folder; the rest as in `make_clip`."""
    return lambda name="clip.mp4", *args, **options: make_clip(tmp_path / name, *args, **options)


@pytest.fixture
def usual_picture() -> Callable[..., np.ndarray]:
    """The picture that clips show unless they are told otherwise."""
    return gradient


@pytest.fixture
def sound() -> type[Sound]:
    """The description of a sound track."""
    return Sound
