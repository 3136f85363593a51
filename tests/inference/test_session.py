"""The provider ladder, with providers that fail, hang, answer NaN or black, or silently are the processor."""

import logging
import sys
import time
import weakref
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np
import pytest

from liveswapping.domain.errors import GPUMemoryError, ModelLoadError
from liveswapping.inference import trial
from liveswapping.inference.onnx_pictures import OnnxPictures
from liveswapping.inference.outcome import Kind, Outcome, failure
from liveswapping.inference.probe import tiny_model
from liveswapping.inference.providers import CPU, CUDA, LADDER, TENSORRT, Setup, ladder, rung_named
from liveswapping.inference.session import open_session
from liveswapping.inference.trial import Request, attempt, try_in_child

GPUS = LADDER[:-1]
MEMORY = RuntimeError("CUDA failure 2: out of memory ; GPU=0")


@dataclass
class Port:
    name: str
    shape: list
    type: str = "tensor(float)"


@dataclass
class FakeSession:
    provider: str
    answer: object
    limit: list = field(default_factory=lambda: [None])

    def get_providers(self):
        return [self.provider]

    def get_inputs(self):
        return [Port("x", ["batch", 3, 8, 8])]

    def get_outputs(self):
        return [Port("y", ["batch", 3, 8, 8])]

    def run(self, names, feed):
        if self.limit[0] is not None and len(feed["x"]) > self.limit[0]:
            raise MEMORY
        return self.answer(feed["x"])


def right(x):
    return [x * 0.5 + 0.25]


def nan(x):
    return [np.full_like(x, np.nan)]


def black(x):
    return [np.zeros_like(x)]


def other(x):
    return [np.random.default_rng(1).random(x.shape, np.float32)]


def fail(x):
    raise RuntimeError("no kernel image is available\nfor execution on the device")


@dataclass
class FakeRuntime:
    """Providers that behave as told: an answer, an exception to raise, or the name of another provider to become."""

    behaviour: dict
    version: str = "1.0"
    created: list = field(default_factory=list)
    room: dict = field(default_factory=dict)
    """How many of a batch fit: a list of one number that tests may change."""

    def available(self):
        return [*self.behaviour, CPU]

    def create(self, model, providers, setup):
        provider, options = providers[0]
        self.created.append((provider, dict(options)))
        how = self.behaviour.get(provider, right)
        if callable(how) and getattr(how, "by_options", False):
            how = how(options)
        if isinstance(how, Exception):
            raise how
        if isinstance(how, str):
            return FakeSession(how, right)
        return FakeSession(provider, how, self.room.get(provider, [None]))


def by_options(choose):
    choose.by_options = True
    return choose


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def setup(tmp_path):
    return Setup(cache=tmp_path / "cache")


def opened(model, setup, runtime, rungs=None, **seams):
    seams.setdefault("trial", lambda request, limit: attempt(runtime, request))
    return open_session(model, rungs or ladder(), setup, runtime=runtime, driver=lambda: "driver 1", **seams)


def hanging(*providers, runtime):
    def hang(request, limit):
        if request.providers[0][0] in providers:
            return Outcome(Kind.HUNG, f"it did not answer within {limit:g} s")
        return attempt(runtime, request)

    return hang


def test_the_first_rung_that_works_is_taken_and_the_others_are_not_touched(model, setup):
    runtime = FakeRuntime({rung.provider: right for rung in GPUS})
    session = opened(model, setup, runtime)
    assert (session.provider, session.precision) == ("tensorrt", "fp16")
    assert session.why_not == ()
    assert {provider for provider, _ in runtime.created} == {TENSORRT, CPU}


@pytest.mark.parametrize("count", range(len(GPUS) + 1))
def test_rungs_that_the_runtime_does_not_carry_are_skipped_with_the_reason(model, setup, count):
    runtime = FakeRuntime({rung.provider: right for rung in GPUS[count:]})
    session = opened(model, setup, runtime)
    assert session.provider == LADDER[count].name
    assert [str(refusal) for refusal in session.why_not] == [
        f"{rung.name}: the installed ONNX Runtime does not carry it" for rung in GPUS[:count]
    ]


