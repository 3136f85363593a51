"""How a network in torch is computed, and what it goes on with when that fails. The card is made of the processor."""

import copy
import gc
import logging
import weakref
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from liveswapping.domain.errors import GPUMemoryError
from liveswapping.inference import torch_pictures
from liveswapping.inference.cuda import gfpgan, realesrgan, reswapper
from liveswapping.inference.cuda.agreement import NoFastWay
from liveswapping.inference.cuda.graphs import WrongAnswer
from liveswapping.inference.cuda.realesrgan import EnlargingLayers
from liveswapping.inference.cuda.reswapper_layers import PlainLayers
from liveswapping.inference.devices import TensorRt, TorchDevice
from liveswapping.inference.footprint import bytes_taken
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.published import PublishedNetwork
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.networks.rrdb import RRDBNet
from liveswapping.inference.torch_restore import TorchEnlarger, TorchFaceRestorer
from liveswapping.inference.torch_swap import TorchSwap
from liveswapping.restorers.realesrgan import RealEsrgan
from tests.named_weights import filled, one_thread  # noqa: F401

CARD = TorchDevice("cpu", half=True, records=True)
MEMORY = "CUDA out of memory. Tried to allocate 2.00 GiB"


class Modulated(PublishedNetwork):
    """A plain convolution beside one whose weights have five dimensions, as GFPGAN has them."""

    def __init__(self):
        super().__init__()
        self.plain = torch.nn.Conv2d(4, 8, 3)
        self.weight = torch.nn.Parameter(torch.randn(1, 8, 4, 3, 3))

    @classmethod
    def shaped_like(cls, state):
        return cls()


def test_weights_of_five_dimensions_do_not_keep_a_network_off_the_card() -> None:
    network = Modulated()
    before = network.plain.weight.detach().clone()
    network.lay_channels_last()
    assert network.plain.weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network.plain.weight.detach(), before)
    assert network.weight.shape == (1, 8, 4, 3, 3)


@dataclass(eq=False)
class Recorded:
    """A way of its own: layers that hold a copy of the weights, run as they are."""

    layers: object
    most: int = 99
    """Of a batch, that fit."""
    fault: Exception | None = None
    name: str = "fp16 by hand"
    ran: list = field(default_factory=list)
    forgot: int = 0

    def __call__(self, pictures, beside=None):
        if len(pictures) > self.most:
            raise torch.OutOfMemoryError(MEMORY)
        if self.fault is not None:
            raise self.fault
        self.ran.append(len(pictures))
        return self._layers(torch.from_numpy(pictures), beside, torch.uint8).numpy()

    @torch.inference_mode()
    def computed(self, pictures, beside=None):
        return self._layers(pictures, beside, torch.float32)

    def _layers(self, pictures, beside, kind):
        return self.layers(pictures, kind) if beside is None else self.layers(pictures, beside, kind)

    def forget(self):
        self.forgot += 1


@dataclass(frozen=True)
class Weights:
    path: object
    network: PublishedNetwork


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    return saved(tmp_path_factory, filled(StyleTransferModel, "reswapper", 32, 2))


def saved(folders, network):
    path = folders.mktemp("weights") / "narrow.pth"
    torch.save(network.state_dict(), path)
    return Weights(path, network)


@pytest.fixture
def ways(monkeypatch):
    """Every way that was made, and what the next ones shall be like."""
    made, given = [], {}

    def fast(network, tensorrt):
        way = Recorded(PlainLayers(network), **given)
        made.append(weakref.ref(way))
        return way

    monkeypatch.setattr(reswapper, "fast_reswapper", fast)
    return made, given


def crops(count):
    return np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3), np.uint8)


def latent():
    return torch.nn.functional.normalize(torch.randn(1, LATENT, generator=torch.Generator().manual_seed(3)))


def right(network, pictures):
    given = torch.from_numpy(pictures[..., ::-1].copy()).permute(0, 3, 1, 2) / 255
    answer = network(given, latent().expand(len(pictures), -1))
    return answer.permute(0, 2, 3, 1).flip(3).numpy() * 255


def swapped(model, pictures):
    source = model.prepare(latent()[0].numpy())
    return model.swap(pictures, [source] * len(pictures))


def agrees(model, narrow, count=2):
    pictures = crops(count)
    return bool(np.abs(swapped(model, pictures) - right(narrow.network, pictures)).max() < 1.5)


def test_a_way_of_its_own_takes_the_pictures_and_the_weights_that_it_copied_are_let_go(narrow, ways, caplog):
    caplog.set_level(logging.INFO)
    model = TorchSwap(narrow.path, 32, CARD)
    assert agrees(model, narrow, 4)
    assert ways[0][0]().ran == [4]
    assert (model.precision, model.way, model.why_not) == ("fp16", "fp16 by hand", ())
    kept = {name for name, weight in model.network.named_parameters() if not weight.is_meta}
    assert kept == {name for name, _ in narrow.network.named_parameters() if ".style" in name}
    assert caplog.text.count("fp16 by hand") == 1
    model.close()
    gc.collect()
    assert ways[0][0]() is None


