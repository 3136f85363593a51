"""`batch`: many pictures and clips; what fails is written down, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.build_batch import batch_job
from liveswapping.cli.console import Console
from liveswapping.cli.film import event_of
from liveswapping.cli.inputs import analyses_of, settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import LiveSwappingError
from liveswapping.jobs.shaping import shaping_of

if TYPE_CHECKING:
    from liveswapping.domain.settings import Settings
    from liveswapping.jobs.batch import BatchPlan
    from liveswapping.jobs.progress import Progress
    from liveswapping.jobs.results import BatchOutcome
    from liveswapping.jobs.video import VideoPlan

PARTIAL = 3
"""The exit code where some items failed and others did not."""


def run(request: Request, console: Console) -> int:
    """Swap in all of them. Answers 0 where none failed, PARTIAL where some did, and raises where all did."""
    settings = settings_of(request)
    plan, given = plan_of(settings, request), request.options
    cluster = given.get("cluster")
    job = batch_job(
        settings,
        plan,
        film_of(settings, request),
        workers=given.get("workers", 1),
        cluster="" if cluster == "local" else cluster,
        on_progress=lambda progress: show(progress),
    )
    with console.progress() as report:

        def show(progress: Progress) -> None:
            pace = f"{progress.fps:.1f} a second" if progress.fps else ""
            report(f"batch {plan.folder}", progress.done, progress.total, pace)
            console.event(event_of(progress))

        outcome = job.run()
    return _answer(outcome, plan, console, bool(given.get("json")))


def plan_of(settings: Settings, request: Request) -> BatchPlan:
    """What the words ask for."""
    from liveswapping.jobs.batch import BatchPlan
    from liveswapping.jobs.items import PATTERN

    given = request.options
    report = given.get("report")
    return BatchPlan(
        tuple(given["inputs"]),
        Path(settings.output or "outputs"),
        bool(given.get("recursive")),
        given.get("pattern", PATTERN),
        given.get("existing", "skip"),
        None if report is None else Path(report),
    )


def film_of(settings: Settings, request: Request) -> VideoPlan:
    """How clips are made; the names of each are put in later."""
    from liveswapping.jobs.emptying import Emptying
    from liveswapping.jobs.video import VideoPlan

    given = request.options
    return VideoPlan(
        "",
        Path(),
        shaping_of(settings, given),
        given.get("codec", "h264"),
        given.get("encoder", "software"),
        given.get("crf"),
        analyses=analyses_of(request),
        emptying=Emptying.of(given),
    )


def _answer(outcome: BatchOutcome, plan: BatchPlan, console: Console, as_json: bool) -> int:
    from liveswapping.jobs.results import Status, failure

    counts = {status.value: outcome.count(status) for status in Status}
    report = (plan.report or plan.folder / "report").as_posix()
    first = failure(outcome.results)
    if as_json:
        console.print(json.dumps({"total": outcome.total, **counts, "seconds": round(outcome.seconds, 3)}))
    else:
        parts = [f"{number} {name}" for name, number in counts.items() if number]
        console.print(f"{outcome.total} items: {', '.join(parts)}, in {outcome.seconds:.1f} s; see {report}.json")
    if first is None:
        return 0
    if counts[Status.FAILED.value] < outcome.total:
        console.inform(f"{counts['failed']} of {outcome.total} failed, first {first.source}: {first.why}")
        return PARTIAL
    raise LiveSwappingError(f"all {outcome.total} failed, first {first.source}: {first.why}; see {report}.json")
