"""The streamed procedure gives what the published one gives, whatever the clip's length and whatever goes wrong."""

import numpy as np
import pytest
import torch

from liveswapping.domain.errors import GPUMemoryError
from liveswapping.inpainting.propainter import engine as engine_module
from liveswapping.inpainting.propainter.engine import Networks, ProPainterInpainter
from liveswapping.inpainting.propainter.ladder import is_out_of_memory
from liveswapping.inpainting.propainter.planner import completion_rungs, plan, raft_rungs
from liveswapping.inpainting.propainter.schedule import Schedule
from liveswapping.inpainting.propainter.settings import ProPainterSettings
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Reel, Shot, fill_film
from tests.inpainting.propainter.stand_ins import (
    SIZE,
    Failing,
    StandInCompletion,
    StandInGenerator,
    StandInRaft,
    clip,
    published,
)

SHORT = Schedule(12, 6, 4)
NETWORKS = (StandInRaft, StandInCompletion, StandInGenerator)


def _engine(schedule=SHORT, enter=lambda where: None, record=None, **settings):
    networks = Networks(*(network(enter) for network in NETWORKS))
    return ProPainterInpainter(networks, ProPainterSettings(schedule, **settings), "cpu", record or Record())


def _filled(shots, engine, first=0):
    try:
        return np.stack(list(fill_film(iter(shots), engine, first, cuts=False)))
    finally:
        engine.close()


@pytest.fixture(scope="module")
def whole():
    """Twenty frames, what comes of them, and how often each network was called for that."""
    shots, counted = clip(20), Failing()
    return shots, _filled(shots, _engine(enter=counted)), counted.calls


def _published(shots, schedule=SHORT):
    return published(shots, *(network() for network in NETWORKS), schedule)


@pytest.mark.parametrize(
    ("count", "schedule"),
    [
        (2, SHORT),
        (12, SHORT),
        (13, SHORT),
        (14, SHORT),
        (47, SHORT),
        (40, Schedule(9, 5, 2)),
        (30, Schedule(25, 10, 10)),
        (24, Schedule()),
    ],
)
def test_every_length_gives_the_published_result(count, schedule):
    shots = clip(count)
    assert np.array_equal(_filled(shots, _engine(schedule)), _published(shots, schedule))


def test_frames_without_a_hole_change_nothing_of_the_others():
    shots = clip(40, empty={*range(8), *range(18, 31)})
    filled = _filled(shots, _engine())
    assert np.array_equal(filled, _published(shots))
    assert np.array_equal(filled[20], shots[20].image)


@pytest.mark.parametrize("first", [1, 13, 30, 39])
def test_a_run_taken_up_in_the_middle_gives_the_same(first):
    shots = clip(40)
    assert np.array_equal(_filled(shots, _engine(), first), _published(shots)[first:])


@pytest.mark.parametrize("settings", [{"at_once": 1}, {"at_once": 50}, {"host_bytes": 2_000_000}])
def test_what_is_in_memory_at_once_never_changes_the_result(settings):
    shots = clip(30)
    assert np.array_equal(_filled(shots, _engine(**settings)), _published(shots))


def test_memory_does_not_grow_with_the_clip():
    held = {"reel": 0, "shelves": 0}
    engine = _engine()
    reel = Reel(iter(clip(90)))
    for _ in engine.fill(reel, 0):
        held["reel"] = max(held["reel"], reel.held)
        held["shelves"] = max(held["shelves"], engine._budget.used)
    engine.close()
    assert held["reel"] < 60
    assert held["shelves"] < 60 * SIZE[0] * SIZE[1] * 50


