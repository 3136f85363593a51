"""A sink that other programs see as a camera: Zoom, Teams, OBS, a browser."""

from __future__ import annotations

import contextlib
import enum
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from liveswapping.domain.errors import SinkError
from liveswapping.domain.frame import Frame, Image
from liveswapping.imaging.letterbox import even, letterboxed
from liveswapping.media.virtual_devices import advice, install_package, virtual_devices

_RETRY: Final = 1.0
"""Seconds until a camera that could not be opened is tried again."""
_LOOK: Final = 1.0
"""Seconds after which a device file is looked at: the driver does not say that it has gone."""
_USUAL_SIZES: Final = ((1920, 1080), (1280, 720), (960, 540), (640, 480), (640, 360))
"""Tried where the camera does not take the picture's own size, as while another program is watching it."""
_USUAL_FPS: Final = 30.0

_LOG = logging.getLogger(__name__)


class CameraState(enum.Enum):
    """How a virtual camera is doing."""

    WAITING = "waiting"
    """There is none, or it cannot be opened; it is tried again."""
    LIVE = "live"


def _same(image: Image) -> NDArray[np.uint8]:
    return image


def _by(code: int) -> Callable[[Image], NDArray[np.uint8]]:
    return lambda image: np.asarray(cv2.cvtColor(image, code), np.uint8)


def _nv12(image: Image) -> NDArray[np.uint8]:
    """Luma, then both chroma planes of I420 interleaved."""
    height, width = image.shape[:2]
    planar = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    luma, chroma = planar[: width * height], planar[width * height :].reshape(2, -1)
    return np.concatenate([luma, np.ascontiguousarray(chroma.T).reshape(-1)])


FORMATS: Final[Mapping[str, Callable[[Image], NDArray[np.uint8]]]] = {
    "I420": _by(cv2.COLOR_BGR2YUV_I420),
    "NV12": _nv12,
    "BGR": _same,
    "RGB": _by(cv2.COLOR_BGR2RGB),
    "YUYV": _by(cv2.COLOR_BGR2YUV_YUY2),
    "UYVY": _by(cv2.COLOR_BGR2YUV_UYVY),
    "RGBA": _by(cv2.COLOR_BGR2RGBA),
}
"""Pixel formats by pyvirtualcam's names, and what makes them of BGR; first what cameras have themselves, so that no
backend converts while it keeps other threads from running."""


class VirtualCamera:
    """Feeds a virtual camera, and waits for it where there is none. One thread at a time.

    It is opened with the first frame, of whose size and in whose rate it is where the camera allows; later frames of
    another size are fitted into it. A live loop puts a QueuedSink before it.
    """

    def __init__(
        self,
        device: str | None = None,
        *,
        fps: float | None = None,
        say: Callable[[str], None] = _LOG.info,
        backend: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`device` is a device, or part of the name that other programs see; None: the first that can be fed.

        `say` is told in one line each when it is opened, lost, or not there, and then what to do. `backend` is one of
        pyvirtualcam's; None: whichever works. Raises SinkError where pyvirtualcam is not installed.
        """
        self._library = _pyvirtualcam()
        self._wanted = device
        self._fps = fps or _USUAL_FPS
        self._say = say
        self._backend = backend
        self._clock = clock
        self._camera: Any = None
        self._convert: Callable[[Image], NDArray[np.uint8]] = _same
        self._node: tuple[int, int] | None = None
        self._next_look = self._next_try = 0.0
        self._said = ""

    @property
    def state(self) -> CameraState:
        """How it is doing, now."""
        return CameraState.WAITING if self._camera is None else CameraState.LIVE

    @property
    def description(self) -> str:
        """Which camera is fed, and how; "" while none is."""
        camera = self._camera
        if camera is None:
            return ""
        return f"{camera.device}, {camera.width}×{camera.height} at {camera.fps:g} frames a second, as {camera.fmt}"

    def write(self, frame: Frame) -> None:
        """Show one frame, or let it go while there is no camera. Raises nothing: cameras come back."""
        if self._camera is not None and self._gone():
            self._lose("its device has gone")
        if self._camera is None and not self._try_to_open(frame.image):
            return
        try:
            self._send(frame.image)
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            self._lose(_one_line(error))

    def close(self) -> None:
        """Let go of the camera; programs that watch it see it end."""
        camera, self._camera = self._camera, None
        if camera is not None:
            with contextlib.suppress(Exception):  # it may be gone already
                camera.close()

    def _send(self, image: Image) -> None:
        fitted = letterboxed(image, self._camera.width, self._camera.height)
        self._camera.send(np.ascontiguousarray(self._convert(fitted)))

    def _try_to_open(self, image: Image) -> bool:
        now = self._clock()
        if now < self._next_try:
            return False
        self._next_try = now + _RETRY
        reason = ""
        for device in self._devices():
            for width, height, pixels in _proposals(image):
                try:
                    self._open(width, height, pixels, device)
                except Exception as error:  # noqa: BLE001 - backends raise what they like
                    reason = reason or _one_line(error)
                else:
                    return True
        _LOG.debug("the virtual camera cannot be opened: %s", reason)
        self._tell(f"no virtual camera can be fed yet ({reason}); it starts when there is one: {advice()}")
        return False

    def _open(self, width: int, height: int, pixels: str, device: str | None) -> None:
        library = self._library
        self._camera = library.Camera(
            width, height, self._fps, fmt=library.PixelFormat[pixels], device=device, backend=self._backend
        )
        self._convert = FORMATS[pixels]
        self._node = _node(self._camera.device)
        self._next_look = self._clock() + _LOOK
        self._tell(f"the virtual camera is on: {self.description}")

    def _devices(self) -> tuple[str | None, ...]:
        """What to try, in pyvirtualcam's names."""
        if self._wanted is None:
            ours = [one.device for one in virtual_devices() if self._backend is None]
            return (*ours, None)
        named = [one.device for one in virtual_devices() if self._wanted.casefold() in one.name.casefold()]
        return tuple(named) or (self._wanted,)

    def _gone(self) -> bool:
        """Whether the device file is there no more, or is another one."""
        now = self._clock()
        if self._node is None or now < self._next_look:
            return False
        self._next_look = now + _LOOK
        return _node(self._camera.device) != self._node

    def _lose(self, why: str) -> None:
        self.close()
        self._next_try = self._clock() + _RETRY
        self._tell(f"the virtual camera was lost ({why}); it goes on when it is back")

    def _tell(self, line: str) -> None:
        """Say it, but not over and over."""
        if line != self._said:
            self._say(line)
        self._said = line


def _proposals(image: Image) -> Iterator[tuple[int, int, str]]:
    """Sizes and formats to ask for, best first: all formats of the picture's own size, then a usual size."""
    own = even(image.shape[1]), even(image.shape[0])
    for pixels in FORMATS:
        yield *own, pixels
    for size in _USUAL_SIZES:
        if size != own:
            for pixels in FORMATS:
                yield *size, pixels


def _node(device: str) -> tuple[int, int] | None:
    """What a device file is; None where it is no file."""
    try:
        status = Path(device).stat()
    except OSError:
        return None
    return status.st_ino, getattr(status, "st_rdev", 0)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _pyvirtualcam() -> ModuleType:
    try:
        import pyvirtualcam
    except ImportError as error:
        raise SinkError(
            f"the virtual camera needs a package that is not installed ({error}): {install_package()}"
        ) from None
    module: ModuleType = pyvirtualcam
    return module