FAULTS = {
    "fails when made": (RuntimeError("libcudnn.so.9: cannot open shared object file"), "libcudnn.so.9"),
    "fails when run": (fail, "no kernel image is available for execution"),
    "is silently the processor": (CPU, "fell back to CPUExecutionProvider"),
    "answers NaN": (nan, "NaN"),
    "answers black": (black, "the same number everywhere"),
    "answers something else": (other, "something else than the processor"),
    "has no memory": (MEMORY, "out of memory"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("rung", GPUS, ids=lambda rung: rung.name)
def test_a_provider_that_does_not_work_is_passed_over_for_the_next(model, setup, rung, fault):
    how, reason = FAULTS[fault]
    below = LADDER[LADDER.index(rung) + 1]
    session = opened(model, setup, FakeRuntime({rung.provider: how, below.provider: right}), (rung, below))
    assert session.provider == below.name
    (refusal,) = session.why_not
    assert refusal.name == rung.name
    assert reason in refusal.reason
    assert "\n" not in refusal.reason
    assert np.allclose(session.run(None, {"x": np.ones((1, 3, 8, 8), np.float32)})[0], 0.75)


@pytest.mark.parametrize("order", list(permutations(("fails when made", "answers NaN", "is silently the processor"))))
def test_faults_in_any_order_end_on_the_processor_with_every_reason_kept(model, setup, order):
    behaviour = {rung.provider: FAULTS[fault][0] for rung, fault in zip(GPUS, order, strict=False)}
    session = opened(model, setup, FakeRuntime(behaviour), (*GPUS[:3], LADDER[-1]))
    assert session.provider == "cpu"
    assert [refusal.name for refusal in session.why_not] == ["tensorrt", "cuda", "directml"]
    assert all(FAULTS[fault][1] in refusal.reason for fault, refusal in zip(order, session.why_not, strict=True))


@pytest.mark.parametrize("rung", GPUS, ids=lambda rung: rung.name)
def test_a_provider_that_hangs_is_given_up_and_remembered(model, setup, rung):
    runtime = FakeRuntime({rung.provider: right})
    rungs = (rung, LADDER[-1])
    first = opened(model, setup, runtime, rungs, trial=hanging(rung.provider, runtime=runtime))
    assert first.provider == "cpu"
    assert "did not answer" in first.why_not[0].reason

    def never(request, limit):
        raise AssertionError("the trial was repeated")

    again = opened(model, setup, runtime, rungs, trial=never)
    assert again.provider == "cpu"
    assert "remembered in" in again.why_not[0].reason
    assert rung.provider not in {provider for provider, _ in runtime.created}


@pytest.mark.parametrize("change", ["driver", "runtime", "model"])
def test_what_is_remembered_holds_until_driver_runtime_or_model_change(model, setup, change):
    runtime = FakeRuntime({CUDA: right})
    rungs = ladder("cuda")
    opened(model, setup, runtime, rungs, trial=hanging(CUDA, runtime=runtime))
    if change == "model":
        model.write_bytes(b"other weights")
    if change == "runtime":
        runtime.version = "1.1"
    driver = "driver 2" if change == "driver" else "driver 1"
    session = open_session(
        model,
        rungs,
        setup,
        runtime=runtime,
        driver=lambda: driver,
        trial=lambda request, limit: attempt(runtime, request),
    )
    assert session.provider == "cuda"


def test_a_provider_that_passed_is_not_tried_in_a_child_again(model, setup):
    runtime = FakeRuntime({CUDA: right})
    trials = []

    def counted(request, limit):
        trials.append(request)
        return attempt(runtime, request)

    for _ in range(2):
        assert opened(model, setup, runtime, ladder("cuda"), trial=counted).provider == "cuda"
    assert len(trials) == 1


def test_a_failure_that_could_be_mended_is_tried_again(model, setup):
    broken = FakeRuntime({CUDA: RuntimeError("cudnn is missing")})
    assert opened(model, setup, broken, ladder("cuda")).provider == "cpu"
    assert opened(model, setup, FakeRuntime({CUDA: right}), ladder("cuda")).provider == "cuda"


def test_a_provider_that_only_works_in_the_child_does_not_count(model, setup):
    runtime = FakeRuntime({CUDA: right})
    opened(model, setup, runtime, ladder("cuda")).close()
    runtime.behaviour[CUDA] = nan
    assert opened(model, setup, runtime, ladder("cuda")).provider == "cpu"


@pytest.mark.parametrize("answer", [nan, black, other])
def test_half_precision_that_goes_wrong_is_followed_by_full(model, setup, answer):
    runtime = FakeRuntime(
        {TENSORRT: by_options(lambda options: answer if options["trt_fp16_enable"] == "True" else right)}
    )
    session = opened(model, setup, runtime)
    assert (session.provider, session.precision) == ("tensorrt", "fp32")
    assert session.why_not == ()


def test_a_provider_that_fails_is_not_tried_in_full_precision_too(model, setup):
    runtime = FakeRuntime({TENSORRT: RuntimeError("libnvinfer.so.10 is missing")})
    assert opened(model, setup, runtime).provider == "cpu"
    assert [provider for provider, _ in runtime.created].count(TENSORRT) == 1


def test_without_memory_a_smaller_setup_is_tried_before_the_next_rung(model, setup):
    runtime = FakeRuntime(
        {CUDA: by_options(lambda options: MEMORY if options["cudnn_conv_use_max_workspace"] == "1" else right)}
    )
    session = opened(model, setup, runtime, ladder("cuda"))
    assert session.provider == "cuda"
    assert runtime.created[-1][1]["cudnn_conv_use_max_workspace"] == "0"


ARENA = (
    "Non-zero status code returned while running Conv node. Name:'/target_encoder.2/Conv' Status Message: "
    "/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal("
    "size_t, bool, onnxruntime::Stream*) Available memory of 246754560 is smaller than requested bytes of 268435456"
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ARENA, Kind.MEMORY),
        ("Failed to allocate memory for requested buffer of size 9", Kind.MEMORY),
        ("no kernel image is available", Kind.FAILED),
    ],
)
def test_an_arena_that_is_full_by_the_users_limit_is_no_fault_of_the_provider(text, kind):
    assert failure(RuntimeError(text)).kind is kind


