"""A film job at the terminal: its progress is shown, and Ctrl-C keeps what is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from liveswapping.cli.console import Console

if TYPE_CHECKING:
    from liveswapping.jobs.film_job import FilmJob, Outcome
    from liveswapping.jobs.progress import OnProgress, Progress

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def carried_out(console: Console, make: Callable[[OnProgress], FilmJob[Outcome]]) -> Outcome | None:
    """What the job came to; None, and the user is told, where Ctrl-C ended it and what is done is kept."""
    with console.progress() as report:

        def show(progress: Progress) -> None:
            pace = f"{progress.fps:.1f} fps" if progress.fps else ""
            report(f"{progress.stage.value} {progress.item}", progress.done, progress.total, pace)
            console.event(event_of(progress))

        job = make(show)
        try:
            return job.run()
        except KeyboardInterrupt:
            if not job.begun:
                raise
            console.error("stopped; what is done of the film is kept: the same command goes on from there")
            return None


def event_of(progress: Progress) -> dict[str, object]:
    """A snapshot in types that JSON knows."""
    return {
        name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(progress).items()
    } | {"stage": progress.stage.value}