def test_the_published_call_takes_floats_that_are_no_bytes_through_that_way_too(narrow, ways):
    model = TorchSwap(narrow.path, 32, CARD)
    target = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert (model(target, latent()) - narrow.network(target, latent())).abs().max() < 2e-3


def test_where_there_is_no_such_way_one_line_says_why_and_half_precision_goes_on(narrow, monkeypatch, caplog):
    def none(network, tensorrt):
        raise NoFastWay("fp16 on Winograd tiles: No module named 'triton'")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(reswapper, "fast_reswapper", none)
    model = TorchSwap(narrow.path, 32, CARD)
    assert (model.precision, model.way) == ("fp16", "fp16")
    assert agrees(model, narrow)
    assert [str(refusal) for refusal in model.why_not] == [
        "CUDA graphs: fp16 on Winograd tiles: No module named 'triton'"
    ]
    (line,) = [record for record in caplog.records if "triton" in record.message]
    assert line.levelno == logging.INFO


@pytest.mark.parametrize("turn", TensorRt)
def test_the_settings_say_when_it_is_tensorrts_turn(narrow, monkeypatch, turn):
    asked = []
    monkeypatch.setattr(
        reswapper, "fast_reswapper", lambda network, *turns: asked.append(turns) or Recorded(PlainLayers(network))
    )
    TorchSwap(narrow.path, 32, TorchDevice("cpu", half=True, records=True, tensorrt=turn))
    assert asked == [(turn,)]


@pytest.fixture
def small_machine(monkeypatch):
    """`small_machine(model, pixels, count)`: there is room for so many pictures of so many pixels, and a half."""
    monkeypatch.setattr(torch_pictures, "_SMALL", 0)
    monkeypatch.setattr(torch_pictures, "room_on", lambda device: 1 << 40)

    def make(model, pixels, count):
        each = model._bytes_a_pixel * pixels
        monkeypatch.setattr(torch_pictures, "room_on", lambda device: (count + 0.5) * each)

    return make


def test_how_many_fit_is_foretold_by_what_one_takes_and_said(narrow, small_machine, monkeypatch, caplog):
    model = TorchSwap(narrow.path, 32, TorchDevice("cpu"))
    swapped(model, crops(1))
    small_machine(model, 32 * 32, 3)
    really, ran = model.run_tensor, []
    monkeypatch.setattr(model, "run_tensor", lambda given, beside: ran.append(len(given)) or really(given, beside))
    caplog.set_level(logging.INFO)
    assert agrees(model, narrow, 8)
    assert ran == [3, 3, 2]
    assert "narrow.pth: 3 of 8 at once on cpu (fp32): one takes" in caplog.text
    caplog.clear()
    assert agrees(model, narrow, 7)
    assert ran[3:] == [3, 3, 1]
    assert caplog.text == ""  # what was decided holds


def test_what_was_foretold_wrongly_is_halved(narrow, small_machine, monkeypatch):
    model = TorchSwap(narrow.path, 32, TorchDevice("cpu"))
    swapped(model, crops(1))
    small_machine(model, 32 * 32, 6)
    really, ran = model.run_tensor, []

    def limited(given, beside):
        ran.append(len(given))
        if len(given) > 3:
            raise torch.OutOfMemoryError(MEMORY)
        return really(given, beside)

    monkeypatch.setattr(model, "run_tensor", limited)
    assert agrees(model, narrow, 8)
    assert ran == [6, 3, 3, 2]


def test_a_picture_that_will_not_fit_is_refused_before_it_is_tried(tmp_path_factory, small_machine, monkeypatch):
    network = saved(tmp_path_factory, filled(RRDBNet, "rrdb", 2, 1, 16, 8))
    model = TorchEnlarger(network.path, TorchDevice("cpu"))
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    whole = RealEsrgan(model, tile=0)
    enlarged = whole.upscale(picture)
    small_machine(model, 148 * 148, 1)
    model._most_pixels = 0
    really, ran = model.run_tensor, []
    monkeypatch.setattr(model, "run_tensor", lambda given, beside: ran.append(given.shape[2:]) or really(given, beside))
    again = whole.upscale(picture)
    assert {side for shape in ran for side in shape} == {128 + 2 * 10}
    assert np.abs(again.astype(int) - enlarged).mean() < 2  # a tile's margin is narrower than what the network sees


def test_the_memory_that_a_computation_takes_is_what_lives_at_once():
    def run():
        first = torch.zeros(1000)
        second = first + 1
        del first
        return (second * 2).view(10, 100)

    assert bytes_taken("cpu", run) == 2 * 4000


