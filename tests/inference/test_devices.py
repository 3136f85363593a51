from types import SimpleNamespace

import pytest
import torch

from liveswapping.domain.errors import SettingsError
from liveswapping.inference import devices
from liveswapping.inference.devices import TensorRt, choose_device
from liveswapping.inference.providers import ladder


@pytest.fixture
def no_cards(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_without_cards_it_is_the_processor_and_every_reason_is_kept(no_cards):
    device = choose_device()
    assert (device.name, device.half) == ("cpu", False)
    assert [refusal.name for refusal in device.why_not] == ["cuda", "mps"]
    assert all(refusal.reason for refusal in device.why_not)


def test_asking_for_the_processor_looks_for_nothing_else(monkeypatch):
    monkeypatch.setattr(devices, "_fault", lambda name: pytest.fail("a card was looked for"))
    assert choose_device("cpu").why_not == ()


@pytest.mark.parametrize(
    ("asked", "taken"), [("auto", "cuda"), ("cuda", "cuda"), ("tensorrt", "cuda"), ("coreml", "mps"), (None, "cuda")]
)
def test_a_working_card_is_taken(monkeypatch, asked, taken):
    working(monkeypatch)
    assert choose_device(asked).name == taken


def working(monkeypatch, capability=(8, 9)):
    monkeypatch.setattr(devices, "_fault", lambda name: None)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)


@pytest.mark.parametrize(("asked", "capability", "quick"), [("cuda", (7, 0), True), ("cuda", (6, 1), False)])
def test_half_precision_and_graphs_are_for_cards_that_are_faster_with_them(monkeypatch, asked, capability, quick):
    working(monkeypatch, capability)
    device = choose_device(asked)
    assert (device.half, device.records) == (quick, quick)


def test_apples_card_stays_in_full_precision(monkeypatch):
    working(monkeypatch)
    device = choose_device("coreml")
    assert (device.half, device.records) == (False, False)


@pytest.mark.parametrize(
    ("asked", "use", "turn"),
    [
        ("auto", True, TensorRt.LATER),
        ("cuda", True, TensorRt.NEVER),
        ("tensorrt", True, TensorRt.FIRST),
        ("auto", False, TensorRt.NEVER),
    ],
)
def test_tensorrt_comes_first_only_where_it_is_asked_for_by_name(monkeypatch, asked, use, turn):
    working(monkeypatch)
    assert choose_device(asked, ladder(asked, use_tensorrt=use)).tensorrt is turn


@pytest.mark.parametrize("asked", ["directml", "openvino"])
def test_what_torch_does_not_reach_says_so(asked):
    device = choose_device(asked)
    assert device.name == "cpu"
    assert "torch does not reach it" in device.why_not[0].reason


def test_a_card_that_is_there_and_fails_is_passed_over(monkeypatch):
    def fail(device):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nsee docs")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(devices, "_convolved", fail)
    device = choose_device("cuda")
    assert device.name == "cpu"
    assert "no kernel image" in device.why_not[0].reason
    assert "\n" not in device.why_not[0].reason


def test_a_card_that_computes_nonsense_is_passed_over(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    right = devices._convolved(torch.device("cpu"))
    monkeypatch.setattr(devices, "_convolved", lambda device: right if device.type == "cpu" else right + 1)
    assert choose_device("cuda").why_not[0].reason == "it computed something wrong"


def test_an_unknown_provider_is_one_line():
    with pytest.raises(SettingsError, match="there is no provider 'vulkan'"):
        choose_device("vulkan")


def test_torch_keeps_to_the_users_limits(monkeypatch):
    set_to = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=8 * 2**30))
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda share: set_to.update(share=share))
    monkeypatch.setattr(torch, "set_num_threads", lambda number: set_to.update(threads=number))
    devices.limit_torch(None, None)
    assert set_to == {}
    devices.limit_torch(3, 2 * 2**30)
    assert set_to == {"threads": 3, "share": 0.25}
    devices.limit_torch(None, 100 * 2**30)
    assert set_to["share"] == 1.0
