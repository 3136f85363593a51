"""Cameras: what there is, and the newest picture of one, through being unplugged and coming back."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from liveswapping.domain.errors import SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.camera_list import CameraInfo, find_camera, list_cameras, missing
from liveswapping.media.capture import CaptureDevice, Wish, ask, decoded, fourcc_of, open_capture
from liveswapping.media.info import SourceInfo
from liveswapping.media.live import LiveFeed, LiveState

_OPEN_WITHIN = 15.0
"""Seconds for the first picture; some drivers take ten."""
_FAILURES = 10
"""Pictures in a row that do not come before the camera counts as lost."""
_FAILURE_PAUSE = 0.02
_STALLED_AFTER = 2.0
"""Seconds without a picture after which the camera counts as lost although its driver says nothing."""
_FIRST_RETRY = 0.25
_LONGEST_RETRY = 4.0
_RATE_OVER = 60
"""Pictures over which the rate is measured."""
_BLACK = 12
"""Brightest level of a picture that shows nothing: sensors in the dark give up to ten."""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What a camera really gives."""

    width: int
    height: int
    fps: float
    """Measured over the last pictures; 0 before there are two."""
    fourcc: str
    """"" where the driver does not say."""


class Camera:
    """The newest picture of a camera. Where it is lost, `read` gives None until it is back.

    A camera chosen by name is found again under another index.
    """

    live: Final = True

    def __init__(
        self,
        spec: int | str = 0,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: float | None = None,
        fourcc: str | None = None,
        open_device: Callable[[int], CaptureDevice] = open_capture,
        cameras: Callable[[], Sequence[CameraInfo]] = list_cameras,
    ) -> None:
        """`spec` is an index or a part of the name; "" is the first camera. Waits for the first picture.

        Raises SourceError where there is no such camera, or it gives nothing.
        """
        plain = Wish()
        self._wish = Wish(width or plain.width, height or plain.height, fps or plain.fps, fourcc)
        self._spec = str(spec).strip()
        self._open_device = open_device
        self._cameras = cameras
        self._camera = find_camera(self._spec, cameras())
        self._state = LiveState.OPENING
        self._negotiated = Negotiated(0, 0, 0.0, "")
        self._times: deque[float] = deque(maxlen=_RATE_OVER)
        self._last_at = 0.0
        self._closed = False
        self._damaged = 0
        self._decided = threading.Event()
        self._feed = LiveFeed("camera", self._run)
        self._await_first_picture()

    @property
    def state(self) -> LiveState:
        """How the camera is doing, now."""
        if self._closed:
            return LiveState.CLOSED
        delivering = self._state in (LiveState.LIVE, LiveState.BLACK)
        stalled = delivering and time.perf_counter() - self._last_at > _STALLED_AFTER
        return LiveState.LOST if stalled else self._state

    @property
    def negotiated(self) -> Negotiated:
        """What the camera gives at present."""
        return self._negotiated

    @property
    def info(self) -> SourceInfo:
        """Name, size and measured rate."""
        now = self._negotiated
        fps = Fraction(now.fps).limit_denominator(100) if now.fps else None
        return SourceInfo(f"camera {self._camera}", now.width, now.height, fps)

    @property
    def damaged(self) -> int:
        """Pictures so far that came but could not be decoded."""
        return self._damaged

    def read(self, timeout: float) -> Frame | None:
        """The newest picture; None where none came in time, as while the camera is lost."""
        return self._feed.read(timeout)

    def close(self) -> None:
        """Give the camera back. A driver that hangs keeps its thread until it comes back, but nobody waits for it."""
        self._feed.close()
        self._closed = True

    def _await_first_picture(self) -> None:
        if self._decided.wait(_OPEN_WITHIN) and self._state is not LiveState.OPENING:
            return
        self._feed.close()
        raise SourceError(missing(self._camera, self._cameras()))

    def _run(self, feed: LiveFeed) -> None:
        """The capture thread: it alone touches the device."""
        pause = _FIRST_RETRY
        try:
            while not feed.stopping.is_set():
                device = self._connect()
                if device is not None:
                    pause = _FIRST_RETRY
                    try:
                        self._deliver(device, feed)
                    finally:
                        device.release()
                if self._state is LiveState.OPENING:
                    return  # it never worked: the constructor says so
                self._state = LiveState.LOST
                feed.stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY)
        finally:
            self._decided.set()

    def _connect(self) -> CaptureDevice | None:
        """The device, proven by a first picture."""
        with contextlib.suppress(SourceError):  # it is not there now: try where it was
            self._camera = find_camera(self._spec, self._cameras())
        for fourcc in self._wish.fourccs:
            device = self._open_device(self._camera.index)
            ask(device, self._wish, fourcc)
            if device.grab():
                return device
            device.release()
        return None

    def _deliver(self, device: CaptureDevice, feed: LiveFeed) -> None:
        """Hand over pictures until the camera is lost or somebody closes it."""
        fourcc = fourcc_of(device)
        failures = 0
        self._times.clear()
        while failures < _FAILURES and not feed.stopping.is_set():
            grabbed = device.grab()
            captured_at = time.perf_counter()  # before decoding, which is our time, not the camera's
            image = decoded(device) if grabbed else None
            if image is None:
                self._damaged += grabbed
                failures += 1
                feed.stopping.wait(_FAILURE_PAUSE)
                continue
            failures = 0
            self._note(image, captured_at, fourcc)
            feed.put(image, captured_at)

    def _note(self, image: Image, captured_at: float, fourcc: str) -> None:
        self._last_at = captured_at
        self._times.append(captured_at)
        span = captured_at - self._times[0]
        fps = (len(self._times) - 1) / span if span > 0 else 0.0
        self._negotiated = Negotiated(image.shape[1], image.shape[0], fps, fourcc)
        black = image[::32, ::32].max() <= _BLACK
        self._state = LiveState.BLACK if black else LiveState.LIVE
        self._decided.set()
