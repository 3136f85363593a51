"""From what was chosen in the window to the Settings of a run."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from gui.people import Person, with_person
from gui.preferences import Remembered
from liveswapping.domain.look import Look
from liveswapping.domain.settings import FACES, PROVIDERS, RULES, Settings

NO_FACE = ("blur", "hold", "black", "pass")
"""What becomes of a live picture without a trusted face, the safest at first."""
QUALITIES = ("fast", "balanced", "best", "custom")
"""How much of the quality is given up where time is short: much, some, nothing, or as the figures beside say."""
_FAST_MS = 30.0
"""Delay that is kept where speed counts most, in milliseconds."""
_GB = 2**30
OTHERS = ("blur", "pass")
"""What becomes of faces that nobody chose."""


def settings_of(chosen: Remembered, person: Person | None, *, file: Path | None = None) -> Settings:
    """The settings of a live run; with `file` of a job over it: what it shows stays, but for faces that are swapped."""
    if file is not None:
        chosen = replace(chosen, camera=str(file), delay_ms=0, mirror=False, rotate=0)
    width, _, height = chosen.size.partition("x")
    camera = chosen.camera.startswith("camera:")
    settings = Settings(
        target=chosen.camera,
        model=chosen.engine,
        provider=chosen.provider if chosen.engine != "mesh" and chosen.provider in PROVIDERS else "auto",
        faces=chosen.faces if chosen.faces in FACES else "largest",
        look=look_of(chosen.look),
        **_pace(chosen),
        clear_memory_every=float(min(86_400, max(0, chosen.clear_memory_every))),
        gpu_mem_limit=chosen.gpu_gb * _GB if 0 < chosen.gpu_gb < 1000 else None,
        no_face=None if file is not None else chosen.no_face if chosen.no_face in NO_FACE else "blur",
        others=None if file is not None else chosen.others if chosen.others in OTHERS else "blur",
        mirror=chosen.mirror,
        rotate=chosen.rotate if chosen.rotate in (0, 90, 180, 270) else 0,
        width=int(width) if camera and width.isdecimal() else None,
        height=int(height) if camera and height.isdecimal() else None,
        fps=float(chosen.fps) if camera and chosen.fps else None,
        label=chosen.label,
        credentials=chosen.credentials,
        delay_ms=min(10_000, max(0, chosen.delay_ms)),
    )
    return settings if person is None else with_person(settings, person)


def _pace(chosen: Remembered) -> dict[str, Any]:
    """What the governor keeps."""
    if chosen.quality == "best":
        return {"quality": "fixed"}
    if chosen.quality == "fast":
        return {"max_latency_ms": _FAST_MS}
    if chosen.quality != "custom":
        return {}
    rate = float(chosen.target_fps) if 0 < chosen.target_fps <= 1000 else None
    return {"max_latency_ms": float(min(10_000, max(5, chosen.max_latency_ms))), "target_fps": rate}


def look_of(values: dict[str, Any]) -> Look:
    """A Look from kept values; what does not pass its rule stays at its default."""
    passed: dict[str, Any] = {}
    for field in fields(Look):
        with contextlib.suppress(KeyError, ValueError):
            passed[field.name] = RULES[field.name].parse(values[field.name])
    return Look(**passed)


def values_of(look: Look) -> dict[str, Any]:
    """What is kept of a Look."""
    return asdict(look)


def movies() -> Path:
    """Where recordings go at first: the user's folder for films, else their home."""
    from PySide6.QtCore import QStandardPaths

    for place in (QStandardPaths.StandardLocation.MoviesLocation, QStandardPaths.StandardLocation.HomeLocation):
        found = QStandardPaths.writableLocation(place)
        if found and Path(found).is_dir():
            return Path(found)
    return Path.home()