@pytest.mark.parametrize("size", [(70, 90), (131, 137), (24, 300)])
def test_sides_that_networks_do_not_take_are_filled_and_kept(size):
    shots = [
        Shot(shot.image[: size[0], : size[1]], shot.hole[: size[0], : size[1]]) for shot in clip(6, size=(300, 300))
    ]
    filled = _filled(shots, _engine())
    assert filled.shape == (6, *size, 3)
    for picture, shot in zip(filled, shots, strict=True):
        assert np.array_equal(picture[~shot.hole], shot.image[~shot.hole])


def test_a_single_picture_is_filled():
    assert _filled(clip(1), _engine()).shape == (1, *SIZE, 3)


STAGES = ("encode", "match", "complete", "encoder", "window")
ERRORS = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory: you tried"),
    MemoryError(),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
)


@pytest.fixture
def as_on_a_card(monkeypatch):
    """Ladders as for a card; everything runs on the processor all the same."""
    monkeypatch.setattr(engine_module, "plan", lambda size, given, device, record: plan(size, given, "cuda", record))


@pytest.mark.parametrize("when", ["first", "middle", "last"])
@pytest.mark.parametrize("stage", STAGES)
def test_memory_that_runs_out_anywhere_costs_a_step_and_not_the_result(stage, when, as_on_a_card, whole):
    shots, expected, calls = whole
    at = {"first": 0, "middle": calls[stage] // 2, "last": calls[stage]}[when]
    record = Record()
    error = ERRORS[STAGES.index(stage) % len(ERRORS)]
    failing = Failing(stage, at, error)
    assert np.array_equal(_filled(shots, _engine(enter=failing, record=record, device_bytes=10**9)), expected)
    assert len(record.metrics()["fallbacks"]) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_an_error_that_is_not_of_memory_is_not_swallowed(stage, as_on_a_card):
    record = Record()
    with pytest.raises(ValueError, match="broken"):
        _filled(clip(6), _engine(enter=Failing(stage, 0, ValueError("broken")), record=record, device_bytes=10**9))
    assert record.metrics()["fallbacks"] == []


@pytest.mark.parametrize("at", [0, 19, 60])
def test_image_propagation_has_its_step_too(monkeypatch, as_on_a_card, whole, at):
    from liveswapping.inpainting.propainter import features

    (shots, expected, _), really, calls = whole, features.carried, []

    def carried(*given):
        calls.append(1)
        if len(calls) == at + 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return really(*given)

    monkeypatch.setattr(features, "carried", carried)
    record = Record()
    assert np.array_equal(_filled(shots, _engine(record=record, device_bytes=10**9)), expected)
    assert "image propagation" in record.metrics()["fallbacks"][0]


@pytest.mark.parametrize("at", [12, 30, 55])
def test_a_full_host_memory_sends_frames_data_to_the_scratch_file(monkeypatch, whole, at):
    (shots, expected, _), really, calls = whole, torch.Tensor.contiguous, []

    def contiguous(tensor, *given, **named):
        if tensor.ndim == 4 and tensor.shape[:2] == (2, 2):
            calls.append(1)
            if len(calls) == at:
                raise MemoryError
        return really(tensor, *given, **named)

    monkeypatch.setattr(torch.Tensor, "contiguous", contiguous)
    record = Record()
    assert np.array_equal(_filled(shots, _engine(record=record)), expected)
    assert any("host memory" in line for line in record.metrics()["fallbacks"])


def test_the_ladder_of_raft_is_exact_first_then_smaller_then_the_processor():
    given = ProPainterSettings()
    rungs = raft_rungs((864, 1536), given, "cuda", 3 * 10**9)
    names = [rung.name for rung in rungs]
    assert names == [
        "volumes as far as they fit", "lookups without a volume", "whole volumes at 0.5 of the size",
        "whole volumes at 0.25 of the size", "whole volumes at 0.125 of the size", "the processor",
    ] or names[0].startswith("whole volumes")  # fmt: skip
    assert [rung.scale for rung in rungs if rung.device is None and not rung.exact] == [0.5, 0.25, pytest.approx(0.125)]
    assert rungs[-1].device == "cpu"
    assert rungs[-1].exact


def test_the_ladder_obeys_the_flags():
    exact = raft_rungs((864, 1536), ProPainterSettings(cpu_fallback=False, raft_scale=_scale("exact")), "cuda", 10**10)
    assert all(rung.exact and rung.device is None for rung in exact)
    least = raft_rungs((864, 1536), ProPainterSettings(least_scale=0.5), "cuda", 10**10)
    assert min(rung.scale for rung in least) == 0.5
    table = raft_rungs((864, 1536), ProPainterSettings(raft_scale=_scale("table")), "cuda", 10**10)
    assert table[0].scale == 0.5


@pytest.mark.parametrize(("size", "lean"), [((480, 720), False), ((1080, 1920), True)])
def test_a_card_that_cannot_hold_a_sub_video_s_features_is_not_asked_to(size, lean):
    rungs = completion_rungs(size, ProPainterSettings(), "cuda", 6 * 10**9)
    assert [rung.lean for rung in rungs] == ([True] if lean else [False, True])


def test_a_reference_is_split_once_for_all_windows(whole):
    shots, expected, _ = whole
    split = []
    engine = _engine()
    engine._generator.network.split = lambda features: split.append(len(features)) or features * 1.5
    assert np.array_equal(_filled(shots, engine), expected)
    windows = [SHORT.window(at, Reel(iter(shots))) for at in range(0, len(shots), SHORT.step)]
    assert sum(split) == len({one for window in windows for one in window.references})


def _scale(name):
    from liveswapping.inference.networks.propainter.raft_size import RaftScale

    return RaftScale(name)


def test_where_nothing_is_left_the_flags_are_named(as_on_a_card):
    class Always(Failing):
        def __call__(self, where):
            if where == "match":
                raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(GPUMemoryError, match="--resize_ratio") as caught:
        _filled(clip(6), _engine(enter=Always(), device_bytes=10**9))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_runtime_s_words_for_full_memory_are_known(error):
    assert is_out_of_memory(error)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_flows_of_an_earlier_run_are_used_and_damaged_ones_are_not(tmp_path):
    shots, counted = clip(8), Failing()
    whole = _filled(shots, _engine(enter=counted, flow_cache=tmp_path))
    assert counted.calls["match"] == 6
    again = Failing()
    assert np.array_equal(_filled(shots, _engine(enter=again, flow_cache=tmp_path)), whole)
    assert "match" not in again.calls
    for file in tmp_path.glob("*.npy"):
        file.write_bytes(b"no flow")
    assert np.array_equal(_filled(shots, _engine(flow_cache=tmp_path)), whole)


def test_a_disk_that_takes_a_part_at_a_time_keeps_all_of_it(tmp_path, monkeypatch):
    from liveswapping.inpainting.propainter.shelf import Budget, Scratch, Shelf

    scratch = Scratch(tmp_path, Record())
    shelf = Shelf(Budget(0), scratch)
    file = scratch._opened()

    class Slow:
        def __getattr__(self, name):
            return getattr(file, name)

        def write(self, data):
            return file.write(data[:1000])

        def readinto(self, data):
            return file.readinto(data[:700])

    scratch._file = Slow()
    tensors = {number: torch.rand(3, 40, 50) for number in range(3)}
    for number, tensor in tensors.items():
        shelf[number] = tensor
    assert all(torch.equal(shelf[number], tensor) for number, tensor in tensors.items())
    scratch.close()
    assert not list(tmp_path.iterdir())


def test_a_scratch_file_without_room_is_one_line(tmp_path):
    from liveswapping.domain.errors import SinkError
    from liveswapping.inpainting.propainter.shelf import Scratch

    with pytest.raises(SinkError, match="--scratch_dir") as caught:
        Scratch(tmp_path / "nowhere", Record()).put(np.zeros(10, np.uint8))
    assert "\n" not in str(caught.value)
