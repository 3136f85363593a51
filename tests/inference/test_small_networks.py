from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32
from liveswapping.inference.litert import LiteRtModel
from liveswapping.inference.small_networks import on_card
from liveswapping.inference.tflite_graph import Graph, Operation, read_graph
from liveswapping.inference.torch_tflite import TorchTflite
from liveswapping.observers import small_networks

NETWORKS = ("face_detection_full_range_sparse", "face_detection_short_range", "face_landmark", "iris_landmark")
CPU = torch.device("cpu")


@pytest.mark.parametrize("name", NETWORKS)
def test_torch_gives_the_numbers_of_litert_also_for_two_pictures(model_path: Callable[[str], Path], name: str) -> None:
    here = LiteRtModel(model_path(name))
    pictures = np.random.default_rng(1).random((2, *here.input_shape[1:]), np.float32)
    with torch.inference_mode():
        there = TorchTflite(read_graph(model_path(name)), CPU)(torch.from_numpy(pictures))
    for answer, right in zip(there, here(pictures), strict=True):
        assert answer.shape == right.shape
        assert np.abs(answer.numpy() - right).max() < 1e-5 * np.abs(right).max()


def test_a_file_that_is_no_network_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.tflite").write_bytes(b"TFL3" * 9)
    with pytest.raises(ModelLoadError, match=r"broken\.tflite cannot be read as a network"):
        read_graph(tmp_path / "broken.tflite")


def test_an_operation_that_torch_is_not_taught_is_named() -> None:
    graph = Graph([Operation("HARD_SWISH", [0], 1, {})], {}, {0: (1, 2), 1: (1, 2)}, 0, [1])
    with pytest.raises(ModelLoadError, match="HARD_SWISH"):
        TorchTflite(graph, CPU)


class Card:
    """Stands for the card's networks: LiteRT's numbers, moved by `off`."""

    off = 0.0
    batches = True

    def __init__(self, path: Path, _: object) -> None:
        self._network = LiteRtModel(path)

    def __call__(self, values: F32) -> tuple[F32, ...]:
        return tuple(answer * np.float32(1 + self.off) for answer in self._network(values))


def test_a_network_runs_on_the_card_only_where_it_gives_what_litert_gives(
    model_path: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("liveswapping.inference.cuda.small.RecordedNetwork", Card)
    assert isinstance(on_card(model_path("iris_landmark")), Card)
    with caplog.at_level(logging.INFO):
        monkeypatch.setattr(Card, "off", 0.01)
        assert isinstance(on_card(model_path("iris_landmark")), LiteRtModel)
        monkeypatch.setattr(Card, "off", float("nan"))
        assert isinstance(on_card(model_path("iris_landmark")), LiteRtModel)
    assert "its answer is off by 0.01" in caplog.text


def test_without_a_card_a_network_runs_on_the_processor(
    model_path: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise RuntimeError("no card answers")

    monkeypatch.setattr("liveswapping.inference.cuda.small.RecordedNetwork", missing)
    assert isinstance(on_card(model_path("iris_landmark")), LiteRtModel)


def test_the_networks_follow_an_engine_onto_its_card_and_onto_nothing_else(model_path: Callable[[str], Path]) -> None:
    assert small_networks("cuda") is on_card
    assert isinstance(small_networks("cpu")(model_path("iris_landmark"), (1,)), LiteRtModel)
