from dataclasses import replace

import pytest

from liveswapping.doctor.checks import CHECKS, examine
from liveswapping.doctor.facts import CameraState, Facts, Gpu, ModelFile, Package, Torch
from liveswapping.doctor.report import as_rows, as_values
from liveswapping.inference.probe import Probe

CARD = Gpu("NVIDIA GeForce RTX 3060", "nvidia", "nvidia", "580.82.09", "12288 MiB")
HEALTHY = Facts(
    version="2.0",
    system="Linux",
    display=True,
    gpus=(CARD,),
    onnxruntime=(Package("onnxruntime-gpu", "1.31.1", 13),),
    providers=(Probe("CUDAExecutionProvider", True), Probe("CPUExecutionProvider", True)),
    torch=Torch("2.13.0", "13.0", ("cpu", "cuda:0")),
    models=(ModelFile("face_landmark", "ready", True), ModelFile("gfpgan", "missing", False)),
    cameras=(CameraState(0, "Webcam"),),
    virtual_cameras=("/dev/video9 (LiveSwapping)",),
    packages=(Package("pyvirtualcam", "0.15.0"),),
)


def test_nothing_is_wrong_with_a_healthy_machine():
    assert examine(HEALTHY) == ()


@pytest.mark.parametrize(
    ("change", "problem", "cure"),
    [
        ({"gpus": (Gpu("nvidia 10de:2503", "nvidia", "nouveau"),)}, "nouveau", "install NVIDIA's own driver"),
        ({"gpus": (replace(CARD, driver_version="470.223.02"),)}, "470.223.2 is too old for onnxruntime-gpu", "580"),
        ({"gpus": (replace(CARD, driver_version="550.54.14"),)}, "too old for torch 2.13.0", "580.65"),
        ({"gpus": (replace(CARD, driver_version=""),)}, "no NVIDIA driver answers", "restart"),
        ({"torch": Torch("2.13.0", None, ("cpu",))}, "CPU-only build, beside an NVIDIA card", ".venv"),
        (
            {"onnxruntime": (Package("onnxruntime", "1.31.1"), Package("onnxruntime-gpu", "1.31.1", 13))},
            "onnxruntime and onnxruntime-gpu are installed side by side",
            "pip uninstall -y onnxruntime onnxruntime-gpu",
        ),
        ({"onnxruntime": (Package("onnxruntime", "1.31.1"),)}, "CPU build, beside an NVIDIA card", ".venv"),
        ({"providers": (Probe("CUDAExecutionProvider", False, "no cuDNN"),)}, "does not work: no cuDNN", "leave it"),
        ({"missing_libraries": ("libxcb-icccm.so.4",)}, "libxcb-icccm.so.4", "apt install libxcb-icccm4"),
        ({"cameras": (CameraState(0, "Webcam", "zoom (process 7)"),)}, "in use by zoom", "close zoom"),
        ({"cameras": (CameraState(0, "Webcam", readable=False),)}, "may not be opened", "usermod -aG video"),
        ({"virtual_cameras": ()}, "v4l2loopback is not loaded", "modprobe v4l2loopback"),
        ({"system": "Windows", "virtual_cameras": ()}, "OBS Studio is not installed", "obsproject.com"),
        ({"system": "Darwin", "virtual_cameras": ()}, "there is no virtual camera", "Start Virtual Camera"),
        ({"packages": ()}, "the virtual camera cannot be fed", "pip install pyvirtualcam=="),
        ({"models": (ModelFile("face_landmark", "missing", True),)}, "missing", "pull face_landmark"),
        ({"models": (ModelFile("gfpgan", "damaged", False),)}, "damaged", "models pull gfpgan"),
    ],
)  # fmt: skip
def test_each_bad_set_up_is_named_with_its_cure(change, problem, cure):
    findings = examine(replace(HEALTHY, **change))
    assert any(problem in finding.problem and cure in finding.cure for finding in findings), findings


def test_every_check_finds_nothing_on_an_empty_machine_but_what_linux_lacks():
    assert all(not list(check(Facts())) for check in CHECKS)
    assert [finding.serious for finding in examine(Facts(system="Windows"))] == [False]  # OBS, for a virtual camera


def test_missing_libraries_matter_only_where_windows_can_open():
    facts = replace(HEALTHY, missing_libraries=("libxcb-icccm.so.4",), display=False)
    assert examine(facts) == ()


def test_serious_things_come_first():
    facts = replace(HEALTHY, virtual_cameras=(), cameras=(CameraState(0, "Webcam", "zoom"),))
    assert [finding.serious for finding in examine(facts)] == [True, False]


def test_the_report_says_everything_once():
    rows = dict(as_rows(HEALTHY))
    assert "580.82.09" in rows["graphics"]
    assert rows["providers"].splitlines() == ["CUDAExecutionProvider: works", "CPUExecutionProvider: works"]
    values = as_values(HEALTHY, examine(replace(HEALTHY, virtual_cameras=())))
    assert values["gpus"][0]["driver_version"] == "580.82.09"
    assert values["findings"][0]["serious"] is False
