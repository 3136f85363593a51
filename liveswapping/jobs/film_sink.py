"""Takes the frames of a film and commits them, segment by segment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from liveswapping.domain.frame import Frame
from liveswapping.jobs.journal import Journal, Tally
from liveswapping.jobs.memory import Memories
from liveswapping.media.codecs import Chosen
from liveswapping.media.film_encoder import FilmEncoder, Form
from liveswapping.media.film_source import Place
from liveswapping.media.info import SourceInfo
from liveswapping.pipeline.film import Counts
from liveswapping.pipeline.memory import release

_LOG = logging.getLogger(__name__)


class Counting(Protocol):
    """What makes the frames."""

    @property
    def counts(self) -> Counts:
        """What came of those that are finished."""
        ...


class Origin(Protocol):
    """Where the frames come from: a FilmSource, or what stands for one."""

    @property
    def info(self) -> SourceInfo:
        """Of the frames."""
        ...

    @property
    def damaged(self) -> int:
        """Pictures so far that could not be read, or only in part."""
        ...

    def place(self, index: int) -> Place:
        """Where to begin again before the frame `index`; asked for once."""
        ...


class FilmSink:
    """A sink of one run of a job: what is open when the run ends early is left out, what is closed stays."""

    def __init__(
        self,
        journal: Journal,
        source: Origin,
        pipeline: Counting,
        memories: Memories,
        chosen: Chosen,
        say: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._source = source
        self._pipeline = pipeline
        self._memories = memories
        self._chosen = chosen
        self._say = say
        self._encoder: FilmEncoder | None = None
        self._open = self._broken = False
        self._done = journal.tally.frames
        self.complete = False
        """Set when the source was read to its end: then `close` commits what is open."""

    @property
    def done(self) -> int:
        """Frames encoded so far, those of earlier runs among them."""
        return self._done

    def write(self, frame: Frame) -> None:
        """Encode one frame. Raises SinkError, and then nothing more is committed."""
        try:
            self._write(frame)
        except BaseException:
            self._broken = True
            raise

    def _write(self, frame: Frame) -> None:
        if self._memories.due(frame.index):
            self._close_segment(frame.index)
        encoder = self._encoder or self._begun(frame)
        if not self._open:
            encoder.begin(self._journal.next_segment())
            self._open = True
        encoder.write(frame)
        self._done = frame.index + 1

    def close(self) -> None:
        """Commit the open segment if it is the last one; else leave it out. Raises SinkError."""
        if self._encoder is None:
            return
        try:
            if self._open and self.complete and not self._broken:
                self._encoder.end()
                self._open = False
                counts = self._pipeline.counts
                self._journal.commit(self._tally(counts.swapped, counts.failed, self._source.damaged), None)
        finally:
            self._encoder.close()

    def _begun(self, frame: Frame) -> FilmEncoder:
        form = Form.like(frame.image, self._source.info, self._chosen)
        height, width = frame.image.shape[:2]
        if (width, height) != (form.width, form.height):
            self._say(
                f"the picture is {width}×{height} and {self._chosen.codec} needs even sides: "
                f"the film is {form.width}×{form.height}, its last pixels repeated"
            )
        self._journal.note_form(form)
        self._encoder = FilmEncoder(form, self._journal.tally.last)
        return self._encoder

    def _close_segment(self, index: int) -> None:
        """Commit the segment before frame `index`, and how to go on with that frame."""
        assert self._encoder is not None
        self._encoder.end()
        self._open = False
        memory, place = self._memories.take(index), self._source.place(index)
        damaged = 0 if place.source is None else place.source.damaged
        self._journal.commit(self._tally(memory.counts.swapped, memory.counts.failed, damaged), (place, memory))
        _LOG.info("%s: %d frames are done for good", self._journal.folder, index)
        release()  # what the allocator keeps of pictures in flight would pile up over a long film
        _LOG.debug("state of %d + %d bytes", len(memory.looking), len(memory.finishing))

    def _tally(self, swapped: int, failed: int, damaged: int) -> Tally:
        assert self._encoder is not None
        return Tally(self._done, swapped, failed, damaged, self._encoder.last)
