import logging

import pytest
import torch

from liveswapping.inference.networks.propainter import precision
from liveswapping.inference.networks.propainter.generator import Flows, InpaintGenerator
from liveswapping.inference.networks.propainter.precision import PreciseGenerator, choose_precision
from tests.propainter_golden import filled

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")


class Overflowing(InpaintGenerator):
    """Answers infinity wherever it computes in half precision."""

    def __init__(self):
        torch.nn.Module.__init__(self)
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.given = []

    def encode(self, frames, masks_in, masks_updated):
        return frames / 0 if torch.is_autocast_enabled("cpu") else frames

    def unbounded(self, features, references, flows, masks_in, masks_updated, box):
        self.given.append(features.dtype)
        return self.encode(features, masks_in, masks_updated)


NOTHING = torch.zeros(0)


def picture():
    return torch.linspace(-1, 1, 3 * 64).view(1, 3, 8, 8)


@pytest.mark.parametrize(("wanted", "kind"), [("auto", "fp32"), ("fp16", "fp32"), ("fp32", "fp32"), ("bf16", "bf16")])
def test_the_processor_computes_in_fp32_unless_bf16_is_asked_for(wanted, kind):
    assert PreciseGenerator(Overflowing(), wanted).precision == kind


def test_a_window_that_overflows_is_repeated_in_fp32_and_said(caplog):
    network = Overflowing()
    precise = PreciseGenerator(network, "bf16")
    with caplog.at_level(logging.WARNING):
        answer = precise.fill(picture().bfloat16(), NOTHING, None, None, None)
    torch.testing.assert_close(answer, torch.tanh(picture().bfloat16().float()))
    assert network.given == [torch.bfloat16, torch.float32]
    assert (precise.repeated, precise.precision) == (1, "fp32")
    assert "a window overflowed in bf16: repeated in fp32, going on in fp32" in caplog.text


def test_features_that_overflow_are_repeated_too():
    precise = PreciseGenerator(Overflowing(), "bf16")
    assert torch.equal(precise.encode(picture(), None, None), picture())
    assert precise.repeated == 1


def test_an_overflow_in_fp32_is_not_repeated():
    network = Overflowing()
    network.encode = lambda frames, *_: frames / 0
    precise = PreciseGenerator(network, "fp32")
    assert not torch.isfinite(precise.encode(picture(), None, None)).all()
    assert precise.repeated == 0


def test_bf16_stays_near_fp32():
    generator = filled(InpaintGenerator, "gen")
    random = torch.Generator().manual_seed(0)
    frames = torch.rand(3, 3, 64, 104, generator=random) * 2 - 1
    masks = torch.zeros(3, 1, 64, 104)
    masks[:, :, 20:40, 30:60] = 1
    flows = Flows(*(torch.full((1, 2, 16, 26), value) for value in (0.5, -0.5)))
    answers = []
    for wanted in ("fp32", "bf16"):
        precise = PreciseGenerator(generator, wanted)
        features = precise.encode(frames * (1 - masks), masks, masks)
        assert features.dtype == choose_precision(wanted, CPU)
        small = masks[:2, :, ::4, ::4]
        answers.append(precise.fill(features[:2], precise.split(features[2:]), flows, small, small))
    assert answers[1].dtype == torch.float32
    error = (127.5 * (answers[0] - answers[1])).square().mean().sqrt()
    assert 0 < error < 1.43  # of 255: 45 dB


def test_the_first_window_decides_on_whole_numbers_and_compiling_and_is_exact(monkeypatch):
    asked = []
    monkeypatch.setattr(precision, "compile_leaves", lambda _, size: asked.append(size) or ("encoder",))
    precise = PreciseGenerator(Overflowing(), "fp32", int8=True, compiles=True)
    for _ in range(2):
        answer = precise.fill(picture(), NOTHING, None, None, None)
        torch.testing.assert_close(answer, torch.tanh(picture()))
    assert asked == [(8, 8)]
    assert "compiled encoder" in precise.ways
    assert len(precise.generator.given) == 4  # the first window three times
