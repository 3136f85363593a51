"""The one loop of the product: it takes frames from a source, has them swapped, and hands them to sinks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from liveswapping.domain.errors import EndOfStream, SourceError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Frame, Image
from liveswapping.domain.protocols import Sink, Source
from liveswapping.domain.settings import Settings, same_parts, with_parts_of
from liveswapping.pipeline.delay import DelayLine
from liveswapping.pipeline.governor import Governor
from liveswapping.pipeline.intake import Intake
from liveswapping.pipeline.marking import Marker
from liveswapping.pipeline.memory import MemoryGuard
from liveswapping.pipeline.outlets import Ended, Outlets
from liveswapping.pipeline.pace import Pace
from liveswapping.pipeline.pipeline import Begun, Pipeline, Swapped
from liveswapping.pipeline.privacy import Guard, Policies
from liveswapping.pipeline.rebuild import Rebuilder
from liveswapping.pipeline.status import Seen, State, Status
from liveswapping.pipeline.tally import Tally

_PATIENCE = 0.1
"""Seconds to wait for a frame before looking whether somebody wants to stop."""
_TICK = 0.005
"""The same while frames wait for their time."""
BEGUN = 2
"""Frames of a file that are begun before the first of them is finished: whichever of finding faces and drawing them
takes longer never waits for the other."""


class Runner:
    """Turns the crank. Live: the newest frame wins. File: every frame, in order, swapped or else as it came.

    Owns source, pipeline and sinks, and closes them. A frame that fails is counted and never ends the run.
    """

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        sinks: Sequence[Sink],
        settings: Settings,
        build: Callable[[Settings], Pipeline] | None = None,
        lookout: Callable[[Image], Sequence[F32]] | None = None,
        marker: Marker | None = None,
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        """`build` makes the pipeline of later settings that need other parts; without it those parts stay.

        `lookout`: see `Guard`. `marker`: labels what leaves; None: nothing is labelled, whatever the settings say.
        `renew`: asked for before parts are built because memory leaks: `build` shall share nothing with what runs.
        """
        self._source = source
        self._pipeline = pipeline
        self._outlets = Outlets(sinks, source.live)
        self._settings = self._wanted = settings
        self._refused: Settings | None = None
        self._rebuilder = None if build is None else Rebuilder(build)
        self._renew = renew
        self._stopping = threading.Event()
        self._delayed = DelayLine()
        self._tally = Tally()
        self._guard = Guard(lookout)
        self._faces: tuple[Sequence[Face], Sequence[Face]] = (), ()
        self._marker = marker
        self._ahead: deque[tuple[Frame, Begun]] = deque()
        self._pace = Pace()
        self._intake = Intake(source, self._pace, self._look, _PATIENCE) if source.live else None
        self._governor = Governor(pipeline.adjustable)
        self._tally.provider = pipeline.provider
        self._memory = MemoryGuard(time.perf_counter())
        self._depth = max(BEGUN, pipeline.ahead)

    @property
    def guard(self) -> Guard:
        """What it remembers goes into the state of a film."""
        return self._guard

    @property
    def status(self) -> Status:
        """How the run is doing, now. Any thread."""
        return self._tally.snapshot()

    @property
    def faces(self) -> tuple[Seen, ...]:
        """The faces of the newest picture that is ready, from left to right. Any thread."""
        chosen, others = self._faces
        seen = [Seen.of(face, True) for face in chosen] + [Seen.of(face, False) for face in others]
        return tuple(sorted(seen, key=lambda one: one.box[0] + one.box[2]))

    @property
    def settings(self) -> Settings:
        """What was asked for last. Any thread."""
        return self._wanted

    def stop(self) -> None:
        """End the run after the frame in work. Any thread, more than once."""
        self._stopping.set()

    def update(self, settings: Settings) -> None:
        """Go on with other settings from the next frame, or from when the parts they need are built. Any thread."""
        self._wanted = settings

    def add(self, sink: Sink, ended: Ended) -> None:
        """Write to another sink from the next frame on; it is ours to close, and its failure never ends the run.

        `ended` is told, on any thread, when it has been closed, and of what failed. Any thread, at any time.
        """
        self._outlets.add(sink, ended)

    def remove(self, sink: Sink) -> None:
        """No more frames for a sink that was added; it is closed beside the run. Any thread, at any time."""
        self._outlets.remove(sink)

    def run(self) -> Status:
        """Run until the source ends or `stop` is called; blocks. Raises SourceError and SinkError.

        Source, parts and sinks are closed when it returns or raises.
        """
        state = State.FAILED
        try:
            with ExitStack() as open_parts:
                open_parts.callback(self._outlets.close)
                open_parts.callback(self._close_pipeline)
                open_parts.callback(self._delayed.close)
                open_parts.callback(self._source.close)
                if self._intake is not None:
                    open_parts.callback(self._intake.close)
                state = self._loop()
        except BaseException:
            state = State.FAILED
            raise
        finally:
            self._tally.state = state
            self._intake = None  # it refers back here: what is over goes at once, with the files its networks hold open
        return self.status

    def _loop(self) -> State:
        try:
            while not self._stopping.is_set():
                self._turn(self._adopt())
        except SourceError as end:
            self._catch_up(self._settings)
            self._deliver_due(delay=0.0)
            if not isinstance(end, EndOfStream):
                raise
            return State.ENDED
        finally:
            self._tally.loop_ended()
        return State.STOPPED

    def _turn(self, settings: Settings) -> None:
        self._outlets.adopt()
        self._tally.exposed, self._tally.hidden = self._policies(settings).exposing, settings.hidden
        self._tally.state = State.PAUSED if settings.paused else State.RUNNING
        if self._intake is not None:
            self._take_in(self._intake, settings)
        elif settings.paused:
            self._stopping.wait(_PATIENCE)
        else:
            self._begin(settings)
        self._deliver_due(settings.delay_ms / 1000 if self._source.live else 0.0)

    def _take_in(self, intake: Intake, settings: Settings) -> None:
        """Draw a live source's next frame, and meanwhile have the one after it taken in."""
        intake.begin(settings)
        taken = intake.take(_TICK if len(self._delayed) else _PATIENCE)
        self._look_at_memory(settings, idle=taken is None)
        if taken is None or settings.paused:
            return
        begun = taken.begun
        if begun is None:  # it does not follow on; nothing else is in work
            self._pipeline.reset()
            self._guard.reset()
            begun = self._look(taken.frame.image, settings)
        intake.begin(settings, self._pace.lead)
        self._pass_on(taken.frame, begun, settings)

    def _look(self, image: Image, settings: Settings) -> Begun:
        """Find a live picture's faces, on the calling thread."""
        self._guard.expect(image, self._policies(settings))
        return self._pipeline.begin_here(image)

    def _pass_on(self, frame: Frame, begun: Begun, settings: Settings) -> None:
        """Draw a live frame and put it in line for the sinks."""
        self._tally.read(frame)
        self._delayed.push(self._finished(frame, begun, settings), settings.delay_ms / 1000)

    def _begin(self, settings: Settings) -> None:
        """Have the faces of a file's next frame looked for, and meanwhile finish the one that was begun first."""
        frame = self._source.read(_PATIENCE)
        self._look_at_memory(settings, idle=frame is None)
        if frame is not None:
            self._tally.read(frame)
            self._ahead.append((frame, self._pipeline.begin(frame.image)))
            self._guard.expect(frame.image, self._policies(settings))
            self._catch_up(settings, self._depth)

    def _catch_up(self, settings: Settings, depth: int = 0) -> None:
        """Finish frames in work until `depth` of them are left, and put them in line for the sinks."""
        while len(self._ahead) > depth:
            frame, begun = self._ahead.popleft()
            self._delayed.push(self._finished(frame, begun, settings), 0.0)
            self._deliver_due(delay=0.0)
        taken = None if self._intake is None else self._intake.settle()
        if taken is not None and taken.begun is not None:
            self._pass_on(taken.frame, taken.begun, settings)

    def _adopt(self) -> Settings:
        """The settings of the next frame. Where other parts are wanted, the old ones run until those are built."""
        wanted, rebuilder = self._wanted, self._rebuilder
        if rebuilder is not None:
            built = rebuilder.take()
            if built is not None and built.pipeline is not None:
                self._catch_up(self._settings)
                outgoing, self._pipeline = self._pipeline, built.pipeline
                self._settings = built.settings
                self._govern_anew()
                rebuilder.retire(outgoing)
            elif built is not None:
                self._refused = built.settings
                self._tally.note(built.failure)
            if not rebuilder.busy and not any(same_parts(wanted, known) for known in (self._settings, self._refused)):
                rebuilder.request(wanted)
        self._settings = with_parts_of(self._settings, wanted)
        return self._settings

    def _finished(self, frame: Frame, begun: Begun, settings: Settings) -> Frame:
        """The frame to pass on. Of a frame that fails: a file's as it came, a live one as privacy has it."""
        done: Swapped | None = None
        try:
            finding = begun.seconds
            began = time.perf_counter()
            done = self._pipeline.finish(begun, settings, self._tally.laps)
            self._pace.took(finding, time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - whatever it is, it does not end a stream
            self._tally.failed(error)
        image, covered = self._guard.protect(frame.image, done, self._policies(settings))
        self._tally.laps.lap("guard")
        self._tally.covered(covered)
        if self._marker is not None:
            own = done is not None and done.own and image is done.image and settings.no_face != "hold"
            image = self._marker.mark(image, frame.image, done, settings.label, writable=own)
        if done is not None:
            self._faces = done.chosen, done.others
            self._tally.processed(frame, done.swapped)
            self._govern(frame, settings)
        return replace(frame, image=image)

    def _govern(self, frame: Frame, settings: Settings) -> None:
        """Give up quality where time is short, or take it back."""
        if not self._source.live:
            return
        governor, now = self._governor, time.perf_counter()
        if settings.quality == "fixed":
            changed = governor.release()
        else:
            allowance = self._pace.allowance(settings)
            changed = governor.observe(now, now - frame.captured_at, self._pace.work, allowance)
        if changed:
            self._tally.rung_changed(governor.words)

    def _look_at_memory(self, settings: Settings, *, idle: bool) -> None:
        """Note what memory is held; where it leaks build the parts anew, beside the running ones."""
        leaks = self._memory.look(time.perf_counter(), settings.clear_memory_every, idle=idle)
        self._tally.memory = self._memory.host, self._memory.card
        if leaks and self._rebuilder is not None and not self._rebuilder.busy:
            self._tally.note("memory keeps growing; the engine is built anew")
            self._renew()
            self._rebuilder.request(self._settings)

    def _govern_anew(self) -> None:
        """Other parts begin with all their quality."""
        self._governor = Governor(self._pipeline.adjustable)
        self._tally.provider = self._pipeline.provider
        self._tally.rung_changed("")

    def _policies(self, settings: Settings) -> Policies:
        return Policies.of(settings, self._source.live)

    def _deliver_due(self, delay: float) -> None:
        for frame in self._delayed.due(time.perf_counter(), delay):
            # Read here and not with the frame's settings: what was delayed is hidden at once, too.
            shown = replace(frame, image=np.zeros_like(frame.image)) if self._wanted.hidden else frame
            given_up = self._outlets.write(shown)
            self._tally.delivered()
            if given_up:
                self._tally.sink_lost(given_up)

    def _close_pipeline(self) -> None:
        with ExitStack() as parts:
            parts.callback(self._pipeline.close)
            parts.callback(self._guard.close)
            if self._rebuilder is not None:
                parts.callback(self._rebuilder.close)
