import json
import re
from importlib import metadata

import pytest

import liveswapping
from liveswapping.cli import doctor
from liveswapping.cli.console import open_console
from liveswapping.cli.parser import parse
from liveswapping.doctor import probes
from liveswapping.inference.probe import Probe


@pytest.fixture
def quick(monkeypatch):
    """Without the child processes, which have tests of their own."""
    monkeypatch.setattr(probes, "probe_providers", lambda: (Probe("CPUExecutionProvider", True),))
    monkeypatch.setattr(probes, "_torch", lambda: None)


def test_this_machine_can_be_described(quick):
    facts = probes.gather((("model folder", "here"),))
    assert facts.version == liveswapping.__version__
    assert facts.cores >= 1
    assert "GiB" in facts.memory
    assert {model.name for model in facts.models} >= {"face_landmark", "gfpgan"}
    assert any(package.name == "numba" for package in facts.packages)
    assert facts.folders == (("model folder", "here"),)
    assert facts.unknown == ()


def test_what_cannot_be_found_out_is_said_and_stops_nothing(quick, monkeypatch):
    def broken():
        raise PermissionError("not for you")

    monkeypatch.setattr(probes, "list_cameras", broken)
    facts = probes.gather(())
    assert facts.cameras == ()
    assert facts.unknown == ("cameras (PermissionError: not for you)",)


@pytest.mark.parametrize(
    ("requirement", "cuda"),
    [
        ("nvidia-cuda-runtime-cu12~=12.0; extra == 'cuda'", 12),
        ("nvidia-cuda-runtime~=13.0; extra == 'cuda'", 13),
        ("nvidia_cuda_runtime_cu11", 11),
        ("numpy>=1.21", None),
    ],
)
def test_the_cuda_of_a_build_is_told_by_what_it_requires(requirement, cuda):
    assert probes._cuda_major(["flatbuffers", requirement]) == cuda


def test_builds_of_onnxruntime_are_told_from_packages_that_merely_sound_alike():
    names = ["onnxruntime", "onnxruntime-gpu", "onnxruntime_directml", "onnxruntime-extensions", "numpy"]
    assert [name for name in names if probes._BUILDS.fullmatch(name)] == names[:3]
    real = probes._packages(tuple(metadata.distributions()), re.compile("numpy"))
    assert [package.name for package in real] == ["numpy"]


def test_the_report_is_text_and_json(quick, capsys):
    with open_console() as console:
        assert doctor.run(parse(["doctor"]), console) == 0
        text = capsys.readouterr().out
        assert doctor.run(parse(["doctor", "--json"]), console) == 0
    assert all(word in text for word in ("LiveSwapping", "Python", "providers", "virtual cameras", "log"))
    values = json.loads(capsys.readouterr().out)
    assert values["version"] == liveswapping.__version__
    assert isinstance(values["findings"], list)
