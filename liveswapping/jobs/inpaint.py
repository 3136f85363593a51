"""Takes something out of a film: a film in, a film out, resumed by segments as face swaps are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from liveswapping.domain.errors import SourceError
from liveswapping.domain.protocols import Seal
from liveswapping.inpainting.canvas import Canvas
from liveswapping.inpainting.marks import Marker
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Inpainter
from liveswapping.jobs.film_job import FilmJob
from liveswapping.jobs.film_sink import FilmSink
from liveswapping.jobs.frame_files import FrameFiles
from liveswapping.jobs.holed_film import HoledFilm
from liveswapping.jobs.joining import companion_of, join
from liveswapping.jobs.journal import Journal, Plan, Tally
from liveswapping.jobs.memory import Memories
from liveswapping.jobs.progress import OnProgress, Stage, nobody
from liveswapping.jobs.video import container_of, notes_on
from liveswapping.media.codecs import Chosen
from liveswapping.media.film_source import FilmSource, Shaping
from liveswapping.media.info import MediaSource, SourceInfo
from liveswapping.pipeline.film import Counts, Memory

SEGMENT_FRAMES: Final = 48
"""A run that is killed repeats at most so much of the film: a picture may take seconds."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InpaintPlan:
    """What one job makes of what."""

    target: str
    output: Path
    codec: str = "h264"
    frames: int | None = None
    """At most so many."""
    cuts: bool = True
    """Whether each scene is worked on by itself."""
    save_frames: Path | None = None
    """A folder for the pictures as PNG files."""
    fresh: bool = False
    segment_frames: int = SEGMENT_FRAMES

    @property
    def shaping(self) -> Shaping:
        """Of the source."""
        return Shaping(frames=self.frames)


class InpaintParts(Protocol):
    """What a job needs of the composition root, each made when the job comes to it."""

    def key(self) -> str:
        """A digest of all that decides what the film looks like, the contents of files among it."""
        ...

    def source(self) -> MediaSource:
        """The clip, from its beginning."""
        ...

    def marker(self, info: SourceInfo) -> Marker:
        """What is to go, of pictures as `info` says."""
        ...

    def canvas(self, info: SourceInfo) -> Canvas:
        """How its pictures are laid out."""
        ...

    def inpainter(self, attend: Callable[[], None]) -> Inpainter:
        """The engine. `attend` is called a few times a second and may raise, which ends the run."""
        ...

    def chosen(self, source: MediaSource) -> Chosen:
        """What the film is encoded with."""
        ...

    def seal(self) -> Seal | None:
        """Marks the complete file; None: nobody does."""
        ...


@dataclass(frozen=True, slots=True)
class InpaintOutcome:
    """What a job came to."""

    output: Path
    tally: Tally
    """`swapped`: pictures of which something was taken out."""
    resumed: int
    complete: bool
    """False: cancelled; the same plan goes on where this run was."""


class Stopped(Exception):
    """Somebody has cancelled the job. Control flow."""


class InpaintJob(FilmJob[InpaintOutcome]):
    """One film. `run` once; `cancel` from any thread."""

    def __init__(
        self,
        plan: InpaintPlan,
        parts: InpaintParts,
        on_progress: OnProgress = nobody,
        say: Callable[[str], None] = lambda line: None,
        record: Record | None = None,
    ) -> None:
        """`say` is told in one line what the user should know. Raises SinkError for a name that is no film's."""
        super().__init__(plan.target, plan.output, on_progress, say)
        self.plan = plan
        self.record = record or Record()
        self._parts = parts
        self._container = container_of(plan.output, plan.codec)
        self._done = self._resumed = 0
        self._total: int | None = None

    def _run(self, journal: Journal) -> InpaintOutcome:
        go_on = self._go_on(journal)
        if not journal.complete:
            try:
                self._fill(journal, go_on)
            except Stopped:
                tally = replace(journal.tally, frames=self._done)
                return InpaintOutcome(self.plan.output, tally, self._resumed, False)
        tally = journal.tally
        if not tally.swapped:
            journal.remove()
            raise SourceError(f"the mask marks nothing in any picture of '{self.plan.target}'; nothing was written")
        self.record.log("info", "Saving results...", "💾")
        companion = companion_of(self.plan.target, self.plan.shaping)
        join(journal, self.plan.output, self._container, companion, self._parts.seal(), self._say, self._meter)
        journal.remove()
        return InpaintOutcome(self.plan.output, tally, self._resumed, True)

    def _go_on(self, journal: Journal) -> bool:
        """Whether the job goes on with what an earlier run has done; else the journal begins anew."""
        key = self._parts.key()
        if self._fits(journal, key, self.plan.fresh):
            return True
        journal.begin(Plan(key, self.plan.segment_frames, 0))
        return False

    def _fill(self, journal: Journal, go_on: bool) -> None:
        assert journal.plan is not None
        resumed = journal.resume() if go_on else None
        first = self._resumed = self._done = 0 if resumed is None else resumed[0].index
        if first:
            self._say(f"going on with frame {first}, where an earlier run ended")
        memories = Memories(journal.plan.segment, first)
        with ExitStack() as opened:
            source = FilmSource(self._parts.source(), self.plan.shaping, memories.due)
            opened.callback(source.close)
            info, self._total = source.info, source.info.frames
            marker = opened.enter_context(closing(self._parts.marker(info)))
            canvas = self._parts.canvas(info)
            film = HoledFilm(source, marker, canvas, first, self.plan.frames is None)
            opened.callback(film.close)
            for note in notes_on(info):
                self._say(note)
            self._log_begin(canvas)
            inpainter = opened.enter_context(closing(self._parts.inpainter(self._attend)))
            self.record.note(engine=inpainter.name)
            counts = _Counted(journal.tally.swapped)
            sink = FilmSink(journal, film, counts, memories, self._parts.chosen(source), self._say)
            opened.callback(sink.close)
            folder = self.plan.save_frames
            files = None if folder is None else FrameFiles(folder, self._parts.seal())
            for filled in film.filled(inpainter, self.plan.cuts, self.record):
                self._attend()
                frame = replace(filled.frame, image=filled.image)
                if memories.due(frame.index):
                    memories.keep(frame.index, Memory(b"", b"", counts.counts))
                sink.write(frame)
                if files is not None:
                    files.write(frame)
                counts.add(filled.marked)
                self._done = frame.index + 1
            film.check()
            sink.complete = source.complete

    def _log_begin(self, canvas: Canvas) -> None:
        width, height = canvas.extended
        self.record.note(width=width, height=height, resumed=self._resumed)
        self.record.log("info", f"Resolution: {height}x{width} ({height * width:,} pixels)", "📏")
        if self._total is not None:
            self.record.note(frames=self._total)
            self.record.log("info", f"Total frames: {self._total}", "📊")

    def _attend(self) -> None:
        """Say how it stands. Raises Stopped where somebody has cancelled."""
        self._meter.show(Stage.INPAINTING, self._done, self._total, resumed=self._resumed)
        if self._cancelled.is_set():
            raise Stopped


class _Counted:
    """How many of the finished pictures had something taken out."""

    def __init__(self, swapped: int) -> None:
        self._marked = swapped

    @property
    def counts(self) -> Counts:
        """As a film's pipeline counts."""
        return Counts(self._marked)

    def add(self, marked: bool) -> None:
        """One more is finished."""
        self._marked += marked