def test_reasons_carry_no_colours_of_a_terminal():
    assert failure(RuntimeError("\x1b[0;93m[W:onnxruntime] it\n  broke\x1b[m")).reason == "[W:onnxruntime] it broke"


def test_memory_that_runs_out_in_use_halves_the_batch_and_keeps_the_order(model, setup, caplog):
    runtime = FakeRuntime({CUDA: right}, room={CUDA: [2]})
    session = opened(model, setup, runtime, ladder("cuda"))
    x = np.random.default_rng(3).random((5, 3, 8, 8), np.float32)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert np.array_equal(session.run(None, {"x": x})[0], right(x)[0])
    assert session.provider == "cuda"
    assert len([record for record in caplog.records if "no memory on cuda for 5 at once, now 2" in record.message]) == 1


def test_memory_that_runs_out_for_one_picture_moves_down_and_says_each_step_once(model, setup, caplog):
    runtime = FakeRuntime({TENSORRT: right, CUDA: right}, room={TENSORRT: [None], CUDA: [None]})
    session = opened(model, setup, runtime, (*ladder("tensorrt")[:1], *ladder("cuda")))
    runtime.room[TENSORRT][0] = runtime.room[CUDA][0] = 0
    x = np.ones((1, 3, 8, 8), np.float32)
    with caplog.at_level(logging.INFO):
        assert np.allclose(session.run(None, {"x": x})[0], 0.75)
    assert session.provider == "cpu"
    assert [refusal.name for refusal in session.why_not] == ["tensorrt", "cuda"]
    said = [record.message for record in caplog.records if "first trial" not in record.message]
    assert len(said) == len(set(said))
    assert sum("trying with less" in line for line in said) == 2


def test_memory_that_runs_out_everywhere_is_a_memory_error(model, setup):
    runtime = FakeRuntime({}, room={CPU: [0]})
    with pytest.raises(GPUMemoryError, match="does not fit into memory"):
        opened(model, setup, runtime, ladder("cpu"))


def test_a_wrong_answer_in_use_can_be_rejected(model, setup):
    session = opened(model, setup, FakeRuntime({TENSORRT: right}))
    session.reject("the face came out black")
    assert (session.provider, session.precision) == ("tensorrt", "fp32")
    session.reject("the face came out black")
    assert session.provider == "cpu"
    assert session.why_not[0].reason == "the face came out black"
    with pytest.raises(ModelLoadError, match="the face came out black"):
        session.reject("the face came out black")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_picture_that_cannot_be_right_is_computed_again_in_full_precision(model, setup, bad):
    spoilt = []

    def half(x):
        return [np.full_like(x, bad)] if spoilt else right(x)

    chosen = by_options(lambda options: half if options["trt_fp16_enable"] == "True" else right)
    session = opened(model, setup, FakeRuntime({TENSORRT: chosen}))
    pictures = OnnxPictures(session, 0.0, session.get_inputs()[0])
    crops = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), np.uint8)
    expected = pictures.run(crops)
    assert session.precision == "fp16"
    spoilt.append(1)
    assert np.array_equal(pictures.run(crops), expected)
    assert (session.provider, session.precision) == ("tensorrt", "fp32")


def test_a_picture_of_one_colour_is_believed_in_full_precision(model, setup):
    session = opened(model, setup, FakeRuntime({}))
    black_picture = np.zeros((1, 8, 8, 3), np.uint8)
    assert np.ptp(OnnxPictures(session, 0.0, session.get_inputs()[0]).run(black_picture)) == 0
    assert session.provider == "cpu"


