"""A film in, a film out, in constant memory; a run that ends early goes on where it was when it is started again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

from liveswapping.domain.errors import EndOfStream, NoFaceFound, SinkError, SourceError
from liveswapping.domain.frame import Frame
from liveswapping.domain.protocols import Seal
from liveswapping.domain.settings import Settings
from liveswapping.jobs.emptying import Ahead, EmptiedFilm, Emptying
from liveswapping.jobs.film_job import FilmJob
from liveswapping.jobs.film_sink import FilmSink
from liveswapping.jobs.joining import companion_of, join
from liveswapping.jobs.journal import Journal, Plan, Tally
from liveswapping.jobs.memory import Memories
from liveswapping.jobs.progress import OnProgress, Stage, nobody
from liveswapping.media.codecs import CODECS, Chosen
from liveswapping.media.film_source import FilmSource, Place, Shaping
from liveswapping.media.info import MediaSource, SourceInfo
from liveswapping.media.prefetch import PrefetchedSource
from liveswapping.pipeline.beside import run_beside
from liveswapping.pipeline.film import FilmPipeline, Keeper, Memory
from liveswapping.pipeline.marking import Marker
from liveswapping.pipeline.queued import QueuedSink
from liveswapping.pipeline.runner import Runner
from liveswapping.pipeline.status import Spread, State

CONTAINERS: Final = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""What a film's name may end in, and FFmpeg's name of the format."""
SEGMENT_SECONDS: Final = 10
"""A run that is killed repeats at most so much of the film."""
_LOG = logging.getLogger(__name__)
_SHORTEST: Final = 48
"""Frames of a segment; a closed group of pictures costs a key frame."""
_SHORTEST_GAP: Final = 2
_LONGEST_GAP: Final = 12
"""Frames without a face that are bridged, and so looked ahead: more would be a guess."""
_IN_WORK: Final = 16
"""Frames that wait between stages, beside those that are looked ahead."""


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """What one job makes of what."""

    target: str
    output: Path
    shaping: Shaping = field(default_factory=Shaping)
    codec: str = "h264"
    encoder: str = "software"
    quality: int | None = None
    """As the codec counts it, less is better; None: the usual one."""
    fresh: bool = False
    """Begin anew, whatever an earlier run has done."""
    analyses: Path | None = None
    """Where what is found of faces is kept, for the same film with another person or look; None: nowhere."""
    segment_frames: int | None = None
    """None: SEGMENT_SECONDS of them."""
    emptying: Emptying = field(default_factory=Emptying)
    """Who is taken out of it besides."""


class VideoParts(Protocol):
    """What a job needs of the composition root, each made when the job comes to it."""

    @property
    def settings(self) -> Settings:
        """Of the whole film."""
        ...

    def key(self) -> str:
        """A digest of all that decides what the film looks like, the contents of files among it."""
        ...

    def source(self, place: Place | None) -> MediaSource:
        """The target, from its beginning or from a place in it."""
        ...

    def emptied(self, film: FilmSource, first: int, ahead: Ahead, attend: Callable[[], None]) -> EmptiedFilm:
        """`film`, from its beginning, as `plan.emptying` wants it, from frame `first` on.

        Owns `film`, also where it raises. `attend` is called a few times a second and may raise.
        """
        ...

    def pipeline(self, keeper: Keeper, longest_gap: int, ahead: Ahead | None = None) -> FilmPipeline:
        """Finds, swaps and restores. `ahead`: what finds faces, and knows what is behind them."""
        ...

    def chosen(self, source: MediaSource) -> Chosen:
        """What the film is encoded with."""
        ...

    def done(self, frames: int) -> None:
        """The film is complete, and has so many frames."""
        ...

    def seal(self) -> Seal | None:
        """Marks the complete file; None: nobody does."""
        ...


@dataclass(frozen=True, slots=True)
class VideoOutcome:
    """What a job came to."""

    output: Path
    tally: Tally
    resumed: int
    """Frames that an earlier run had done."""
    complete: bool
    """False: cancelled; the same plan goes on where this run was."""
    stages: dict[str, Spread] = field(default_factory=dict)
    last_failure: str = ""


