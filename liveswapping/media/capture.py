"""One capture device: opening it, asking for a format, and what it gives made a picture."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.frame import Image
from liveswapping.media.chatter import silence_opencv

BACKENDS = {
    "Linux": ("V4L2", cv2.CAP_V4L2),
    "Windows": ("DirectShow", cv2.CAP_DSHOW),
    "Darwin": ("AVFoundation", cv2.CAP_AVFOUNDATION),
}
"""OpenCV's way to cameras on each system. DirectShow: it opens at once, takes MJPG, and knows virtual cameras."""

_PLAIN_BYTES_PER_SECOND = 30e6
"""What a USB 2 camera can send without compression, with some room: 640×480 at 30 (18 MB/s), not 1280×720 (55)."""


class CaptureDevice(Protocol):
    """The part of `cv2.VideoCapture` that a camera needs. Used by one thread."""

    def grab(self) -> bool:
        """Wait for the next picture; False when none came, or there is no such device."""
        ...

    def retrieve(self) -> tuple[bool, NDArray[np.generic] | None]:
        """Decode the picture that was grabbed."""
        ...

    def get(self, prop: int, /) -> float:
        """A property, 0 where it is not known."""
        ...

    def set(self, prop: int, value: float, /) -> bool:
        """Ask for a property."""
        ...

    def release(self) -> None:
        """Give the device back."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a camera is asked for. It answers with what it can."""

    width: int = 1280
    height: int = 720
    fps: float = 30.0
    fourcc: str | None = None
    """None: MJPG where uncompressed pictures would not come at this rate, else what the camera likes."""

    @property
    def fourccs(self) -> tuple[str | None, ...]:
        """The formats to try, in this order; None leaves it to the camera.

        A camera left to itself takes YUY2, and many send 1920×1080 at 4 frames a second then.
        """
        if self.fourcc is not None:
            return (self.fourcc,)
        plain = 2 * self.width * self.height * self.fps
        return ("MJPG", None) if plain > _PLAIN_BYTES_PER_SECOND else (None,)


def open_capture(index: int) -> CaptureDevice:
    """The device with this index of this system's backend. Whether it works, the first `grab` tells."""
    silence_opencv()
    # On macOS OpenCV asks for permission from the main thread only; left out, the system asks by itself.
    os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")
    _, backend = BACKENDS.get(platform.system(), ("", cv2.CAP_ANY))
    device: CaptureDevice = cv2.VideoCapture(index, backend)
    return device


def ask(device: CaptureDevice, wish: Wish, fourcc: str | None) -> None:
    """Ask for format, size and rate."""
    code = None if fourcc is None else float(cv2.VideoWriter.fourcc(*fourcc))
    if code is not None:
        device.set(cv2.CAP_PROP_FOURCC, code)
    device.set(cv2.CAP_PROP_FRAME_WIDTH, wish.width)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.height)
    device.set(cv2.CAP_PROP_FPS, wish.fps)
    if code is not None and device.get(cv2.CAP_PROP_FOURCC) != code:
        device.set(cv2.CAP_PROP_FOURCC, code)  # DirectShow forgets it when the size changes


def fourcc_of(device: CaptureDevice) -> str:
    """The format the camera settled on, such as "MJPG"; "" where it does not say."""
    code = int(device.get(cv2.CAP_PROP_FOURCC))
    name = "".join(chr(code >> shift & 0xFF) for shift in (0, 8, 16, 24)) if code > 0 else ""
    return name.strip("\0 ") if name.isprintable() else ""


def decoded(device: CaptureDevice) -> Image | None:
    """The grabbed picture as BGR: grey, YUY2 and BGRA are converted. None for what is no picture."""
    try:
        _, raw = device.retrieve()
        return None if raw is None else _as_bgr(raw)
    except cv2.error:  # a compressed picture that arrived in part
        return None


def _as_bgr(raw: NDArray[np.generic]) -> Image | None:
    if raw.size == 0 or raw.dtype != np.uint8:
        return None
    picture = np.asarray(raw, np.uint8)
    channels = 1 if raw.ndim == 2 else raw.shape[2]
    if channels == 3:
        return np.ascontiguousarray(picture)
    conversions = {1: cv2.COLOR_GRAY2BGR, 2: cv2.COLOR_YUV2BGR_YUY2, 4: cv2.COLOR_BGRA2BGR}
    return np.asarray(cv2.cvtColor(picture, conversions[channels]), np.uint8) if channels in conversions else None
