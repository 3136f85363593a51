"""Where published weights and ONNX files run when no card computes them."""

import gc
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from liveswapping.domain.errors import SettingsError
from liveswapping.inference import calibrate as calibration
from liveswapping.inference import on_processor, settling
from liveswapping.inference.calibrate import FEWEST, calibrate, restoring_feeds, swap_feeds
from liveswapping.inference.child import environment
from liveswapping.inference.cpu_timing import Method
from liveswapping.inference.devices import TorchDevice
from liveswapping.inference.networks.export import export_gfpgan
from liveswapping.inference.networks.gfpgan import GfpganClean
from liveswapping.inference.networks.reswapper import StyleTransferModel
from liveswapping.inference.on_processor import open_restoring_network, open_swap_network, reswapper_subject
from liveswapping.inference.onnx_swap import OnnxSwap
from liveswapping.inference.openvino_runtime import OpenVinoSession, has_bf16
from liveswapping.inference.providers import OPENVINO, Setup, ladder
from liveswapping.inference.settling import Subject, settle
from liveswapping.inference.torch_swap import TorchSwap
from tests.named_weights import filled, one_thread, saved  # noqa: F401

pytest.importorskip("openvino")
SIZE = 32
SWIFT = "bf16" if has_bf16() else "fp32"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("weights"), StyleTransferModel, "reswapper", 128, 2)


@pytest.fixture
def setup(tmp_path):
    return Setup(threads=1, cache=tmp_path / "cache")


