import logging

import pytest
import torch
from torch import nn

from liveswapping.inference.networks.propainter import trials
from liveswapping.inference.networks.propainter.attention import SparseWindowAttention
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.int8 import Int8Layers, Int8Linear
from liveswapping.inference.networks.propainter.trials import compile_leaves, try_whole_numbers
from tests.propainter_golden import filled

pytestmark = pytest.mark.usefixtures("one_thread")
SIZE = (16, 16)
LEAVES = ("encoder", "offsets", "backbones", "feed-forward")


class Clock:
    """Goes on where it is told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(trials, "perf_counter", clock)
    return clock


@pytest.fixture(scope="module")
def filled_generator():
    return filled(InpaintGenerator, "gen")


@pytest.fixture
def generator(filled_generator, clock):
    """With every layer as it was made; each call of one takes a second."""

    def takes_a_second(*_):
        clock.now += 1

    hooks = [module.register_forward_pre_hook(takes_a_second) for module in filled_generator.modules()]
    yield filled_generator
    for hook in hooks:
        hook.remove()
    for module in filled_generator.modules():
        module.__dict__.pop("forward", None)


def remembering(forward):
    """What a compiler that is much faster would make: answers are kept."""
    kept = {}

    def compiled(*given):
        place = given[0].data_ptr()
        if place not in kept:
            kept[place] = forward(*given)
        return kept[place]

    return compiled


def failing(forward):
    raise RuntimeError("there is no C++ compiler")


def wrong(forward):
    return remembering(lambda *given: forward(*given) + 0.01)


def test_layers_that_a_compiler_makes_faster_and_leaves_right_are_compiled(generator):
    assert compile_leaves(generator, SIZE, remembering) == LEAVES
    assert generator.encoder.forward.__name__ == "compiled"
    assert all("forward" in block.mlp.__dict__ for block in generator.transformers.transformer)


@pytest.mark.parametrize("compiler", [failing, wrong])
def test_layers_that_a_compiler_fails_on_or_makes_wrong_stay(generator, compiler):
    assert compile_leaves(generator, SIZE, compiler) == ()
    assert not any("forward" in module.__dict__ for module in generator.modules())


def test_layers_that_a_compiler_makes_no_faster_stay(generator, clock):
    def slow(forward):
        def compiled(*given):
            clock.now += 100
            return forward(*given)

        return compiled

    assert compile_leaves(generator, SIZE, slow) == ()


def test_a_layer_in_whole_numbers_is_near_the_exact_one():
    torch.manual_seed(0)
    exact, tokens = nn.Linear(512, 512), torch.randn(3, 40, 512) * torch.logspace(-3, 3, 40)[:, None]
    with torch.inference_mode():
        wanted, found = exact(tokens), Int8Linear(exact)(tokens)
    off = (found - wanted).norm(dim=-1) / wanted.norm(dim=-1)
    assert 0 < off.max() < 0.02  # of each token, large or small


def test_nothing_but_zeros_is_answered_with_the_bias():
    exact = nn.Linear(64, 32)
    with torch.inference_mode():
        assert torch.equal(Int8Linear(exact)(torch.zeros(20, 64)), exact.bias.expand(20, 32))


class Windowed:
    """An attention, and how far off its window is, and how long it takes, in whole numbers; else a second."""

    def __init__(self, clock, off, seconds):
        self.attention = SparseWindowAttention()
        self.layers = Int8Layers(self.attention)
        self.clock, self.off, self.seconds = clock, off, seconds

    @property
    def whole(self):
        kinds = {type(self.attention.get_submodule(name)) for name in ("key", "query", "value", "proj")}
        assert len(kinds) == 1
        return kinds == {Int8Linear}

    def window(self):
        exact = torch.linspace(-1, 1, 100)
        self.clock.now += self.seconds if self.whole else 1
        return exact + self.off if self.whole else exact


def test_whole_numbers_that_are_near_and_faster_are_kept(clock):
    windowed = Windowed(clock, 0.001, 0.5)
    answer = try_whole_numbers(windowed.layers, windowed.window)
    assert windowed.whole
    assert answer[0] == -1


@pytest.mark.parametrize(("off", "seconds", "said"), [(0.02, 0.5, "40.0 dB"), (0.001, 2, "2.00 s instead of 1.00 s")])
def test_whole_numbers_that_are_far_off_or_slower_are_taken_back(off, seconds, said, caplog, clock):
    windowed = Windowed(clock, off, seconds)
    with caplog.at_level(logging.WARNING):
        answer = try_whole_numbers(windowed.layers, windowed.window)
    assert not windowed.whole
    assert answer[0] == -1
    assert said in caplog.text


def test_whole_numbers_that_the_device_refuses_are_taken_back(clock):
    windowed = Windowed(clock, 0.0, 0.5)

    def refused():
        if windowed.whole:
            raise RuntimeError("not implemented for this device")
        return windowed.window()

    assert try_whole_numbers(windowed.layers, refused)[0] == -1
    assert not windowed.whole
