from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liveswapping.domain.errors import SettingsError
from liveswapping.domain.frame import Image
from liveswapping.faces.builtin import builtin_analysers


def test_every_analyser_is_made_by_its_name(model_path: Callable[[str], Path], astronaut: Image) -> None:
    for entry in builtin_analysers().values():
        for make in (entry.live, entry.still):
            analyser = make(model_path)
            try:
                (face,) = analyser.faces(astronaut)
                assert face.mesh is not None
            finally:
                analyser.close()


def test_an_unknown_analyser_is_named_with_what_there_is() -> None:
    with pytest.raises(SettingsError, match="there is no analyser 'best'; known: mediapipe"):
        builtin_analysers()["best"]


def test_listing_loads_no_runtime() -> None:
    code = (
        "import sys; from liveswapping.faces.builtin import builtin_analysers; builtin_analysers(); "
        "print([name for name in ('ai_edge_litert', 'cv2', 'numba') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.strip() == "[]"
