"""Video files: every frame, in order, at its own time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Final

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.clock import PictureClock
from liveswapping.media.decoder import Decoder
from liveswapping.media.info import SourceInfo
from liveswapping.media.upright import UprightConverter


class VideoSource:
    """A video file, upright. Damaged pictures are counted; good ones all come, at their own time.

    A picture that FFmpeg could mend is delivered, so that time goes on, and counted as damaged too.
    """

    live: Final = False

    def __init__(self, path: str | Path) -> None:
        """Reads the first frame, so that what is no video raises SourceError here."""
        self._decoder = Decoder(Path(path))
        self._converter = UprightConverter()
        self._closed = False
        self._late = 0
        self._frames = self._decoded()
        self._waiting = next(self._frames, None)
        if self._waiting is None:
            count = f" ({self.damaged} damaged)" if self.damaged else ""
            raise SourceError(f"'{path}' holds no picture that can be decoded{count}; use another file")
        self.info: Final = _as_delivered(self._decoder.info, self._waiting.image)

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be decoded, or only in part."""
        return self._decoder.damaged + self._late

    def read(self, timeout: float) -> Frame | None:
        """The next frame; a file does not keep one waiting, so `timeout` plays no part."""
        frame, self._waiting = self._waiting, None
        try:
            if self._closed:
                raise EndOfStream
            return frame or next(self._frames)
        except StopIteration:
            raise EndOfStream from None
        finally:
            if self._closed:
                self._release()

    def close(self) -> None:
        """Release the file: now, or as soon as a read that another thread is in comes back."""
        self._closed = True
        self._waiting = None
        self._release()

    def _release(self) -> None:
        with contextlib.suppress(ValueError):  # "generator already executing": the thread in `read` will release
            self._frames.close()

    def _decoded(self) -> Generator[Frame, None, None]:
        clock = PictureClock(self._decoder)
        index = 0
        with contextlib.closing(self._decoder.pictures()) as pictures:
            for picture in pictures:
                captured_at = time.perf_counter()
                pts = clock.time(picture)
                if pts is None:
                    self._late += 1
                    continue
                yield Frame(self._converter.to_bgr(picture), index, captured_at, pts)
                index += 1


def _as_delivered(info: SourceInfo, first: Image) -> SourceInfo:
    height, width = first.shape[:2]
    lies = (info.width, info.height) != (width, height) and (info.height, info.width) == (width, height)
    return replace(info, width=width, height=height, pixel_aspect=1 / info.pixel_aspect if lies else info.pixel_aspect)
