"""What every job has in common that makes a film in segments: a journal, and an end that keeps what is done."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from liveswapping.domain.errors import SinkError
from liveswapping.jobs.journal import Journal, no_room, work_folder
from liveswapping.jobs.progress import Meter, OnProgress, Stage

Outcome = TypeVar("Outcome")


class FilmJob(ABC, Generic[Outcome]):
    """One film. `run` once; `cancel` from any thread."""

    def __init__(self, target: str, output: Path, on_progress: OnProgress, say: Callable[[str], None]) -> None:
        self._output = output
        self._say = say
        self._meter = Meter(Path(target).name, on_progress)
        self._cancelled = threading.Event()

    @property
    def begun(self) -> bool:
        """Whether there is something on the disk to go on from."""
        return work_folder(self._output).exists()

    def cancel(self) -> None:
        """End soon; what is done is kept. Any thread, more than once."""
        self._cancelled.set()

    def run(self) -> Outcome:
        """Do what is left to do; blocks. Raises SourceError, SinkError and what building parts raises."""
        self._meter.show(Stage.PREPARING)
        journal = Journal(self._output)
        try:
            return self._run(journal)
        except SinkError as error:
            raise (no_room(error) if journal.segments else error) from error
        finally:
            journal.close()

    @abstractmethod
    def _run(self, journal: Journal) -> Outcome: ...

    def _fits(self, journal: Journal, key: str, fresh: bool) -> bool:
        """Whether what an earlier run has done is of this very job; what is thrown away is said."""
        known = journal.plan
        if known is not None and known.key == key and not fresh:
            return True
        if known is not None and journal.segments and not fresh:
            self._say("an earlier, unfinished run was for other settings or files: beginning anew")
        return False