@pytest.fixture
def measured(monkeypatch):
    """Let the processor take these times; every network is large enough to be measured."""
    monkeypatch.setattr(settling, "SMALL", 0)
    times, asked = {}, []

    def clock(method, work):
        asked.append(str(method))
        return times.get(method.runtime, 500.0)

    def timed(subject, rungs, setup):
        return settle(subject, rungs, setup, clock)

    monkeypatch.setattr(on_processor, "settle", timed)
    monkeypatch.setattr(
        settling, "settle", lambda subject, rungs, setup, clock=clock: settle(subject, rungs, setup, clock)
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return times, asked


def crops(count, size=SIZE, seed=0):
    small = np.random.default_rng(seed).integers(0, 256, (count, 8, 8, 3), np.uint8)
    return small.repeat(size // 8, axis=1).repeat(size // 8, axis=2)


def latents(count, seed=0):
    values = np.random.default_rng(seed).standard_normal((count, 512)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def answers(network, pictures, given):
    return network.swap(pictures, [network.prepare(latent) for latent in given])


def expected(weights, pictures, given):
    planes = torch.from_numpy(pictures[..., ::-1].transpose(0, 3, 1, 2) / np.float32(255))
    answer = weights.network(planes, torch.from_numpy(given)).numpy()
    return np.rint(answer.transpose(0, 2, 3, 1)[..., ::-1] * 255).clip(0, 255)


@pytest.mark.parametrize(
    ("fastest", "kind", "runs_on"),
    [
        ("openvino", OnnxSwap, ("openvino", SWIFT)),
        ("onnxruntime", OnnxSwap, ("cpu", "model")),
        ("torch", TorchSwap, ("cpu", SWIFT)),
    ],
)
def test_weights_run_where_it_was_measured_to_be_fastest_and_say_why_not_elsewhere(
    weights, setup, measured, fastest, kind, runs_on
):
    measured[0][fastest] = 100.0
    network = open_swap_network(weights.path, SIZE, setup=setup)
    assert isinstance(network, kind)
    assert (network.provider, network.precision) == runs_on
    assert sorted(measured[1]) == sorted([f"openvino {SWIFT}", "onnxruntime fp32", f"torch {SWIFT}"])
    reasons = [str(refusal) for refusal in network.why_not]
    slower = {f"openvino {SWIFT}", "onnxruntime fp32", f"torch {SWIFT}"} - {
        next(method for method in measured[1] if method.startswith(fastest))
    }
    for method in slower:
        assert sum(reason.startswith(f"{method}: 500 ms") for reason in reasons) == 1
    assert sum(reason.startswith("cuda: ") for reason in reasons) == 1
    pictures, given = crops(2), latents(2)
    off = np.abs(answers(network, pictures, given).astype(int) - expected(weights, pictures, given))
    assert off.max() <= (1 if network.precision in ("fp32", "model") else 12)
    network.close()


def test_asking_for_openvino_takes_it_without_measuring_others(weights, setup, measured):
    network = open_swap_network(weights.path, SIZE, "openvino", setup=setup)
    assert (network.provider, network.precision) == ("openvino", SWIFT)
    assert network.why_not == ()
    assert measured[1] == []
    network.close()


def test_asking_for_the_processor_takes_full_precision_and_measures_nothing(weights, setup, measured):
    network = open_swap_network(weights.path, SIZE, "cpu", setup=setup)
    assert (type(network), network.provider, network.precision) == (TorchSwap, "cpu", "fp32")
    assert measured[1] == []


def test_a_small_network_is_not_measured(weights, setup):
    def never(method, work):
        pytest.fail("it was measured")

    settled = settle(reswapper_subject(weights.path, SIZE, setup), ladder(), setup, never)
    assert settled.in_torch
    assert settled.passed == ()


def test_without_the_package_one_line_says_what_it_would_bring(weights, setup, measured, monkeypatch):
    for module in (settling, calibration):
        monkeypatch.setattr(module, "installed", lambda: False)
    monkeypatch.setattr("liveswapping.inference.openvino_runtime.installed", lambda: False)
    network = open_swap_network(weights.path, SIZE, "openvino", setup=setup)
    assert network.provider == "cpu"
    (reason,) = network.why_not
    assert reason.name == "openvino"
    assert "requirements/openvino.txt" in reason.reason
    assert "bf16" in reason.reason
    network.close()
    with pytest.raises(SettingsError, match="int8 needs OpenVINO"):
        calibrate(weights.path, [], setup.cache / "x.xml", 0.0)


def test_nothing_is_measured_before_a_card_has_failed(weights, setup, measured, monkeypatch):
    subject = Subject(weights.path, lambda: weights.path)
    carried = settling.OnnxAndOpenVino.available
    monkeypatch.setattr(settling.OnnxAndOpenVino, "available", lambda self: [*carried(self), "DmlExecutionProvider"])
    settled = settling.settle(subject, ladder(), setup)
    assert measured[1] == []
    (rung,) = [rung for rung in settled.rungs if rung.name == "openvino"]
    assert rung.precisions[0] == SWIFT
    in_torch = settling.settle(replace(subject, in_torch=True), ladder(), setup)
    assert not in_torch.in_torch  # DirectML takes ONNX only


def test_nothing_is_reported_to_its_maker_when_openvino_is_loaded():
    lines = [
        "import sys, threading",
        "from liveswapping.inference.openvino_runtime import has_bf16, openvino, operations",
        "has_bf16(), operations()",
        "assert 'openvino_telemetry' not in sys.modules, 'telemetry'",
        "assert 'openvino.tools.ovc' not in sys.modules, 'converter'",
        "assert threading.active_count() == 1",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_session_of_openvino_describes_itself_as_one_of_onnx_runtime(weights, setup):
    import onnxruntime

    model = reswapper_subject(weights.path, SIZE, setup).onnx()
    here = OpenVinoSession(model, "fp32")
    there = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert here.get_providers() == [OPENVINO]
    for ours, theirs in zip(
        [*here.get_inputs(), *here.get_outputs()], [*there.get_inputs(), *there.get_outputs()], strict=True
    ):
        assert (ours.name, ours.type) == (theirs.name, theirs.type)
        assert [size if isinstance(size, int) else None for size in theirs.shape] == list(ours.shape)
    feed = {"target": np.random.default_rng(0).random((2, 3, SIZE, SIZE), np.float32), "source": latents(2)}
    first = here.run(None, feed)[0]
    kept = first.copy()
    assert np.abs(first - there.run(None, feed)[0]).max() < 1e-4
    here.run(None, {**feed, "source": latents(2, seed=1)})
    assert np.array_equal(first, kept)  # an answer is the caller's own


def test_int8_that_is_near_enough_is_kept_and_used(weights, setup, measured):
    subject = reswapper_subject(weights.path, SIZE, setup)
    model, file = subject.onnx(), subject.quantised(setup)
    feeds = swap_feeds(model, list(crops(12)), latents(12))
    result = calibrate(model, feeds, file, 0.0)
    assert result.kept
    assert result.psnr >= 35
    assert (result.calibrated_on, result.tried_on) == (9, 3)
    assert file.with_suffix(".bin").stat().st_size < model.stat().st_size * 0.6
    gc.collect()
    measured[0]["openvino"] = 100.0
    network = open_swap_network(weights.path, SIZE, setup=setup)
    assert (network.provider, network.precision) == ("openvino", "int8")
    pictures, given = crops(2, seed=3), latents(2, seed=3)
    off = answers(network, pictures, given) - expected(weights, pictures, given)
    assert 10 * np.log10(255**2 / np.square(off).mean()) > 33
    assert off.any()
    network.close()


def test_int8_that_is_too_far_off_is_thrown_away_with_the_one_before(weights, setup):
    subject = reswapper_subject(weights.path, SIZE, setup)
    model, file = subject.onnx(), subject.quantised(setup)
    feeds = swap_feeds(model, list(crops(FEWEST)), latents(FEWEST))
    assert calibrate(model, feeds, file, 0.0).kept
    assert not calibrate(model, feeds, file, 0.0, least=90.0).kept
    assert list(file.parent.iterdir()) == []


def test_too_few_faces_are_one_line(weights, setup):
    subject = reswapper_subject(weights.path, SIZE, setup)
    feeds = swap_feeds(subject.onnx(), list(crops(3)), latents(3))
    with pytest.raises(SettingsError, match="3 faces are too few"):
        calibrate(subject.onnx(), feeds, subject.quantised(setup), 0.0)


def test_a_restorer_becomes_int8_too(tmp_path, setup):
    channels = {4: 32, 8: 32, 16: 32, 32: 32}
    model = tmp_path / "restorer.onnx"
    export_gfpgan(filled(GfpganClean, "gfpgan", channels), model)
    faces = list(crops(FEWEST))
    result = calibrate(model, restoring_feeds(model, faces), setup.cache / "int8" / "r.xml", -1.0, least=0.0)
    assert result.kept
    assert result.psnr > 15


@pytest.mark.parametrize("bfloat", [False, True])
def test_bfloat16_in_torch_is_near_full_precision(weights, bfloat):
    network = TorchSwap(weights.path, SIZE, TorchDevice("cpu", half=bfloat, bfloat=bfloat))
    assert network.precision == ("bf16" if bfloat else "fp32")
    pictures, given = crops(2), latents(2)
    off = answers(network, pictures, given) - expected(weights, pictures, given)
    assert 10 * np.log10(255**2 / max(np.square(off).mean(), 1e-9)) > (40 if bfloat else 50)


def test_a_restorers_weights_are_settled_too(tmp_path, setup, measured):
    path = tmp_path / "GFPGANv1.4.pth"
    channels = {4: 8, 8: 8, 16: 8}
    torch.save({"params_ema": filled(GfpganClean, "gfpgan", channels).state_dict()}, path)
    measured[0]["torch"] = 1.0
    network = open_restoring_network(path, setup=setup)
    assert (network.provider, network.precision) == ("cpu", SWIFT)
    assert any(str(refusal).startswith(f"openvino {SWIFT}: 500 ms") for refusal in network.why_not)


def test_a_method_is_named_as_people_read_it():
    assert str(Method("openvino", "int8")) == "openvino int8"
