"""One live run at a time, on a thread of its own, driven from the window's thread."""

from __future__ import annotations

import enum
import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gui.background import begin
from gui.live.feed import Feed
from gui.live.outputs import Plugs, Screens
from liveswapping.domain.errors import LiveSwappingError, SinkError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gui.live.originals import Originals
    from liveswapping.domain.frame import Frame
    from liveswapping.domain.protocols import Sink
    from liveswapping.media.encoding import AddSound
    from liveswapping.media.info import SourceInfo
    from liveswapping.pipeline.runner import Runner
    from liveswapping.pipeline.status import Seen, Status

_log = logging.getLogger(__name__)
RECORDING, VIRTUAL_CAMERA, BROWSER, STREAM, SOUND = "recording", "virtual camera", "browser", "stream", "sound"
"""Outputs beside the views."""
_PORT = 8090
"""Where browsers find the picture."""


class Phase(enum.Enum):
    """Where the session stands."""

    IDLE = "idle"
    STARTING = "starting"
    """Photographs are read, networks loaded, the camera opened."""
    LIVE = "live"
    STOPPING = "stopping"


@dataclass(slots=True)
class _Run:
    """One run: what its thread has made so far."""

    stopping: threading.Event
    thread: threading.Thread | None = None
    runner: Runner | None = None
    originals: Originals | None = None
    screens: Screens | None = None
    plugs: Plugs | None = None


