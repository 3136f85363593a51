"""Hashes of model files whose publisher gives none: the first file that comes is the one that is meant from then on."""

from __future__ import annotations

import json
import logging
from pathlib import Path

_log = logging.getLogger(__name__)


class Hashes:
    """A small JSON file beside the models: file name → sha256."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def recorded(self, name: str) -> str | None:
        """What was recorded here for the model file `name`."""
        found = self._read().get(name)
        return found if isinstance(found, str) else None

    def record(self, name: str, sha256: str, published: bool = False) -> str:
        """Keep `sha256` from now on, where the publisher gives none; answers it."""
        content = self._read()
        if published or content.get(name) == sha256:
            return sha256
        part = self._file.with_suffix(".part")
        try:
            part.write_text(json.dumps({**content, name: sha256}, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            part.replace(self._file)
        except OSError as error:  # a folder that is only to be read
            _log.warning("the sha256 of %s cannot be recorded in %s: %s", name, self._file, error)
        return sha256

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}