def test_a_model_that_the_processor_cannot_run_is_not_blamed_on_the_providers(model, setup):
    runtime = FakeRuntime({CUDA: right, CPU: RuntimeError("Protobuf parsing failed.")})
    with pytest.raises(ModelLoadError, match=r"model\.onnx cannot be run \(Protobuf parsing failed\.\)") as refused:
        opened(model, setup, runtime, ladder("cuda"))
    assert "\n" not in str(refused.value)


def test_a_missing_model_is_one_line(setup, tmp_path):
    with pytest.raises(ModelLoadError, match="there is no file"):
        open_session(tmp_path / "absent.onnx", ladder("cpu"), setup)


def test_a_closed_session_says_so(model, setup):
    session = opened(model, setup, FakeRuntime({}))
    session.close()
    session.close()
    with pytest.raises(ModelLoadError, match="was closed"):
        session.run(None, {})


def test_a_session_that_was_left_is_let_go_before_the_next_is_made(model, setup):
    alive = []

    class Counting(FakeRuntime):
        def create(self, model, providers, setup):
            session = super().create(model, providers, setup)
            alive.append(weakref.ref(session))
            assert sum(one() is not None for one in alive) == 1, "two engines held the weights at once"
            return session

    runtime = Counting({TENSORRT: right, CUDA: right})
    session = opened(
        model,
        setup,
        runtime,
        (*ladder("tensorrt")[:1], *ladder("cuda")),
        trial=lambda request, limit: _with_reference(request),
    )
    for _ in range(3):
        session.reject("black")
    assert session.provider == "cpu"


def _with_reference(request):
    request.reference.parent.mkdir(parents=True, exist_ok=True)
    x = np.random.default_rng(0).random((1, 3, 8, 8)).astype(np.float32)
    np.savez(request.reference, *right(x))
    return Outcome(Kind.OK)


def test_a_memory_file_that_is_damaged_or_cannot_be_written_ends_nothing(model, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "providers.json").write_text("{]", encoding="utf-8")
    runtime = FakeRuntime({CUDA: right})
    assert opened(model, Setup(cache=cache), runtime, ladder("cuda")).provider == "cuda"
    (cache / "providers.json").unlink()
    (cache / "providers.json").mkdir()
    assert opened(model, Setup(cache=cache), runtime, ladder("cuda")).provider == "cuda"


def test_the_real_processor_runs_a_real_model(tmp_path, setup):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_model())
    session = open_session(path, ladder("cpu"), replace(setup, threads=1, shrink_arena=True))
    assert session.provider == "cpu"
    assert session.get_providers()[0] == CPU
    assert np.allclose(session.run(None, {"x": np.ones((1, 1, 8, 8), np.float32)})[0], 9.0)
    session.close()


def test_asking_the_real_runtime_for_what_it_does_not_carry_ends_on_the_processor(tmp_path, setup):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_model())
    session = open_session(path, ladder("directml"), setup)
    assert session.provider in ("directml", "cpu")
    assert session.provider == "directml" or session.why_not


def test_a_damaged_model_is_one_line(tmp_path, setup):
    path = tmp_path / "bad.onnx"
    path.write_bytes(tiny_model()[:60])
    with pytest.raises(ModelLoadError) as refused:
        open_session(path, ladder("cpu"), setup)
    assert "\n" not in str(refused.value)


def test_a_real_child_process_tries_a_real_model(tmp_path, setup):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_model())
    request = Request(path, [(CPU, {})], setup, {}, tmp_path / "reference.npz")
    assert try_in_child(request, 60.0) == Outcome(Kind.OK)
    assert request.reference.is_file()
    path.write_bytes(b"not a model")
    request = replace(request, reference=tmp_path / "other.npz")
    assert try_in_child(request, 60.0).kind is Kind.BROKEN


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("import time; time.sleep(60)", Kind.HUNG),
        ("import os; os.abort()", Kind.CRASHED),
        ("import sys; sys.exit('\\x1b[0;93mno library\\x1b[m')", Kind.CRASHED),
    ],
)
def test_a_child_that_hangs_or_dies_is_an_outcome(model, setup, monkeypatch, program, kind):
    monkeypatch.setattr(trial, "_COMMAND", (sys.executable, "-c", program))
    begun = time.monotonic()
    limit = 0.5 if kind is Kind.HUNG else 30.0
    outcome = try_in_child(Request(model, [(CUDA, {})], setup, {}, setup.cache / "r.npz"), limit)
    assert outcome.kind is kind
    assert "\x1b" not in outcome.reason
    assert time.monotonic() - begun < 20


def test_every_rung_has_a_limit():
    assert all(rung.time_limit > 0 for rung in LADDER)
    assert rung_named("tensorrt").time_limit > rung_named("cuda").time_limit
