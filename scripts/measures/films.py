"""Films to measure jobs with: a face that moves, is lost for a moment, and a cut."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from liveswapping.domain.frame import Image
from liveswapping.media.demo import demo_picture

RATE = Fraction(30000, 1001)
SIZE = (1280, 720)
_COVERED = range(50, 54)
"""Frames of every hundred in which the face is covered."""
_CUT = 150
"""Frames from one cut to the next."""
_GRAIN = 3.0
"""Standard deviation of the sensor's noise, in levels."""


def source_photo(folder: Path) -> Path:
    """A photograph of somebody else, as a file."""
    path = folder / "source.png"
    cv2.imwrite(str(path), demo_picture("t1"))
    return path


def make_film(path: Path, frames: int, size: tuple[int, int] = SIZE) -> Path:
    """H.264 with B-frames at 29.97 frames a second, and two sound tracks."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        tracks = [container.add_stream("aac", rate=48000, layout="stereo") for _ in range(2)]
        for number, image in enumerate(pictures(frames, size)):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = number, 1 / RATE
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        for place, track in enumerate(tracks):
            for sound in _sound(float(frames / RATE), 220.0 * (place + 1)):
                container.mux(track.encode(sound))
            container.mux(track.encode(None))
    return path


def pictures(frames: int, size: tuple[int, int]) -> Iterator[Image]:
    """The film's frames, BGR."""
    portrait = demo_picture("astronaut")
    scale = 1.6 * size[1] / portrait.shape[0]
    noise = np.random.default_rng(0).normal(0, _GRAIN, (8, size[1], size[0], 3)).astype(np.int8)
    for number in range(frames):
        mirrored = (number // _CUT) % 2 == 1
        angle, x, y = 4 * np.sin(number / 23), 60 * np.sin(number / 17), 25 * np.cos(number / 11)
        matrix = cv2.getRotationMatrix2D((240, 130), angle, scale)
        matrix[:, 2] += (size[0] / 2 - 240 + x, size[1] / 2 - 130 + y)
        image = cv2.warpAffine(portrait, matrix, size, borderMode=cv2.BORDER_REFLECT)
        if mirrored:
            image = cv2.flip(image, 1) // 2
        if number % 100 in _COVERED:
            image[size[1] // 4 : -size[1] // 4, size[0] // 4 : -size[0] // 4] = 90
        yield np.clip(image.astype(np.int16) + noise[number % 8], 0, 255).astype(np.uint8)


def _sound(seconds: float, frequency: float) -> Iterator[av.AudioFrame]:
    for begin in range(0, int(48000 * seconds), 1024):
        tone = 8000 * np.sin((begin + np.arange(1024)) * (2 * np.pi * frequency / 48000))
        frame = av.AudioFrame.from_ndarray(np.repeat(tone.astype(np.int16), 2)[None], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, begin, Fraction(1, 48000)
        yield frame
