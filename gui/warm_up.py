"""What a live run needs, brought in beside the window before it can be started.

Each import holds the interpreter in one piece, and so does loading a compiled kernel when it is first called.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from functools import cache
from typing import Final

from liveswapping.domain.errors import LiveSwappingError

_log = logging.getLogger(__name__)

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
    "liveswapping.provenance.seal",
    "liveswapping.pipeline.runner",
    "liveswapping.pipeline.queued",
    "liveswapping.parts",
    "liveswapping.build",
    "liveswapping.outputs",
    "liveswapping.jobs.video",
    "liveswapping.build_jobs",
    "liveswapping.doctor.probes",
    "liveswapping.doctor.checks",
    "liveswapping.doctor.report",
)
_RUNTIMES: Final = ("torch", "onnxruntime")
"""What neural engines are computed with; imported only where weights of one are here."""
KERNELS: Final = "kernels"
_WHERE_THERE: Final = ("c2pa", "cryptography.x509")
"""What files are marked with, where it can be had."""
_BREATH = 0.005
"""Seconds between two imports, for the window."""


def import_runtimes(report: Callable[[object], None]) -> dict[str, float]:
    """Bring it in piece by piece; answers how long each took, in milliseconds. `report` may raise to end it."""
    took: dict[str, float] = {}

    def bring(name: str, work: Callable[[], object]) -> None:
        report(name)
        began = time.perf_counter()
        work()
        took[name] = round(1000 * (time.perf_counter() - began), 1)
        time.sleep(_BREATH)

    for name in _PIECES:
        bring(name, lambda: importlib.import_module(name))  # noqa: B023 - called at once
    for name in _WHERE_THERE:
        bring(name, lambda: _import_if_there(name))  # noqa: B023 - called at once
    bring(KERNELS, _load_kernels)
    if _has_neural_engine():
        for name in _RUNTIMES:
            bring(name, lambda: _import_if_there(name))  # noqa: B023 - called at once
    return took


@cache
def _load_kernels() -> None:
    """Swap and show small pictures, once in a process: what is compiled is in memory before anybody is live."""
    import numpy as np

    from liveswapping.build import warm_up
    from liveswapping.imaging.screen import fitted

    for mode in ("fit", "fill"):
        fitted(np.zeros((64, 128, 3), np.uint8), 60, 20, mode)
    try:
        warm_up()
    except LiveSwappingError as error:  # going live says it, with what to do about it
        _log.warning("nothing could be tried beforehand: %s", error)


def _has_neural_engine() -> bool:
    from liveswapping.build import open_store
    from liveswapping.domain.settings import Settings

    store = open_store(Settings())
    return any(not store.missing([name]) for name in ("reswapper128", "reswapper256", "inswapper128"))


def _import_if_there(name: str) -> None:
    try:
        importlib.import_module(name)
    except (ImportError, OSError, RuntimeError) as error:
        _log.info("%s is not installed, or not for this system: %s", name, error)
