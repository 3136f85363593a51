"""A film with holes in its pictures, and the same film filled."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.frame import Frame, Image
from liveswapping.domain.protocols import Source
from liveswapping.inpainting.canvas import Canvas
from liveswapping.inpainting.marks import Marker
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Inpainter, Shot, fill_film
from liveswapping.media.film_source import FilmSource, Place
from liveswapping.media.info import SourceInfo
from liveswapping.media.prefetch import PrefetchedSource


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """One picture of a film, laid out, and the same with its holes filled."""

    frame: Frame
    image: Image
    marked: bool
    """Whether it had a hole."""


class HoledFilm:
    """A source's pictures with their holes, and the same filled. Owns a thread that reads ahead."""

    def __init__(self, source: FilmSource, marker: Marker, canvas: Canvas, first: int, whole: bool) -> None:
        self._film = source
        self._source: Source = PrefetchedSource(source)
        self._marker, self._canvas, self._first, self._whole = marker, canvas, first, whole
        self._waiting: deque[tuple[Frame, bool]] = deque()
        self._read = 0
        self._open = False
        """Whether any picture shows anything."""

    @property
    def info(self) -> SourceInfo:
        """Of the filled pictures."""
        return replace(self._film.info, width=self._canvas.extended[0], height=self._canvas.extended[1])

    def place(self, index: int) -> Place:
        """As the source's."""
        return self._film.place(index)

    @property
    def damaged(self) -> int:
        """As the source's."""
        return self._film.damaged

    def filled(self, inpainter: Inpainter, cuts: bool, record: Record) -> Generator[Filled]:
        """The frames from the first one on."""

        def scene(begin: int) -> None:
            if begin:
                record.log("info", f"Scene cut: nothing is carried past frame {begin}", "🎬")

        for picture in fill_film(self._shots(), inpainter, self._first, cuts, scene):
            frame, marked = self._waiting.popleft()
            yield Filled(frame, self._canvas.result(frame.image, picture), marked)

    def check(self) -> None:
        """The film is over: raise SourceError where the masks did not fit it."""
        if self._whole:
            self._marker.end(self._read)
        if self._read and not self._open and not self._canvas.outpaints:
            raise SourceError("the masks cover every picture as a whole: leave black what is to stay")

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _shots(self) -> Iterator[Shot]:
        while True:
            try:
                frame = self._source.read(1.0)
            except EndOfStream:
                return
            if frame is None:
                continue
            hole = self._marker.mark(frame.image)
            picture = self._canvas.picture(frame.image)
            shot = self._canvas.shot(picture, hole)
            self._read += 1
            self._open = self._open or not bool(np.all(shot.hole))
            if frame.index >= self._first:
                self._waiting.append((replace(frame, image=picture), bool(shot.hole.any())))
            yield shot