def test_without_memory_fewer_go_at_once_then_it_goes_on_without_that_way(narrow, ways, monkeypatch, caplog):
    ways[1].update(most=0)
    swap = StyleTransferModel.swap

    def limited(self, pictures, styles):
        if len(pictures) > 1:
            raise torch.OutOfMemoryError(MEMORY)
        return swap(self, pictures, styles)

    monkeypatch.setattr(StyleTransferModel, "swap", limited)
    model = TorchSwap(narrow.path, 32, CARD)
    for _ in range(2):
        answer = swapped(model, crops(4))
    monkeypatch.undo()
    assert np.abs(answer - right(narrow.network, crops(4))).max() < 1.5
    assert (model.way, [refusal.name for refusal in model.why_not]) == ("fp16", ["CUDA graphs"])
    said = [record.message.removeprefix("narrow.pth: ") for record in caplog.records]
    assert said == [
        "no memory on cpu (fp16 by hand) for 4 at once, now 2",
        "no memory on cpu (fp16 by hand) for 2 at once, now 1",
        f"not as CUDA graphs: {MEMORY}",
        "no memory on cpu (fp16) for 4 at once, now 2",
        "no memory on cpu (fp16) for 2 at once, now 1",
    ]
    gc.collect()
    assert ways[0][0]() is None


def test_what_was_recorded_is_released_before_fewer_are_tried(narrow, ways):
    ways[1].update(most=2)
    model = TorchSwap(narrow.path, 32, CARD)
    assert agrees(model, narrow, 5)
    way = ways[0][0]()
    assert way.ran == [2, 2, 1]
    assert way.forgot >= 1
    assert model.way == "fp16 by hand"


def test_one_picture_that_does_not_fit_may_be_split_before_the_card_is_left(tmp_path_factory, monkeypatch):
    network = saved(tmp_path_factory, filled(RRDBNet, "rrdb", 2, 1, 16, 8))
    monkeypatch.setattr(realesrgan, "fast_realesrgan", lambda network, _: Recorded(EnlargingLayers(network), most=0))
    model = TorchEnlarger(network.path, CARD)
    with pytest.raises(GPUMemoryError):
        model.run(crops(1)[0], may_split=True)
    assert model.way == "fp16 by hand"
    assert model.run(crops(1)[0], may_split=False).shape == (64, 64, 3)
    assert model.way == "fp16"


def test_a_picture_of_one_colour_is_computed_again_in_full_precision(narrow, ways, caplog):
    ways[1].update(fault=WrongAnswer("it answered one colour in fp16"))
    model = TorchSwap(narrow.path, 32, CARD)
    assert agrees(model, narrow)
    assert (model.precision, model.way) == ("fp32", "fp32")
    assert caplog.text.count("going on in fp32") == 1
    assert not any(weight.is_meta for weight in model.network.parameters())


@pytest.mark.parametrize("when", ["made", "run"])
def test_a_way_that_breaks_down_is_left_for_the_network_itself(narrow, ways, monkeypatch, when):
    fault = RuntimeError("CUDA error: operation not permitted when stream is capturing")
    ways[1].update(fault=fault)
    if when == "made":

        def broken(network, tensorrt):
            raise fault

        monkeypatch.setattr(reswapper, "fast_reswapper", broken)
    model = TorchSwap(narrow.path, 32, CARD)
    assert agrees(model, narrow)
    assert model.way == "fp16"
    assert "not permitted" in model.why_not[0].reason


def test_a_broken_way_in_the_published_call_falls_back_too(narrow, ways, monkeypatch):
    model = TorchSwap(narrow.path, 32, CARD)

    def lost(self, pictures, beside=None):
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(Recorded, "computed", lost)
    target = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert (model(target, latent()) - narrow.network(target, latent())).abs().max() < 0.02
    assert model.way == "fp16"


def test_many_changes_of_the_engine_leave_no_copy_of_the_weights(narrow, ways):
    for _ in range(5):
        model = TorchSwap(narrow.path, 32, CARD)
        swapped(model, crops(1))
        module = weakref.ref(model.network)
        model.close()
    gc.collect()
    assert [way() for way in ways[0]] == [None] * 5
    assert module() is None


def test_restoring_and_enlarging_take_their_own_ways_and_keep_no_second_copy(tmp_path_factory, monkeypatch):
    face = saved(tmp_path_factory, filled(GfpganClean, "gfpgan", {4: 64, 8: 64, 16: 32, 32: 32}))
    whole = saved(tmp_path_factory, filled(RRDBNet, "rrdb", 2, 1, 16, 8))

    def restoring(network):
        kept = copy.deepcopy(network)
        return Recorded(lambda faces, kind: levels(gfpgan.exact(kept, faces)))

    monkeypatch.setattr(gfpgan, "fast_gfpgan", restoring)
    monkeypatch.setattr(realesrgan, "fast_realesrgan", lambda network, _: Recorded(EnlargingLayers(network)))
    pictures = crops(1)
    for opened, plain in (
        (TorchFaceRestorer(face.path, CARD), TorchFaceRestorer(face.path, TorchDevice("cpu"))),
        (TorchEnlarger(whole.path, CARD), TorchEnlarger(whole.path, TorchDevice("cpu"))),
    ):
        assert opened.way == "fp16 by hand"
        assert all(weight.is_meta for weight in opened.network.parameters())
        run = [
            model.run(pictures[0], False) if whole_picture(model) else model.run(pictures) for model in (opened, plain)
        ]
        assert np.abs(run[0].astype(int) - run[1]).max() <= 2


def whole_picture(model):
    return isinstance(model, TorchEnlarger)


def levels(answer):
    return ((answer + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
