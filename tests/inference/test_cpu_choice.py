"""What is fastest on the processor: measured once, kept, and taken."""

import json
from dataclasses import replace

import pytest

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference import cpu_choice, cpu_timing
from liveswapping.inference.cpu_choice import Offer, choose
from liveswapping.inference.cpu_timing import Method, TimingFailed, Work, time_in_child
from liveswapping.inference.probe import tiny_model
from liveswapping.inference.providers import Setup

FAST, SLOW, LAME = Method("openvino", "bf16"), Method("onnxruntime", "fp32"), Method("torch", "fp32")


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path / "cache")


def offers(setup, *methods, identity="weights"):
    return [Offer(method, identity, lambda: Work(setup.cache / "m.onnx", 128, setup)) for method in methods]


class Clock:
    """Answers with prepared times, or raises prepared errors; counts."""

    def __init__(self, times):
        self.times = times
        self.asked = []

    def __call__(self, method, work):
        self.asked.append(method)
        took = self.times[method]
        if isinstance(took, Exception):
            raise took
        return took


def test_the_fastest_is_chosen_and_the_others_say_how_slow_they_are(setup):
    clock = Clock({FAST: 200.0, SLOW: 860.0, LAME: 1300.0})
    choice = choose("net", offers(setup, SLOW, FAST, LAME), setup, clock)
    assert (choice.method, choice.milliseconds) == (FAST, 200.0)
    assert [str(refusal) for refusal in choice.why_not] == [
        "onnxruntime fp32: 860 ms, openvino bf16 200 ms",
        "torch fp32: 1300 ms, openvino bf16 200 ms",
    ]


def test_it_is_measured_once_and_only_what_is_new_is_measured_later(setup):
    clock = Clock({FAST: 200.0, SLOW: 860.0, LAME: 100.0})
    choose("net", offers(setup, SLOW, FAST), setup, clock)
    assert choose("net", offers(setup, SLOW, FAST, LAME), setup, clock).method == LAME
    assert clock.asked == [SLOW, FAST, LAME]


@pytest.mark.parametrize("change", ["model", "machine", "threads", "version"])
def test_another_model_machine_or_version_is_measured_anew(setup, monkeypatch, change):
    clock = Clock({FAST: 200.0})
    choose("net", offers(setup, FAST), setup, clock)
    if change == "machine":
        monkeypatch.setattr(cpu_choice, "processor", lambda: "another one, 64 cores")
    if change == "version":
        monkeypatch.setattr(cpu_choice, "_version", lambda runtime: "99")
    changed = replace(setup, threads=3) if change == "threads" else setup
    choose("net", offers(setup, FAST, identity="others" if change == "model" else "weights"), changed, clock)
    assert clock.asked == [FAST, FAST]


def test_what_hangs_is_not_waited_for_again_and_what_could_be_mended_is_tried_again(setup):
    clock = Clock({FAST: TimingFailed("it did not answer", lasting=True), SLOW: TimingFailed("no memory"), LAME: 9.0})
    for _ in range(2):
        choice = choose("net", offers(setup, FAST, SLOW, LAME), setup, clock)
        assert choice.method == LAME
        assert {str(refusal) for refusal in choice.why_not} == {
            "openvino bf16: it did not answer",
            "onnxruntime fp32: no memory",
        }
    assert clock.asked == [FAST, SLOW, LAME, SLOW]


def test_a_model_that_cannot_be_written_is_a_reason_and_no_error(setup):
    def no_room():
        raise ModelLoadError("no room")

    assert choose("net", [Offer(FAST, "weights", no_room)], setup, Clock({})) is None


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": "b"}'])
def test_a_damaged_memory_costs_a_measurement_and_no_more(setup, content):
    setup.cache.mkdir()
    file = setup.cache / "processor.json"
    file.write_text(content)
    assert choose("net", offers(setup, FAST), setup, Clock({FAST: 5.0})).method == FAST
    assert 5.0 in json.loads(file.read_text()).values()


def test_a_real_child_measures_a_real_model_and_says_why_it_could_not(setup, tmp_path):
    file = tmp_path / "tiny.onnx"
    file.write_bytes(tiny_model())
    assert 0 < time_in_child(SLOW, Work(file, 8, setup)) < 1000
    file.write_bytes(b"damaged")
    with pytest.raises(TimingFailed, match="tiny"):
        time_in_child(SLOW, Work(file, 8, setup))


def test_a_child_that_hangs_is_given_up(setup, monkeypatch):
    monkeypatch.setattr(cpu_timing, "TIME_LIMIT", 0.01)
    with pytest.raises(TimingFailed, match="did not answer") as caught:
        time_in_child(SLOW, Work(setup.cache / "m.onnx", 8, setup))
    assert caught.value.lasting
