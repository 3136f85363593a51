"""One live run at a time, on a thread of its own, driven by requests."""

from __future__ import annotations

import enum
import logging
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.api.refusal import Refused
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.protocols import Sink
    from liveswapping.media.info import MediaSource, SourceInfo
    from liveswapping.media.viewers import Viewers
    from liveswapping.pipeline.runner import Runner
    from liveswapping.pipeline.status import Status

_LOG = logging.getLogger(__name__)
_NOTES = 20
"""Lines that are kept of what the user should know."""
_OF_THE_SOURCE = ("target", "mirror", "rotate", "width", "height", "fps", "fourcc")
"""Settings that count when a run starts, and not while it runs."""


class Phase(enum.Enum):
    """Where the live run stands."""

    IDLE = "idle"
    STARTING = "starting"
    """Photographs are read, networks loaded, the camera opened."""
    LIVE = "live"
    STOPPING = "stopping"


@dataclass(slots=True)
class _Run:
    """What a run's thread has made so far."""

    thread: threading.Thread | None = None
    runner: Runner | None = None
    source: MediaSource | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


class LiveDesk:
    """Starts, changes and stops runs. Its methods are for the server's loop alone, and never wait but in `close`."""

    def __init__(self, settings: Settings, viewers: Viewers) -> None:
        """`settings`: those to begin with. `viewers`: who sees the picture, of this run and of later ones."""
        self.settings = settings
        self.failure = ""
        """Why the last run ended by itself, in one line."""
        self.notes: tuple[str, ...] = ()
        self._viewers = viewers
        self._run = _Run()
        self._run.over.set()

    @property
    def phase(self) -> Phase:
        """Where it stands, now."""
        run = self._run
        if run.over.is_set():
            return Phase.IDLE
        if run.stopping.is_set():
            return Phase.STOPPING
        return Phase.STARTING if run.runner is None else Phase.LIVE

    @property
    def status(self) -> Status | None:
        """How the run is doing; None while there is none."""
        return None if self.phase is Phase.IDLE or self._run.runner is None else self._run.runner.status

    @property
    def info(self) -> SourceInfo | None:
        """What the source gives."""
        return None if self.phase is Phase.IDLE or self._run.source is None else self._run.source.info

    def start(self, settings: Settings, record: Path | None) -> None:
        """Go live, and record into `record`. Raises Refused where a run is there already, and SettingsError."""
        from liveswapping.build import refuse_unusable

        if self.phase is not Phase.IDLE:
            raise Refused(409, f"a run is {self.phase.value} already; stop it first")
        refuse_unusable(settings)
        self.settings, self.failure, self.notes = settings, "", ()
        run = self._run = _Run()
        run.thread = threading.Thread(target=self._work, args=(run, settings, record), name="live run", daemon=True)
        run.thread.start()

    def stop(self) -> None:
        """End the run soon; nothing where there is none."""
        self._run.stopping.set()
        if self._run.runner is not None:
            self._run.runner.stop()

    def update(self, settings: Settings) -> None:
        """Other settings, from the next frame on, or from when the parts they need are built.

        Raises Refused for what a running source cannot become, and SettingsError.
        """
        from liveswapping.build import refuse_unusable

        busy = self.phase in (Phase.STARTING, Phase.LIVE)
        if busy:
            for name in _OF_THE_SOURCE:
                if getattr(settings, name) != getattr(self.settings, name):
                    raise Refused(409, f"'{name}' counts when a run starts: stop the run before you change it")
        refuse_unusable(settings)
        self.settings = settings
        if busy and self._run.runner is not None:
            self._run.runner.update(replace(settings, upscale=1))

    def close(self) -> None:
        """Stop, and wait until everything is let go of."""
        self.stop()
        if self._run.thread is not None:
            self._run.thread.join()

    def _work(self, run: _Run, settings: Settings, record: Path | None) -> None:
        try:
            with ExitStack() as opened:
                runner = self._prepared(run, replace(settings, upscale=1), record, opened)
                if runner is not None:
                    run.runner = runner
                    runner.update(replace(self.settings, upscale=1))
                    if run.stopping.is_set():
                        runner.stop()
                    status = runner.run()
                    self.failure = status.sink_failure
        except LiveSwappingError as error:
            self.failure = " ".join(str(error).split())
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            _LOG.exception("the live run failed")
            self.failure = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}; see the log"
        finally:
            self._viewers.forget()
            run.over.set()

    def _prepared(self, run: _Run, settings: Settings, record: Path | None, opened: ExitStack) -> Runner | None:
        """Everything that a run needs; None where somebody asked for the stop meanwhile."""
        from liveswapping.build import build_runner, load_cast, open_source, seal_of
        from liveswapping.outputs import Outputs, open_outputs

        cast = load_cast(settings, self._note)
        if run.stopping.is_set():
            return None
        run.source = open_source(settings, realtime=True)
        opened.callback(run.source.close)
        sinks: list[Sink] = [self._viewers]
        seal = None if record is None else seal_of(settings, say=self._note)
        sinks += open_outputs(Outputs(record=record), run.source.info, self._note, seal)
        return build_runner(settings, cast, run.source, sinks, self._note)

    def _note(self, line: str) -> None:
        self.notes = (*self.notes, line)[-_NOTES:]
