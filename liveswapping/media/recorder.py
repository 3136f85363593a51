"""Recording to a video file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import av.error

from liveswapping.domain.errors import SinkError, SourceError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Seal
from liveswapping.media.chatter import reason
from liveswapping.media.encoding import AddSound, Encoding
from liveswapping.media.info import SourceInfo
from liveswapping.media.part_file import PartFile, unfinished, writing

_LOG = logging.getLogger(__name__)
CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""What a recording's name may end in, and FFmpeg's name of the format."""


class VideoRecorder:
    """Records frames as H.264. One thread at a time.

    Frames of a file keep their times, and its sound is carried over; frames of a live source (no `pts`) are placed by
    `captured_at`. It encodes while the caller waits: a live loop puts a QueuedSink before it.
    """

    def __init__(
        self,
        path: str | Path,
        like: SourceInfo | None = None,
        *,
        crf: int = 18,
        preset: str = "veryfast",
        sound: AddSound | None = None,
        safe: bool = False,
        seal: Seal | None = None,
        say: Callable[[str], None] = _LOG.info,
    ) -> None:
        """`like` describes the source: its unit of time, pixel shape and sound are taken over.

        `crf` (0..51, less is better) and `preset` are x264's. `sound` is recorded beside the pictures, as of a
        microphone. `safe`: for a live run, of which nothing comes again: what is there can be played even if this
        process is killed, as NAME.unfinished, which the next recording of that name tells of. `seal` marks the file.
        `say` is told in one line each what the user should know: a changed size, sound that was encoded again. Raises
        SinkError where nothing could be recorded.
        """
        self._target = Path(path)
        if self._target.suffix.lower() not in CONTAINERS:
            raise SinkError(f"'{path}' does not end in a video format that can be written: use {', '.join(CONTAINERS)}")
        self._like = like or SourceInfo(self._target.name, 0, 0)
        self._options = {"crf": str(crf), "preset": preset}
        self._sound = sound
        self._safe = safe
        self._seal = seal
        self._say = say
        self._encoding: Encoding | None = None
        for left in unfinished(self._target) if safe else ():
            say(f"'{left}' is of a recording that was cut off, or that goes on; it can be played as far as it goes")
        self._part: PartFile | None = PartFile(self._target, worth_keeping=safe)

    def write(self, frame: Frame) -> None:
        """Record one frame; the first one's size is the recording's. Raises SinkError, and then nothing is left."""
        if self._part is None:
            raise SinkError(f"'{self._target}' is not being recorded any more")
        with self._whole_or_nothing():
            if self._encoding is None:
                container = CONTAINERS[self._target.suffix.lower()]
                tags = None if self._seal is None else self._seal.tags
                self._encoding = Encoding(
                    self._part.path,
                    container,
                    frame,
                    self._like,
                    self._options,
                    self._say,
                    safe=self._safe,
                    sound=self._sound,
                    tags=tags,
                )
            self._encoding.write(frame)

    def close(self) -> None:
        """Finish the file; without a frame there is none. Raises SinkError, and then nothing is left."""
        if self._encoding is None or self._part is None:
            self.abort()
            return
        with self._whole_or_nothing():
            self._encoding.finish()
            if self._seal is not None:
                self._seal.put(self._part.path)
            self._part.commit()
        self._part = None

    def abort(self) -> None:
        """Stop and leave nothing behind. Any number of times; after `close` it does nothing."""
        part, self._part = self._part, None
        if self._encoding is not None and part is not None:
            self._encoding.abandon()
        if part is not None:
            part.discard()

    @contextlib.contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        try:
            with writing(self._target):
                yield
        except av.error.FFmpegError as error:
            self.abort()
            raise SinkError(f"recording '{self._target}' failed: {reason(error)}") from error
        except SourceError as error:  # the file that the sound comes from
            self.abort()
            raise SinkError(f"recording '{self._target}' failed: {error}") from error
        except Exception:
            self.abort()
            raise
