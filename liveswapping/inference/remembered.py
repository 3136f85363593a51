"""A small JSON file of what was found out here. Losing it costs finding out again, so no disk error ends a run."""

from __future__ import annotations

import json
import logging
from pathlib import Path

_log = logging.getLogger(__name__)


class Remembered:
    """Text to any value of JSON, read anew each time, as other processes write it too."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def recall(self, key: str) -> object:
        """What was kept; None where nothing was."""
        return self._read().get(key)

    def keep(self, key: str, value: object) -> None:
        """Keep `value`, in place of what was there."""
        content = {**self._read(), key: value}
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(content, indent=1), encoding="utf-8")
            part.replace(self._file)
        except OSError as error:
            _log.info("what was found out cannot be kept in %s: %s", self._file, error)

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}
