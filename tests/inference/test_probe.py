import subprocess
import sys
from contextlib import suppress

import onnxruntime
import pytest

from liveswapping.inference import probe
from liveswapping.inference.probe import Probe, probe_providers


def test_the_cpu_computes_in_a_child_process():
    assert Probe("CPUExecutionProvider", True) in probe_providers()


def test_a_provider_that_is_not_there_is_not_taken_for_a_cpu_session():
    answer = probe._probe("CUDAExecutionProvider", 60)
    assert answer.works or answer.why_not


def test_a_provider_that_hangs_is_given_up(monkeypatch):
    def hang(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    assert probe._probe("DmlExecutionProvider", 5) == Probe("DmlExecutionProvider", False, "did not answer within 5 s")


def test_a_child_that_dies_says_so(monkeypatch):
    def die(command, **options):
        return subprocess.CompletedProcess(command, -11, "", "")

    monkeypatch.setattr(subprocess, "run", die)
    assert probe._probe("X", 5).why_not == "its process ended with code -11"


def test_without_onnxruntime_there_is_one_line(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/does/not/exist")
    (only,) = probe_providers()
    assert not only.works
    assert only.why_not


def test_the_child_finds_this_package_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert Probe("CPUExecutionProvider", True) in probe_providers()


@pytest.mark.parametrize(
    ("provider", "preloads"),
    [("CUDAExecutionProvider", 1), ("TensorrtExecutionProvider", 1), ("CPUExecutionProvider", 0)],
)
def test_cuda_is_looked_for_where_pip_put_it_before_a_session_is_made(monkeypatch, provider, preloads):
    called = []
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: called.append("preload"))
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *given, **named: called.append("session"))
    with suppress(AttributeError):  # of the session that is none
        probe._answer(provider)
    assert called == ["preload"] * preloads + ["session"]
