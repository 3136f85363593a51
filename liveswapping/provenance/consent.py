"""The terms, and whether the user of this computer has agreed to them: asked for once, kept beside the settings."""

from __future__ import annotations

import datetime
import json
import logging
from pathlib import Path
from typing import Final

from liveswapping.provenance.folder import config_folder

FILE: Final = "consent.json"
_VERSION: Final = 1
"""Of the terms: others would be asked for anew."""
TERMS: Final = (
    "LiveSwapping puts other people's faces into pictures.",
    "Use it only with the consent of everybody whose face you use, and never to deceive anybody.",
    "What it makes is marked: by a label in the picture, and by credentials in the file. Both have a switch.",
)
NOTICE: Final = (
    "use LiveSwapping only with the consent of everybody whose face you use, and never to deceive; what it makes is "
    "marked, in the picture and in the file (--accept-terms agrees to that once and for all)"
)
_LOG = logging.getLogger(__name__)


def given(folder: Path | None = None) -> bool:
    """Whether the terms were agreed to. `folder`: where that is kept; None: the configuration's folder."""
    place = folder or config_folder()
    if place is None:
        return False
    try:
        content = json.loads((place / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("terms") == _VERSION


def record(folder: Path | None = None) -> bool:
    """Keep that the terms were agreed to; False where nothing can be kept."""
    place = folder or config_folder()
    if place is None:
        return False
    agreed = {"terms": _VERSION, "agreed": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    try:
        place.mkdir(parents=True, exist_ok=True)
        part = place / f".{FILE}.part"
        part.write_text(json.dumps(agreed), encoding="utf-8")
        part.replace(place / FILE)
    except OSError as error:
        _LOG.info("%s cannot be kept: %s", place / FILE, error)
        return False
    return True
