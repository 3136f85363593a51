"""What came of each file of a batch, and the report on it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import Enum
from pathlib import Path

from liveswapping.media.part_file import PartFile, writing


class Status(Enum):
    """How an item ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Its result was there already."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one item."""

    index: int
    source: str
    output: str
    kind: str
    status: Status
    why: str = ""
    """One line, where it failed."""
    faces: int = 0
    """Found in a picture."""
    frames: int = 0
    """Of a film; 1 for a picture."""
    swapped: int = 0
    """Faces of a picture, or frames of a film, that were swapped."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a batch came to."""

    results: tuple[Result, ...]
    """In the order of the items; those that were not come to, as the batch was cancelled, are not among them."""
    total: int
    complete: bool
    seconds: float

    def count(self, status: Status) -> int:
        """How many ended so."""
        return sum(result.status is status for result in self.results)


def write_report(outcome: BatchOutcome, base: Path) -> tuple[Path, Path]:
    """`base` with .json and .csv: one row an item. Raises SinkError."""
    rows = [{**asdict(result), "status": result.status.value} for result in outcome.results]
    counts = {status.value: outcome.count(status) for status in Status}
    report = {
        "total": outcome.total,
        **counts,
        "complete": outcome.complete,
        "seconds": round(outcome.seconds, 3),
        "items": rows,
    }
    table = io.StringIO()
    writer = csv.DictWriter(table, [one.name for one in fields(Result)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files = base.with_name(base.name + ".json"), base.with_name(base.name + ".csv")
    for path, text in zip(
        files, (json.dumps(report, indent=1, ensure_ascii=False) + "\n", table.getvalue()), strict=True
    ):
        _write(path, text)
    return files


def failure(results: Sequence[Result]) -> Result | None:
    """The first that failed."""
    return next((result for result in results if result.status is Status.FAILED), None)


def _write(path: Path, text: str) -> None:
    part = PartFile(path)
    try:
        with writing(path):
            part.path.write_text(text, encoding="utf-8", newline="")
        part.commit()
    finally:
        part.discard()