class LiveSession(QObject):
    """Starts and stops runs. All signals are delivered on the thread that made it; methods are for that thread."""

    phase_changed = Signal()
    failed = Signal(object)
    """A run could not go on: the LiveSwappingError."""
    noted = Signal(str)
    """One line that the user may want to know: where networks run, which photograph was left out."""
    output_failed = Signal(str, object)
    output_finished = Signal(str)
    output_said = Signal(str, str)
    """How an output is doing, in one line: it waits, it was lost, it is back."""
    _entered = Signal(object)
    _left = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phase = Phase.IDLE
        self._run: _Run | None = None
        self._settings = Settings()
        self._feeds: tuple[Feed, ...] = ()
        self._compare = False
        self._entered.connect(self._on_entered)
        self._left.connect(self._on_left)

    @property
    def status(self) -> Status | None:
        """How the run is doing; None while there is none."""
        return None if self._run is None or self._run.runner is None else self._run.runner.status

    @property
    def faces(self) -> tuple[Seen, ...]:
        """The faces of the newest picture, from left to right."""
        return () if self._run is None or self._run.runner is None else self._run.runner.faces

    @property
    def info(self) -> SourceInfo | None:
        """What the source gives, as negotiated."""
        return None if self._run is None or self._run.originals is None else self._run.originals.info

    @property
    def source_state(self) -> str:
        """How the camera is doing; "" where that means nothing."""
        return "" if self._run is None or self._run.originals is None else self._run.originals.state

    @property
    def last_frame(self) -> Frame | None:
        """The newest frame that was shown."""
        return None if self._run is None or self._run.screens is None else self._run.screens.last

    @property
    def last_original(self) -> Frame | None:
        """The newest frame as the camera gave it."""
        return None if self._run is None or self._run.originals is None else self._run.originals.last_read

    @property
    def outputs(self) -> tuple[str, ...]:
        """What is plugged in beside the views."""
        return () if self._run is None or self._run.plugs is None else self._run.plugs.names

    def start(self, settings: Settings) -> None:
        """Go live. Nothing happens unless idle."""
        if self.phase is not Phase.IDLE:
            return
        self._settings = settings
        run = _Run(threading.Event())
        run.thread = threading.Thread(target=self._work, args=(run, settings), name="live", daemon=True)
        self._run = run
        self._enter(Phase.STARTING)
        begin(run.thread)

    def stop(self) -> None:
        """End the run; `phase_changed` comes when everything is closed."""
        if self._run is None or self.phase is Phase.STOPPING:
            return
        self._run.stopping.set()
        if self._run.runner is not None:
            self._run.runner.stop()
        self._enter(Phase.STOPPING)

    def update(self, settings: Settings) -> None:
        """Other settings, from the next frame on."""
        self._settings = settings
        if self._run is not None and self._run.runner is not None:
            self._run.runner.update(settings)

    def set_feeds(self, feeds: tuple[Feed, ...]) -> None:
        """The views that show the picture from now on."""
        self._feeds = feeds
        if self._run is not None and self._run.screens is not None:
            self._run.screens.feeds = feeds

    def compare(self, wanted: bool) -> None:
        """Whether pictures before the swap are to be kept beside those after it."""
        self._compare = wanted
        if self._run is not None and self._run.originals is not None:
            self._run.originals.wanted = wanted

    def record(self, path: Path, microphone: str = "") -> None:
        """Record from the next frame on, with what a microphone hears; `output_failed` comes where that cannot be."""
        from liveswapping import outputs
        from liveswapping.build import seal_of

        settings = self._settings

        def make(info: SourceInfo, say: Callable[[str], None]) -> Sink:
            return outputs.recording(path, info, say, _heard(microphone), seal_of(settings, say=self._note))

        self._plug(RECORDING, make)

    def feed_camera(self, device: str) -> None:
        """Be a camera for other programs: this one, or with "auto" any."""
        from liveswapping import outputs

        self._plug(VIRTUAL_CAMERA, lambda info, say: outputs.virtual_camera(device, info, say))

    def stream(self, url: str, microphone: str = "") -> None:
        """Send the picture, with what a microphone hears, to a server or another machine."""
        from liveswapping import outputs

        self._plug(STREAM, lambda info, say: outputs.stream(url, info, say, sound=_heard(microphone)))

    def play_sound(self, microphone: str, loudspeaker: str) -> None:
        """Play what a microphone hears as late as the picture is shown."""
        from liveswapping.outputs import LateMicrophone

        runner = None if self._run is None else self._run.runner
        self._plug(SOUND, lambda _info, _say: LateMicrophone(microphone, loudspeaker, lambda: runner))

    def serve(self) -> None:
        """Show the picture to browsers and OBS on this machine, at the usual port where nobody else has that."""
        from liveswapping import outputs

        def make(_: SourceInfo, say: Callable[[str], None]) -> Sink:
            try:
                return outputs.browser(_PORT, say)
            except SinkError:
                return outputs.browser(0, say)

        self._plug(BROWSER, make)

    def pull(self, name: str) -> None:
        """End one output; `output_finished` comes when it is whole."""
        if self._run is not None and self._run.plugs is not None:
            self._run.plugs.pull(name)

    def _plug(self, name: str, make: Callable[[SourceInfo, Callable[[str], None]], Sink]) -> None:
        run = self._run
        if run is None or run.plugs is None or run.originals is None:
            return
        info = run.originals.info
        run.plugs.plug(name, lambda: make(info, lambda line: self._tell(self.output_said, name, line)))

    def _work(self, run: _Run, settings: Settings) -> None:
        error: LiveSwappingError | None = None
        try:
            self._prepare(run, settings)
            if run.runner is not None:
                self._tell(self._entered, run)
                if run.stopping.is_set():
                    run.runner.stop()
                run.runner.run()
        except LiveSwappingError as failure:
            error = failure
        except Exception as failure:  # noqa: BLE001 - a thread has nobody else to tell
            _log.exception("the live run failed")
            error = LiveSwappingError(f"unexpected {type(failure).__name__}: {failure}; see the log")
        finally:
            self._tell(self._left, run, None if error is None else error.with_traceback(None))

    def _prepare(self, run: _Run, settings: Settings) -> None:
        """Build everything; `run.runner` stays None where somebody asked for the stop meanwhile."""
        from gui.live.originals import Originals  # brings OpenCV
        from liveswapping.build import build_runner, load_cast, open_source

        cast = load_cast(settings, self._note)
        if run.stopping.is_set():
            return
        run.originals = Originals(open_source(settings, realtime=True), self._compare)
        run.screens = Screens(run.originals)
        run.screens.feeds = self._feeds
        runner = build_runner(settings, cast, run.originals, [run.screens], self._note)
        run.plugs = Plugs(
            runner,
            lambda name, error: self._tell(self.output_failed, name, _without_frames(error)),
            lambda name: self._tell(self.output_finished, name),
        )
        run.runner = runner

    def _note(self, line: str) -> None:
        self._tell(self.noted, line)

    def _on_entered(self, run: _Run) -> None:
        if run is self._run and run.runner is not None:
            run.runner.update(replace(self._settings, target=run.runner.settings.target))
            if self.phase is Phase.STARTING:
                self._enter(Phase.LIVE)

    def _on_left(self, run: _Run, error: LiveSwappingError | None) -> None:
        if run is not self._run:
            return
        if run.thread is not None:
            run.thread.join(1.0)
        self._run = None
        self._enter(Phase.IDLE)
        if error is not None:
            self.failed.emit(error)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.phase_changed.emit()

    @staticmethod
    def _tell(signal: object, *values: object) -> None:
        try:
            signal.emit(*values)  # type: ignore[attr-defined]
        except RuntimeError:  # the window has gone meanwhile
            _log.debug("nobody is left to hear of it")


def _heard(microphone: str) -> AddSound | None:
    """What adds a microphone's sound to a container; "": nothing does. Raises SinkError."""
    if not microphone:
        return None
    from liveswapping.media.microphone import microphone as hear

    return hear(microphone)


def _without_frames(error: SinkError) -> LiveSwappingError:
    return error.with_traceback(None)
