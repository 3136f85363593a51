"""The cameras of this machine, by index and name."""

from __future__ import annotations

import logging
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from liveswapping.domain.errors import SourceError
from liveswapping.media.capture import BACKENDS

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine."""

    index: int
    name: str
    backend: str
    """The way to it: V4L2, DirectShow, AVFoundation."""

    def __str__(self) -> str:
        return f"{self.index} ({self.name})" if self.name else str(self.index)


def list_cameras() -> tuple[CameraInfo, ...]:
    """The cameras, by index; empty where there is none or nobody can tell."""
    name, backend = BACKENDS.get(platform.system(), ("", 0))
    if not name:
        return ()
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = enumerate_cameras(backend)
    except Exception:  # noqa: BLE001 - drivers and system services fail in many ways; an index still works
        _log.exception("the cameras cannot be listed")
        return ()
    listed = (CameraInfo(one.index, one.name or f"camera {one.index}", name) for one in found)
    return tuple(sorted(listed, key=lambda one: one.index))


def find_camera(spec: str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """The camera that an index or a part of a name means; "" is the first.

    An index that is not listed is taken all the same: not every driver lists itself. Raises SourceError for a name.
    """
    if not spec:
        return cameras[0] if cameras else CameraInfo(0, "", "")
    if spec.isdecimal():
        index = int(spec)
        return next((one for one in cameras if one.index == index), CameraInfo(index, "", ""))
    wanted = spec.casefold()
    for fits in (wanted.__eq__, lambda name: wanted in name):
        for one in cameras:
            if fits(one.name.casefold()):
                return one
    raise SourceError(f"there is no camera named '{spec}': {_there_is(cameras)}")


def missing(camera: CameraInfo, cameras: Sequence[CameraInfo]) -> str:
    """Why a camera gives nothing, in one line, and what to do."""
    if any(one.index == camera.index for one in cameras):
        return (
            f"camera {camera} gives no picture: another program may be using it (close that one), "
            "or this one is not allowed to (see the system's privacy settings)"
        )
    return f"there is no camera {camera.index}: {_there_is(cameras)}"


def _there_is(cameras: Sequence[CameraInfo]) -> str:
    if not cameras:
        return "no camera was found; connect one, or use a file or demo:"
    return f"there is {', '.join(str(one) for one in cameras)}"
