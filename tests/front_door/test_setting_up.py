"""The set-up's steps, with a pretended pip and a pretended machine behind the one seam where programs are run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts.front_door import setting_up
from scripts.front_door.environment import Environment
from scripts.front_door.errors import SetupError
from scripts.front_door.platforms import Machine
from scripts.front_door.setting_up import set_up


class PretendedPrograms:
    """Stands in for pip, venv and the product's own preparations: knows what is installed, and can fail."""

    def __init__(self) -> None:
        self.builds: dict[str, str] = {}
        self.sound_venv = False
        self.calls: list[str] = []
        self.fail_at: str | None = None

    def run_logged(
        self, command: Sequence[str], log: Path, tell: Callable[[str], None], *, doing: str, **_: Any
    ) -> None:
        words = [Path(word).name if "/" in word or "\\" in word else word for word in command[1:]]
        call = " ".join(
            word for word in words if word not in ("-m", "--no-input", "--disable-pip-version-check", "--no-compile")
        )
        self.calls.append(call)
        tell(doing)
        if self.fail_at and self.fail_at in call:
            raise SetupError(f"{doing} failed")
        name = command[-1]
        if "uninstall" in call:
            for build in command[command.index("--yes") + 1 :]:
                del self.builds[build]
        elif "onnxruntime" in name:
            build, _, version = Path(name).read_text(encoding="utf-8").strip().partition("==")
            self.builds[build] = version
        elif "venv" in call:
            Path(name).mkdir(exist_ok=True)
            (Path(name) / "pyvenv.cfg").write_text("version = 3.12.1\n", encoding="utf-8")

    def run(self, command: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if command[-1] == setting_up.LIST_BUILDS:
            listing = "".join(f"{name} {version}\n" for name, version in self.builds.items())
            return subprocess.CompletedProcess(command, 0, stdout=listing)
        return subprocess.CompletedProcess(command, 0 if self.sound_venv else 1)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PretendedPrograms:
    pretended = PretendedPrograms()
    monkeypatch.setattr(setting_up, "run_logged", pretended.run_logged)
    monkeypatch.setattr(setting_up.subprocess, "run", pretended.run)
    monkeypatch.setattr(setting_up, "_new_log", lambda: tmp_path / "setup.log")
    machine(monkeypatch, "Linux", nvidia=False)
    return pretended


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    own = Environment(own=True)
    own.folder = tmp_path / "venv"
    monkeypatch.setattr(Environment, "python", property(lambda _self: sys.executable))
    return own


def machine(monkeypatch: pytest.MonkeyPatch, system: str, *, nvidia: bool) -> None:
    monkeypatch.setattr(setting_up, "this_machine", lambda: Machine(system, "x86-64", 64, "cpython", (2, 36)))
    monkeypatch.setattr(setting_up, "nvidia_driver_answers", lambda: nvidia)


def test_set_up_brings_everything_in_order_and_then_says_so(
    programs: PretendedPrograms, environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(environment, developer=False)
    assert programs.calls == [
        "venv --clear venv",
        "pip install --progress-bar off --requirement pip.txt",
        "pip install --progress-bar raw --only-binary=:all: --requirement requirements.txt",
        "pip install --progress-bar raw --only-binary=:all: --no-deps --requirement no-deps.txt",
        "pip install --progress-bar raw --only-binary=:all: --requirement onnxruntime.txt",
        "scripts.front_door.prepare models",
        "scripts.front_door.prepare kernels",
    ]
    assert environment.ready(developer=False)
    assert not environment.ready(developer=True)
    assert "[5/5] kernels: done" in capsys.readouterr().out


def test_the_developer_tools_come_when_they_are_asked_for(
    programs: PretendedPrograms, environment: Environment
) -> None:
    set_up(environment, developer=True)
    assert any(call.endswith("requirements-dev.txt") for call in programs.calls)
    assert environment.ready(developer=True)


@pytest.mark.parametrize("step", ["venv", "pip.txt", "requirements.txt", "no-deps", "onnxruntime", "models", "kernels"])
def test_a_set_up_that_fails_is_not_ready_and_goes_on_the_next_time(
    programs: PretendedPrograms, environment: Environment, step: str
) -> None:
    programs.fail_at = step
    with pytest.raises(SetupError):
        set_up(environment, developer=False)
    assert not environment.folder.exists() or not environment.ready(developer=False)
    programs.fail_at = None
    set_up(environment, developer=False)
    assert environment.ready(developer=False)


def test_a_set_up_that_begins_anew_takes_the_old_stamp_away_first(
    programs: PretendedPrograms, environment: Environment
) -> None:
    set_up(environment, developer=False)
    programs.fail_at = "models"
    with pytest.raises(SetupError):
        set_up(environment, developer=False)
    assert not environment.ready(developer=False)


def test_a_sound_venv_is_kept(programs: PretendedPrograms, environment: Environment) -> None:
    environment.folder.mkdir()
    (environment.folder / "pyvenv.cfg").write_text("version = 3.12.1\n", encoding="utf-8")
    programs.sound_venv = True
    set_up(environment, developer=False)
    assert not any(call.startswith("venv") for call in programs.calls)


def test_the_build_that_belongs_here_is_left_alone(programs: PretendedPrograms, environment: Environment) -> None:
    set_up(environment, developer=False)
    programs.calls.clear()
    set_up(environment, developer=False)
    assert not any("onnxruntime" in call for call in programs.calls)


def test_of_two_builds_both_go_and_the_right_one_comes(
    programs: PretendedPrograms, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.builds = {"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.20.0"}
    machine(monkeypatch, "Linux", nvidia=True)
    set_up(environment, developer=False)
    assert "pip uninstall --yes onnxruntime onnxruntime-gpu" in programs.calls
    assert list(programs.builds) == ["onnxruntime-gpu"]


def test_windows_without_an_nvidia_driver_gets_directml_at_its_own_pin(
    programs: PretendedPrograms, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.builds = {"onnxruntime": "1.31.1"}
    machine(monkeypatch, "Windows", nvidia=False)
    set_up(environment, developer=False)
    assert programs.builds == {"onnxruntime-directml": "1.24.4"}


def test_no_venv_makes_no_venv_and_leaves_pip_as_it_is(
    programs: PretendedPrograms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.front_door.environment._writable_site", lambda: tmp_path)
    current = Environment(own=False)
    set_up(current, developer=False)
    assert not any(call.startswith("venv") or "pip.txt" in call for call in programs.calls)
    assert current.ready(developer=False)


def test_a_machine_that_is_not_supported_is_refused_before_anything_is_made(
    programs: PretendedPrograms, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, "FreeBSD", nvidia=False)
    with pytest.raises(SetupError, match="this is FreeBSD"):
        set_up(environment, developer=False)
    assert programs.calls == []


def test_a_folder_that_cannot_be_written_is_one_line(
    programs: PretendedPrograms, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "/opt/liveswapping/.venv/liveswapping.stamp")

    monkeypatch.setattr(Environment, "write_stamp", refuse)
    with pytest.raises(SetupError, match=r"cannot write .*liveswapping\.stamp \(Permission denied\): make it writable"):
        set_up(environment, developer=False)
