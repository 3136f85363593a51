"""What a live run imports, brought in beside the window: each import holds the interpreter in one piece."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Final

_PIECES: Final = (
    "numpy",
    "cv2",
    "llvmlite.binding",
    "numba",
    "av",
    "ai_edge_litert.interpreter",
    "liveswapping.imaging.screen",
    "liveswapping.imaging.face_mesh",
    "liveswapping.media.images",
    "liveswapping.faces.mediapipe",
    "liveswapping.masks.occlusion",
    "liveswapping.swappers.mesh.engine",
    "liveswapping.media.demo",
    "liveswapping.media.camera",
    "liveswapping.media.recorder",
    "liveswapping.pipeline.runner",
    "liveswapping.pipeline.queued",
    "liveswapping.parts",
    "liveswapping.build",
)
_BREATH = 0.005
"""Seconds between two imports, for the window."""


def import_runtimes(report: Callable[[object], None]) -> dict[str, float]:
    """Import piece by piece; answers how long each took, in milliseconds. `report` may raise to end it."""
    took: dict[str, float] = {}
    for name in _PIECES:
        report(name)
        began = time.perf_counter()
        importlib.import_module(name)
        took[name] = round(1000 * (time.perf_counter() - began), 1)
        time.sleep(_BREATH)
    return took