class VideoJob(FilmJob[VideoOutcome]):
    """One film with its faces swapped. `run` raises NoFaceFound, too."""

    def __init__(
        self,
        plan: VideoPlan,
        parts: VideoParts,
        on_progress: OnProgress = nobody,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`say` is told in one line what the user should know. Raises SinkError for a name that is no film's."""
        super().__init__(plan.target, plan.output, on_progress, say)
        self.plan = plan
        self._parts = parts
        self._container = container_of(plan.output, plan.codec)
        self._reading: PrefetchedSource | None = None

    def _run(self, journal: Journal) -> VideoOutcome:
        outcome = VideoOutcome(self.plan.output, journal.tally, 0, False)
        go_on = self._go_on(journal)
        if not journal.complete:
            outcome = self._swap(journal, go_on)
        if not journal.complete:
            return outcome
        if not journal.tally.swapped:
            why = self._why_none(journal.tally, outcome.last_failure)
            journal.remove()
            raise NoFaceFound(f"{self.plan.target}: {why}; nothing was written")
        self._join(journal)
        self._parts.done(journal.tally.frames)
        outcome = VideoOutcome(
            outcome.output, journal.tally, outcome.resumed, True, outcome.stages, outcome.last_failure
        )
        journal.remove()
        return outcome

    def _why_none(self, tally: Tally, last_failure: str) -> str:
        if tally.failed:
            return f"every frame failed ({last_failure})"
        if self._parts.settings.reference or self._parts.settings.mapping:
            return "no face looks like the reference, or stands where --map says, in any frame"
        return "no face was found in any frame"

    def _go_on(self, journal: Journal) -> bool:
        """Whether the job goes on with what an earlier run has done; else the journal begins anew."""
        key = self._parts.key()
        if self._fits(journal, key, self.plan.fresh):
            return True
        source = self._parts.source(None)
        fps = source.info.fps or Fraction(25)
        source.close()
        segment = self.plan.segment_frames or max(_SHORTEST, round(SEGMENT_SECONDS * fps))
        journal.begin(Plan(key, segment, gap_for(source.info.width, source.info.height)))
        return False

    def _swap(self, journal: Journal, go_on: bool) -> VideoOutcome:
        assert journal.plan is not None
        plan, resumed = journal.plan, journal.resume() if go_on else None
        place = None if resumed is None else resumed[0]
        first = 0 if place is None else place.index
        if first:
            self._say(f"going on with frame {first}, where an earlier run ended")
        _LOG.info("%s: from frame %d, %d frames a segment", self.plan.target, first, plan.segment)
        memories = Memories(plan.segment, first)
        with ExitStack() as opened:
            frames, source, ahead = self._opened(place, memories, opened)
            chosen = self._parts.chosen(source)
            for note in notes_on(source.info):
                self._say(note)
            pipeline = self._parts.pipeline(memories, plan.gap, ahead)
            opened.callback(pipeline.close)
            opened.pop_all()
        marker = Marker()
        sink = FilmSink(journal, source, pipeline, memories, chosen, self._say)
        self._reading = PrefetchedSource(frames)
        runner = Runner(
            _Whole(self._reading, sink, frames),
            pipeline,
            [QueuedSink(sink, live=False, size=8)],
            self._parts.settings,
            marker=marker,
        )
        pipeline.accompany("guard", runner.guard)
        pipeline.accompany("label", marker)
        if resumed is not None:
            self._restore(runner, pipeline, *resumed)
        status = run_beside(runner, lambda: self._attend(runner, sink, source, first))
        tally = Tally(sink.done, pipeline.counts.swapped, pipeline.counts.failed, source.damaged)
        finished = status.state is State.ENDED and frames.complete
        for stage, spread in status.stages.items():
            _LOG.debug(
                "%s: %s took %.1f ms (p50), %.1f ms (p95)", self.plan.target, stage, spread.p50_ms, spread.p95_ms
            )
        _LOG.info("%s: %s after frame %d", self.plan.target, status.state.value, sink.done)
        return VideoOutcome(self.plan.output, tally, first, finished, dict(status.stages), status.last_failure)

    def _opened(
        self, place: Place | None, memories: Memories, opened: ExitStack
    ) -> tuple[FilmSource | EmptiedFilm, FilmSource, Ahead | None]:
        """The frames to swap in, the film that they are of, and what finds their faces beforehand, if anything."""
        first = 0 if place is None else place.index
        if not self.plan.emptying.wanted:
            film = FilmSource(self._parts.source(place), self.plan.shaping, memories.due, first)
            opened.callback(film.close)
            return film, film, None
        film, ahead = FilmSource(self._parts.source(None), self.plan.shaping, memories.due), Ahead()
        frames = self._parts.emptied(film, first, ahead, self._stay)
        opened.callback(frames.close)
        return frames, film, ahead

    def _stay(self) -> None:
        """Raise EndOfStream where nobody wants the film any more."""
        if self._cancelled.is_set() or (self._reading is not None and self._reading.closed):
            raise EndOfStream

    @staticmethod
    def _restore(runner: Runner, pipeline: FilmPipeline, place: Place, memory: Memory) -> None:
        try:
            pipeline.resume(place.index, memory)
        except BaseException:
            runner.stop()
            runner.run()  # which closes everything
            raise

    def _attend(self, runner: Runner, sink: FilmSink, source: FilmSource, first: int) -> None:
        if self._cancelled.is_set():
            runner.stop()
        failed = runner.status.failures
        self._meter.show(Stage.SWAPPING, sink.done, source.info.frames, resumed=first, failed=failed)

    def _join(self, journal: Journal) -> None:
        """Put the segments and the source's sound together under the film's name."""
        companion = companion_of(self.plan.target, self.plan.shaping)
        join(journal, self.plan.output, self._container, companion, self._parts.seal(), self._say, self._meter)
        _LOG.info("%s: %d frames, %d swapped", self.plan.output, journal.tally.frames, journal.tally.swapped)


class _Whole:
    """A run's source: at its end the sink learns that nothing is missing."""

    live = False

    def __init__(self, source: PrefetchedSource, sink: FilmSink, film: FilmSource | EmptiedFilm) -> None:
        self._source, self._sink, self._film = source, sink, film

    def read(self, timeout: float) -> Frame | None:
        """The next frame."""
        try:
            return self._source.read(timeout)
        except SourceError:
            self._sink.complete = self._film.complete
            raise

    def close(self) -> None:
        """Close the source within."""
        self._source.close()


def container_of(output: Path, codec: str) -> str:
    """FFmpeg's name of the format that a film's name ends in. Raises SinkError where it is none, or not for `codec`."""
    container = CONTAINERS.get(output.suffix.lower())
    if container is None:
        raise SinkError(f"'{output}' does not end in a video format that can be written: use {', '.join(CONTAINERS)}")
    taken = CODECS[codec].containers
    if container not in taken:
        fitting = ", ".join(ending for ending, name in CONTAINERS.items() if name in taken)
        raise SinkError(f"'{output}': {codec} cannot go into {output.suffix}; use {fitting}")
    return container


def notes_on(info: SourceInfo) -> Iterator[str]:
    """What the user should know of how a source is worked on."""
    if info.hdr:
        yield f"{info.name} has high dynamic range ({info.hdr}): it is brought to BT.709, as the film then says"
    if info.bits > 8:
        yield f"{info.name} has {info.bits} bits a colour: it is worked on at 8"


def gap_for(width: int, height: int) -> int:
    """How many frames a lost face is bridged for: as many as leave most of the free memory alone."""
    from liveswapping.inference.room import free_bytes

    free, frame = free_bytes(), max(1, 3 * width * height)
    gap = int(min(_LONGEST_GAP, max(_SHORTEST_GAP, free // 4 // frame - _IN_WORK)))
    _LOG.info("%d frames are looked ahead: %d MB are free, a frame takes %.1f MB", gap, free // 1_000_000, frame / 1e6)
    return gap
