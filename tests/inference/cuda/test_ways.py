"""Which ways of computing are tried, in which order, and what a compiled one gives. Nothing here needs a card."""

import sys

import pytest
import torch

from liveswapping.inference.cuda import realesrgan, reswapper
from liveswapping.inference.cuda.agreement import first_right
from liveswapping.inference.cuda.realesrgan import EnlargingLayers
from liveswapping.inference.cuda.reswapper_layers import PlainLayers
from liveswapping.inference.devices import TensorRt
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from tests.named_weights import filled, one_thread  # noqa: F401

TILES, TRT, COMPILED, CUDNN = (
    f"fp16 {how}" for how in ("on Winograd tiles", "by TensorRT", "by torch.compile", "by cuDNN")
)


@pytest.fixture(scope="module")
def swap():
    return filled(StyleTransferModel, "reswapper", 32, 2)


@pytest.fixture(scope="module")
def enlarging():
    return filled(RRDBNet, "rrdb", 2, 2, 16, 8)


@pytest.mark.parametrize(
    ("turn", "installed", "order"),
    [
        (TensorRt.LATER, False, [TILES, CUDNN]),
        (TensorRt.LATER, True, [TILES, TRT, CUDNN]),
        (TensorRt.NEVER, True, [TILES, CUDNN]),
        (TensorRt.FIRST, False, [TRT, TILES, CUDNN]),
    ],
)
def test_what_is_measured_fastest_comes_first_but_for_what_was_asked_for(swap, monkeypatch, turn, installed, order):
    monkeypatch.setattr(reswapper, "find_spec", lambda name: object() if installed else None)
    assert [name for name, _ in reswapper._ways(swap, turn)] == order


def test_torch_tensorrt_that_is_asked_for_and_missing_or_broken_costs_one_line(swap, monkeypatch, caplog):
    caplog.set_level("INFO")
    for module in ("torch_tensorrt", "liveswapping.inference.cuda.reswapper_triton"):
        monkeypatch.setitem(sys.modules, module, None)
    crops, styles = reswapper.probe(swap, 32)
    right = reswapper.exact(swap, crops, styles)
    ways = reswapper._ways(swap, TensorRt.FIRST)
    name, _ = first_right(ways, lambda layers: layers(crops, styles, torch.float32), right, 1.0)
    assert name == CUDNN
    assert sum(record.message.startswith("not fp16 by TensorRT: ") for record in caplog.records) == 1


def test_compiling_comes_first_for_enlarging_where_the_user_has_the_time(enlarging):
    assert [name for name, _ in realesrgan._ways(enlarging, compiles=False)] == [CUDNN]
    assert [name for name, _ in realesrgan._ways(enlarging, compiles=True)] == [COMPILED, CUDNN]


@pytest.mark.parametrize("backend", [None, "eager"])
def test_layers_give_what_the_network_gives_compiled_or_not(swap, enlarging, backend):
    pictures, styles = reswapper.probe(swap, 32)
    near = reswapper.exact(swap, pictures, styles)
    assert torch.allclose(PlainLayers(swap, backend)(pictures, styles, torch.float32), near, atol=5e-3)
    with torch.inference_mode():
        enlarged = EnlargingLayers(enlarging, backend)(pictures, torch.float32)
    assert torch.allclose(enlarged, realesrgan.exact(enlarging, pictures), atol=5e-3)


def test_a_compiler_that_fails_is_passed_over(enlarging, caplog):
    caplog.set_level("INFO")
    pictures = reswapper.trial_picture(32, 9, torch.device("cpu"))

    def broken(graph, example):
        raise RuntimeError("no C compiler was found")

    ways = [("compiled", lambda: EnlargingLayers(enlarging, broken)), ("plain", lambda: EnlargingLayers(enlarging))]

    @torch.inference_mode()
    def answer(layers):
        return layers(pictures, torch.float32)

    assert first_right(ways, answer, realesrgan.exact(enlarging, pictures), 1.0)[0] == "plain"
    assert sum(record.message.startswith("not compiled: ") for record in caplog.records) == 1
