"""Many pictures and films, one after the other or side by side; what fails is written down and the rest goes on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liveswapping.domain.errors import SettingsError
from liveswapping.jobs.crew import Crew
from liveswapping.jobs.items import PATTERN, Item, find_items
from liveswapping.jobs.progress import Meter, OnProgress, Stage, nobody
from liveswapping.jobs.results import BatchOutcome, Result, Status, write_report

_LOG = logging.getLogger(__name__)
EXISTING = ("skip", "overwrite")
"""What happens where a result is there already."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch makes of what."""

    inputs: tuple[str, ...]
    """Files, folders and globs."""
    folder: Path
    """Where the results go."""
    recursive: bool = False
    pattern: str = PATTERN
    """Of the results' names: {name}, {ext}, {index}, {parent}."""
    existing: str = "skip"
    report: Path | None = None
    """Of the reports, without the ending; None: "report" in the folder."""


class BatchJob:
    """One batch. `run` once; `cancel` from any thread."""

    def __init__(self, plan: BatchPlan, crew: Callable[[], Crew], on_progress: OnProgress = nobody) -> None:
        """`crew` is made when there is work for it. Raises SettingsError for a plan that cannot be."""
        if plan.existing not in EXISTING:
            raise SettingsError(f"--existing {plan.existing}: allowed: {', '.join(EXISTING)}")
        self.plan = plan
        self._crew = crew
        self._cancelled = threading.Event()
        self._on_progress = on_progress
        self._results: dict[int, Result] = {}

    def cancel(self) -> None:
        """End after the items in work. Any thread, more than once."""
        self._cancelled.set()

    def run(self) -> BatchOutcome:
        """Do all items and write the reports; blocks. Raises SettingsError where there is none, and SinkError."""
        plan, began = self.plan, time.monotonic()
        meter = Meter(str(plan.folder), self._on_progress)
        items, wrong = find_items(plan.inputs, plan.folder, recursive=plan.recursive, pattern=plan.pattern)
        self._note_wrong(wrong, len(items))
        total = len(items) + len(wrong)

        def take(result: Result) -> None:
            self._results[result.index] = result
            _LOG.info("%s: %s in %.2f s%s", result.source, result.status.value, result.seconds, _because(result.why))
            failed = sum(one.status is Status.FAILED for one in self._results.values())
            meter.show(Stage.SWAPPING, len(self._results), total, failed=failed)

        to_do = [item for item in items if not self._skipped(item)]
        meter.show(Stage.SWAPPING, len(self._results), total)
        try:
            if to_do and not self._cancelled.is_set():
                self._crew().work(to_do, take, self._cancelled.is_set)
        finally:
            outcome = self._outcome(total, time.monotonic() - began)
            write_report(outcome, plan.report or plan.folder / "report")
        meter.show(Stage.DONE, len(self._results), total)
        return outcome

    def _skipped(self, item: Item) -> bool:
        if self.plan.existing == "overwrite" or not item.output.exists():
            return False
        names = str(item.source), str(item.output), item.kind.value
        self._results[item.index] = Result(item.index, *names, Status.SKIPPED)
        return True

    def _note_wrong(self, wrong: list[str], items: int) -> None:
        for number, line in enumerate(wrong, start=items + 1):
            name, _, why = line.rpartition(": ")
            self._results[number] = Result(number, name, "", "", Status.FAILED, why)

    def _outcome(self, total: int, seconds: float) -> BatchOutcome:
        results = tuple(self._results[index] for index in sorted(self._results))
        return BatchOutcome(results, total, len(results) == total, seconds)


def _because(why: str) -> str:
    return f" ({why})" if why else ""
