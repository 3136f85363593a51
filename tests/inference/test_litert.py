from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.litert import LiteRtModel


def test_a_network_answers_in_the_order_of_its_file(model_path: Callable[[str], Path]) -> None:
    model = LiteRtModel(model_path("face_landmark"))
    assert model.input_shape == (1, 192, 192, 3)
    points, flag = model(np.zeros(model.input_shape, np.float32))
    assert points.size == 1404
    assert flag.size == 1
    assert points.dtype == np.float32


def test_answers_are_copies(model_path: Callable[[str], Path]) -> None:
    model = LiteRtModel(model_path("iris_landmark"))
    first, _ = model(np.zeros(model.input_shape, np.float32))
    before = first.copy()
    model(np.ones(model.input_shape, np.float32))
    assert (first == before).all()


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x1c\x00\x00\x00TFL3" + bytes(100)])
def test_a_broken_file_is_one_line_with_a_cure(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelLoadError) as caught:
        LiteRtModel(path)
    message = str(caught.value)
    assert "broken.tflite" in message
    assert "models pull" in message
    assert "\n" not in message


def test_a_missing_file_is_a_load_error(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="nowhere"):
        LiteRtModel(tmp_path / "nowhere.tflite")


def test_several_pictures_are_answered_as_each_by_itself(model_path: Callable[[str], Path]) -> None:
    model = LiteRtModel(model_path("iris_landmark"))
    pictures = np.random.default_rng(0).random((3, 64, 64, 3), np.float32)
    together = model(pictures)
    for number in range(3):
        for rows, alone in zip(together, model(pictures[number : number + 1]), strict=True):
            assert (rows[number] == alone[0]).all()
