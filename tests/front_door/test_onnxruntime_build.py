"""One build of ONNX Runtime: the right one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.front_door import onnxruntime_build
from scripts.front_door.onnxruntime_build import BUILDS, choose, listed_builds, nvidia_driver_answers
from scripts.front_door.platforms import Machine

LINUX = Machine("Linux", "x86-64", 64, "cpython", (2, 36))
LINUX_ARM = Machine("Linux", "arm64", 64, "cpython", (2, 36))
WINDOWS = Machine("Windows", "x86-64", 64, "cpython", ())
MAC = Machine("Darwin", "arm64", 64, "cpython", (14,))


@pytest.mark.parametrize(
    ("machine", "nvidia", "build"),
    [
        (LINUX, True, "onnxruntime-gpu"),
        (LINUX, False, "onnxruntime"),
        (LINUX_ARM, True, "onnxruntime"),
        (WINDOWS, True, "onnxruntime-gpu"),
        (WINDOWS, False, "onnxruntime-directml"),
        (MAC, False, "onnxruntime"),
    ],
)
def test_the_build_follows_the_machine_and_its_driver(machine: Machine, nvidia: bool, build: str) -> None:
    assert choose(machine, nvidia=nvidia) == build


def test_every_build_that_can_be_chosen_has_a_pin_of_its_own() -> None:
    for machine in (LINUX, LINUX_ARM, WINDOWS, MAC):
        for nvidia in (False, True):
            build = choose(machine, nvidia=nvidia)
            assert build in BUILDS
            pin = Path(__file__).parents[2] / "requirements" / f"{build}.txt"
            assert pin.read_text(encoding="utf-8").startswith(f"{build}==")


def test_other_packages_of_the_family_are_no_builds() -> None:
    listing = "onnxruntime 1.31.1\nonnxruntime-extensions 0.14\nonnxruntime-gpu 1.31.1\n\n"
    assert listed_builds(listing) == {"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.31.1"}


def program(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime_build, "_ASK_CUDA", "raise SystemExit(1)")


@pytest.mark.skipif(sys.platform == "win32", reason="scripts with a #! line stand in for nvidia-smi")
@pytest.mark.usefixtures("no_cuda")
@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("print('GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)')", True),
        ("print('No devices were found')", False),
        ("print('NVIDIA-SMI has failed'); raise SystemExit(9)", False),
        ("import time; time.sleep(60)", False),
    ],
)
def test_only_a_driver_that_lists_a_gpu_in_time_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, answers: bool
) -> None:
    program(tmp_path, "nvidia-smi", body)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_driver_answers(timeout_s=0.5) is answers


@pytest.mark.parametrize(("code", "answers"), [(0, True), (1, False)])
def test_without_nvidia_smi_the_cuda_driver_itself_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, answers: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(onnxruntime_build, "_ASK_CUDA", f"raise SystemExit({code})")
    assert nvidia_driver_answers() is answers


def test_asking_a_cuda_driver_that_is_not_there_is_a_no(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    absent: Any = onnxruntime_build._ASK_CUDA.replace("libcuda.so.1", "libnowhere.so").replace("nvcuda", "nowhere")
    monkeypatch.setattr(onnxruntime_build, "_ASK_CUDA", absent)
    assert nvidia_driver_answers() is False
