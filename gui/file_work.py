"""Files in, files out, as the window wants them: the one place where it drives jobs over files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gui.background import Cancelled
from liveswapping.domain.errors import LiveSwappingError, NoFaceFound, SettingsError
from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.pipeline.runner import Runner

_POLL_S = 0.1
CLIPS = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm", ".gif", ".mpg", ".mpeg", ".wmv", ".ts")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clip is."""

    done: int
    total: int | None
    """None: nobody knows."""
    seconds: float
    """Since it began."""

    @property
    def left_s(self) -> float | None:
        """Seconds to go, as it went so far; None: unknown."""
        if not self.total or not self.done:
            return None
        return self.seconds * (self.total - self.done) / self.done


@dataclass(frozen=True, slots=True)
class PictureDone:
    """One picture of a batch: what it was, what came of it, or why nothing did."""

    source: Path
    result: Path | None
    failure: str = ""


def beside(source: Path, folder: Path | None, ending: str = "") -> Path:
    """Where the result of `source` goes: a name that is not taken, in `folder` or else where it is."""
    place = folder or source.parent
    suffix = ending or source.suffix
    first = place / f"{source.stem} swapped{suffix}"
    names = (place / f"{source.stem} swapped {number}{suffix}" for number in range(2, 10_000))
    return first if not first.exists() else next((name for name in names if not name.exists()), first)


def swap_clip(
    settings: Settings,
    output: Path,
    report: Callable[[Progress], None],
    paused: Callable[[], bool] = lambda: False,
) -> Path:
    """Swap in every frame of `settings.target`, sound kept. `report` may raise to cancel: then nothing is left.

    Raises what the command `video` does.
    """
    from liveswapping.build import build_runner, load_cast, open_source
    from liveswapping.cli.recording import WholeRecording
    from liveswapping.media.recorder import VideoRecorder
    from liveswapping.pipeline.limit import Limited
    from liveswapping.pipeline.queued import QueuedSink

    report(Progress(0, None, 0.0))
    with ExitStack() as opened:
        source = open_source(settings, realtime=False)
        opened.callback(source.close)
        if source.live:
            raise SettingsError(f"{settings.target} is live and has no end; go live with it instead")
        total = source.info.frames
        cast = load_cast(settings, lambda _line: None)
        recorder = VideoRecorder(output, source.info)
        opened.callback(recorder.abort)
        limited = Limited(source, None, None)
        whole = WholeRecording(recorder, lambda: limited.ended and runner.status.frames_swapped > 0)
        runner = build_runner(settings, cast, limited, [QueuedSink(whole, live=False)])
        _drive(runner, settings, lambda done, seconds: report(Progress(done, total, seconds)), paused)
        if not runner.status.frames_swapped:
            why = runner.status.last_failure or "no face was found in any frame"
            raise NoFaceFound(f"{settings.target}: {why}; nothing was written")
    return output


def _drive(
    runner: Runner, settings: Settings, report: Callable[[int, float], None], paused: Callable[[], bool]
) -> None:
    """Run on a thread beside and tell how far it is. Raises what the run raised, and what `report` does."""
    import threading

    failure: list[BaseException] = []

    def work() -> None:
        try:
            runner.run()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure.append(error)

    worker = threading.Thread(target=work, name="clip", daemon=True)
    worker.start()
    began, held = time.monotonic(), 0.0
    try:
        while worker.is_alive():
            worker.join(_POLL_S)
            if paused() != runner.settings.paused:
                runner.update(replace(settings, paused=paused()))
            held += _POLL_S if paused() else 0.0
            report(runner.status.frames_delivered, max(0.0, time.monotonic() - began - held))
    finally:
        runner.stop()
        worker.join()
    if failure:
        raise failure[0]


def swap_pictures(
    settings: Settings, sources: Sequence[Path], folder: Path | None, report: Callable[[PictureDone], None]
) -> int:
    """Swap in one picture after the other; answers how many came out. `report` may raise to cancel.

    A picture that cannot be done is reported and left out. Raises what concerns all of them.
    """
    from liveswapping.build import build_pipeline, load_cast
    from liveswapping.media.images import read_image, write_image
    from liveswapping.pipeline.timing import Laps

    pipeline = build_pipeline(settings, load_cast(settings, lambda _line: None), live=False)
    good = 0
    try:
        for source in sources:
            try:
                swapped = pipeline.process(read_image(source), settings, Laps())
                pipeline.reset()
                if not swapped.swapped:
                    raise NoFaceFound("no face was found")
                output = beside(source, folder, ".png" if source.suffix.lower() in (".avif", ".jp2") else "")
                write_image(output, swapped.image)
                report(PictureDone(source, output))
                good += 1
            except Cancelled:
                raise
            except LiveSwappingError as error:
                report(PictureDone(source, None, str(error)))
    finally:
        pipeline.close()
    return good
