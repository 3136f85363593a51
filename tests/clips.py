"""Small clips for tests, made when they are needed."""

from fractions import Fraction

import av
import numpy as np


def write_clip(path, images, fps=25, sound=False):
    """H.264 in the container that the name's ending says, with a tone beside it where `sound` is asked for."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "g": "10"})
        video.height, video.width = images[0].shape[:2]
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        for image in images:
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(video.encode(None))
        if audio is not None:
            _add_tone(container, audio, Fraction(len(images), fps))


def write_sound(path):
    """A container with sound and no picture."""
    with av.open(str(path), "w") as container:
        _add_tone(container, container.add_stream("aac", rate=16000, layout="mono"), Fraction(1, 2))


def _add_tone(container, stream, seconds):
    samples = round(seconds * 16000)
    tone = (8000 * np.sin(np.arange(samples) * 0.17)).astype(np.int16)[None]
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
    frame.sample_rate = 16000
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
