"""What trials of providers showed, kept until driver, runtime or model change: nobody waits for the same hang twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from liveswapping.inference.driver import driver_version
from liveswapping.inference.onnx_runtime import Runtime
from liveswapping.inference.outcome import Kind, Outcome
from liveswapping.inference.remembered import Remembered
from liveswapping.inference.trial import Request

_LASTING: Final = (Kind.OK, Kind.HUNG, Kind.CRASHED, Kind.WRONG)
"""The same machine would show these again; a missing library or full memory may be mended by tomorrow."""


def model_identity(model: Path) -> str:
    """Changes when the file does. Not its hash: half a gigabyte takes half a second to read."""
    facts = model.stat()
    return hashlib.sha256(f"{model.absolute()} {facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()[:16]


class TrialMemory:
    """A small JSON file. Losing it costs a trial, so that no error of the disk ends a run."""

    def __init__(self, file: Path, runtime: Runtime, driver: Callable[[], str] = driver_version) -> None:
        self.file = file
        self._remembered = Remembered(file)
        self._runtime = runtime
        self._driver = driver

    def recall(self, request: Request) -> Outcome | None:
        """How this ended here before."""
        found = self._remembered.recall(self._key(request))
        try:
            return Outcome(Kind(found[0]), str(found[1])) if isinstance(found, list) else None
        except (ValueError, IndexError):
            return None

    def keep(self, request: Request, outcome: Outcome) -> None:
        """Remember what will be the same next time."""
        if outcome.kind in _LASTING:
            self._remembered.keep(self._key(request), [outcome.kind.value, outcome.reason])

    def _key(self, request: Request) -> str:
        options = {name: value for name, value in request.providers[0][1].items() if not name.endswith("_path")}
        asked = f"{request.providers[0][0]} {sorted(options.items())} {sorted(request.shapes.items())}"
        return f"{asked} | {model_identity(request.model)} | {self._runtime.version} | {self._driver()}"
