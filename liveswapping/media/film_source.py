"""A file as a job wants it: cut to a part of it, at another rate or size, and able to begin again in the middle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import EndOfStream
from liveswapping.domain.frame import Frame, Image
from liveswapping.media.info import MediaSource, SourceInfo
from liveswapping.media.orientation import Orientation
from liveswapping.media.video import Bookmark, VideoSource

_USUAL_FPS: Final = Fraction(25)
_SMALLEST: Final = 16


@dataclass(frozen=True, slots=True)
class Scale:
    """Another size. Of `width` and `height` one may be left to the other; `factor` counts where both are None."""

    factor: Fraction | None = None
    width: int | None = None
    height: int | None = None

    def of(self, width: int, height: int) -> tuple[int, int]:
        """The new size, with even sides, of a picture of this one."""
        if self.width is not None and self.height is not None:
            wanted = Fraction(self.width), Fraction(self.height)
        elif self.width is not None:
            wanted = Fraction(self.width), Fraction(self.width * height, width)
        elif self.height is not None:
            wanted = Fraction(self.height * width, height), Fraction(self.height)
        else:
            factor = self.factor or Fraction(1)
            wanted = width * factor, height * factor
        across, down = (max(_SMALLEST, 2 * round(side / 2)) for side in wanted)
        return across, down


@dataclass(frozen=True, slots=True)
class Shaping:
    """What becomes of a file before anything else."""

    start: Fraction | None = None
    """Seconds; None: the beginning."""
    end: Fraction | None = None
    """Seconds; None: the end."""
    frames: int | None = None
    """At most so many."""
    fps: Fraction | None = None
    """A constant rate; None: every frame at its own time."""
    scale: Scale | None = None
    orientation: Orientation = field(default_factory=Orientation)


@dataclass(frozen=True, slots=True)
class Place:
    """Before which of its frames a film is taken up again."""

    index: int
    """Of the film's own frames."""
    source: Bookmark | None
    """In the file; None for what is no video file, which is read anew."""


class FilmSource:
    """Frames of a file, counted from 0 and timed from 0 where the part begins. One thread."""

    live: Final = False

    def __init__(
        self,
        source: MediaSource,
        shaping: Shaping,
        due: Callable[[int], bool] = lambda index: False,
        index: int = 0,
    ) -> None:
        """Owns `source`, which stands before the frame that `index` is made of.

        `due` says of which frames a `Place` is kept, for `place`.
        """
        self._source = source
        self._shaping = shaping
        self._due = due
        self._index = index
        self._start = shaping.start or Fraction(0)
        self._held: Frame | None = None
        self._held_mark: Bookmark | None = None
        self._coming: Frame | None = None
        self._coming_mark: Bookmark | None = None
        self._places: dict[int, Place] = {}
        self._ended = False
        self.complete = False
        """Whether the part was read to its end."""

    @property
    def info(self) -> SourceInfo:
        """Of what comes out."""
        return shaped(self._source.info, self._shaping)

    @property
    def damaged(self) -> int:
        """As the source within."""
        return self._source.damaged

    def read(self, timeout: float) -> Frame | None:
        """The next frame."""
        if self._shaping.frames is not None and self._index >= self._shaping.frames:
            self.complete = True
            raise EndOfStream
        frame = self._next() if self._shaping.fps is None else self._resampled(self._shaping.fps)
        if self._due(self._index):
            mark = self._held_mark
            self._places[self._index] = Place(self._index, None if mark is None else mark.signed(frame.image))
        image = self._sized(self._shaping.orientation.apply(frame.image))
        ready = replace(frame, image=image, index=self._index)
        self._index += 1
        return ready

    def place(self, index: int) -> Place:
        """Where to begin again before the frame `index`, one of those that were due; asked for once. Any thread."""
        return self._places.pop(index)

    def close(self) -> None:
        """Close the source within."""
        self._source.close()

    def _next(self) -> Frame:
        """The file's next frame, at the film's time."""
        frame, mark = self._read()
        self._held_mark = mark
        return frame

    def _read(self) -> tuple[Frame, Bookmark | None]:
        while not self._ended:
            try:
                frame = self._source.read(1.0)
            except EndOfStream:
                break
            if frame is None:
                continue
            pts = Fraction(frame.index) / _USUAL_FPS if frame.pts is None else frame.pts
            if pts < self._start:
                continue
            if self._shaping.end is not None and pts >= self._shaping.end:
                break
            mark = self._source.bookmark if isinstance(self._source, VideoSource) else None
            return replace(frame, pts=pts - self._start), mark
        self._ended = self.complete = True
        raise EndOfStream

    def _resampled(self, fps: Fraction) -> Frame:
        """The frame that is shown at the next tick of a constant rate."""
        tick = self._index / fps
        if self._held is None:
            self._held, self._held_mark = self._read()
            self._come()
        while self._coming is not None and (self._coming.pts or 0) <= tick:
            self._held, self._held_mark = self._coming, self._coming_mark
            self._come()
        if self._coming is None and tick >= self._until(self._held):
            self.complete = True
            raise EndOfStream
        return replace(self._held, pts=tick)

    def _until(self, last: Frame) -> Fraction:
        """When the last frame is over, at the latest where the part ends."""
        over = (last.pts or 0) + 1 / (self._source.info.fps or _USUAL_FPS)
        return over if self._shaping.end is None else min(over, self._shaping.end - self._start)

    def _come(self) -> None:
        try:
            self._coming, self._coming_mark = self._read()
        except EndOfStream:
            self._coming = None
            self.complete = False

    def _sized(self, image: Image) -> Image:
        if self._shaping.scale is None:
            return image
        width, height = self._shaping.scale.of(image.shape[1], image.shape[0])
        if (width, height) == (image.shape[1], image.shape[0]):
            return image
        way = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(image, (width, height), interpolation=way), np.uint8)


def shaped(info: SourceInfo, shaping: Shaping) -> SourceInfo:
    """What becomes of a file that says this of itself."""
    width, height, aspect = info.width, info.height, info.pixel_aspect
    if shaping.orientation.transposed:
        width, height, aspect = height, width, 1 / aspect
    if shaping.scale is not None:
        across, down = shaping.scale.of(width, height)
        aspect = aspect * Fraction(width * down, height * across)
        width, height = across, down
    duration = _part(info.duration, shaping)
    fps = shaping.fps or info.fps
    whole = shaping == replace(shaping, start=None, end=None, fps=None)
    frames = info.frames if whole else None if duration is None or fps is None else round(duration * fps)
    if shaping.frames is not None:
        frames = shaping.frames if frames is None else min(frames, shaping.frames)
    return replace(
        info,
        width=width,
        height=height,
        pixel_aspect=aspect.limit_denominator(1000),
        fps=fps,
        frames=frames,
        duration=duration,
        time_base=None if shaping.fps is not None else info.time_base,
    )


def _part(duration: Fraction | None, shaping: Shaping) -> Fraction | None:
    if shaping.end is not None:
        duration = shaping.end if duration is None else min(duration, shaping.end)
    return None if duration is None else max(Fraction(0), duration - (shaping.start or 0))
