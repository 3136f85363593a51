"""Films with a face in them, and what other programs see of a film."""

import hashlib
from fractions import Fraction

import av
import cv2
import numpy as np

SIZE = (192, 160)


def picture(face, number, size=SIZE):
    """The face, a little elsewhere in each frame."""
    matrix = np.float32([[0.62, 0, 3 * np.sin(number / 3) + 4], [0, 0.62, 2 * np.cos(number / 4) - 28]])
    scale = np.float32([size[0] / SIZE[0], size[1] / SIZE[1]])[:, None]
    return cv2.warpAffine(face, matrix * scale, size, borderMode=cv2.BORDER_REFLECT)


def make_film(path, face, times, *, size=SIZE, rate=30, base=Fraction(1, 90000), pixels="yuv420p", codec="libx264",
              options=None, rotation=None, tags=None, sounds=(), extras=None, convert=None):  # fmt: skip
    moments = [Fraction(number) / rate for number in range(times)] if isinstance(times, int) else list(times)
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=rate, options=options or {"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, pixels
        video.codec_context.time_base = base
        for name, value in (tags or {}).items():
            setattr(video.codec_context, name, value)
        if rotation is not None:
            video.set_display_rotation(rotation)
        tracks = [container.add_stream("aac", rate=48000, layout="mono") for _ in sounds]
        if extras is not None:
            extras(container)
        for number, moment in enumerate(moments):
            frame = av.VideoFrame.from_ndarray(picture(face, number, size), format="bgr24")
            frame = frame.reformat(format=pixels) if convert is None else convert(frame)
            frame.pts, frame.time_base = round(moment / base), base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for seconds, track in zip(sounds, tracks, strict=True):
            for begin in range(0, int(48000 * seconds), 1024):
                tone = (8000 * np.sin((begin + np.arange(1024)) * 0.05)).astype(np.int16)
                sound = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
                sound.sample_rate, sound.pts, sound.time_base = 48000, begin, Fraction(1, 48000)
                container.mux(track.encode(sound))
            container.mux(track.encode(None))
    return path


def shown(path):
    """Time and digest of every decoded frame, as any other program sees them."""
    with av.open(str(path)) as container:
        return [
            (frame.pts * frame.time_base, hashlib.sha256(frame.to_ndarray(format="rgb24").tobytes()).hexdigest())
            for frame in container.decode(video=0)
        ]


def packets(path, kind="audio", track=0):
    """Content of every packet of a track."""
    with av.open(str(path)) as container:
        stream = container.streams.get({kind: track})[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]
