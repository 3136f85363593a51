"""From what a user writes to a source."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from liveswapping.domain.errors import SourceError
from liveswapping.domain.plugins import installed, made
from liveswapping.domain.protocols import Source
from liveswapping.media.info import MediaSource, SourceInfo

DemoFactory = Callable[[str], MediaSource]
"""Makes the animated portrait of this name ("": the default one)."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_FILE_URL = "file://"


def open_source(
    spec: str | int,
    *,
    width: int | None = None,
    height: int | None = None,
    fps: float | None = None,
    fourcc: str | None = None,
    mirror: bool = False,
    rotate: int = 0,
    realtime: bool = False,
    demo_factory: DemoFactory | None = None,
) -> MediaSource:
    """Open "0", "camera:0", "camera:Part of its name", "clip.mp4", "picture.jpg", "folder/", "rtsp://…" or "demo:t1".

    Size, rate and FOURCC are asked of a camera and mean nothing to others. Every frame is turned clockwise by `rotate`
    degrees (0, 90, 180, 270), then mirrored. With `realtime` a file plays at its own pace as a live source.
    Raises SourceError, and SettingsError for a `rotate` that is none.
    """
    from liveswapping.media.orientation import Orientation, TurnedSource

    orientation = Orientation.turned(rotate, mirror)
    source = _open(str(spec).strip(), width, height, fps, fourcc, demo_factory)
    if realtime and not source.live:
        from liveswapping.media.paced import PacedSource

        source = PacedSource(source)
    return source if orientation == Orientation() else TurnedSource(source, orientation)


def _open(
    spec: str,
    width: int | None,
    height: int | None,
    fps: float | None,
    fourcc: str | None,
    demo_factory: DemoFactory | None,
) -> MediaSource:
    kind, _, rest = spec.partition(":")
    if spec.isdecimal() or kind == "camera":
        from liveswapping.media.camera import Camera

        return Camera(rest if kind == "camera" else spec, width=width, height=height, fps=fps, fourcc=fourcc)
    plugins = installed().plugins.sources
    if kind in plugins and kind != spec:
        return _of_plugin(kind, made("source", kind, lambda: plugins[kind].open(rest)))
    if kind == "demo":
        if demo_factory is None:
            raise SourceError(f"'{spec}' needs the face models, which nobody handed in; use a camera or a file here")
        return demo_factory(rest)
    if spec.lower().startswith(_FILE_URL):
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return _open_path(Path(url2pathname(urlsplit(spec).path)))
    if _URL.match(spec):
        from liveswapping.media.stream import StreamSource

        return StreamSource(spec)
    return _open_path(Path(spec).expanduser())


def _of_plugin(kind: str, source: Source) -> MediaSource:
    if not isinstance(getattr(source, "info", None), SourceInfo) or not isinstance(
        getattr(source, "damaged", None), int
    ):
        source.close()
        raise SourceError(f"the source '{kind}' of a plugin lacks `info` or `damaged`; tell its author")
    return cast(MediaSource, source)


def _open_path(path: Path) -> MediaSource:
    from liveswapping.media.images import READABLE, FolderSource, ImageSource

    if path.is_dir():
        return FolderSource(path)
    if path.suffix.lower() in READABLE:
        return ImageSource(path)
    from liveswapping.media.video import VideoSource

    return VideoSource(path)
