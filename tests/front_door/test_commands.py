"""What `run.py` makes of its words."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.front_door import commands, setting_up
from scripts.front_door.environment import ROOT, Environment
from scripts.front_door.errors import SetupError


class Seams:
    """What would have happened: set-up, a program that takes over, or the product in this process."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self.ready = True
        self.error: BaseException | None = None

    def set_up(self, environment: Environment, *, developer: bool) -> None:
        self.events.append(("set up", environment.own, developer))
        if self.error:
            raise self.error

    def hand_over(self, command: Sequence[str], folder: Path | None = None) -> int:
        self.events.append(("hand over", list(command[1:]), folder))
        return 7

    def product(self, words: Sequence[str]) -> int:
        self.events.append(("product", list(words)))
        return 3


@pytest.fixture
def seams(monkeypatch: pytest.MonkeyPatch) -> Seams:
    one = Seams()
    monkeypatch.setattr(setting_up, "set_up", one.set_up)
    monkeypatch.setattr(commands, "_hand_over", one.hand_over)
    monkeypatch.setattr(commands, "_product", one.product)
    monkeypatch.setattr(Environment, "ready", lambda _self, *, developer: one.ready)
    monkeypatch.setattr(Environment, "is_this_python", property(lambda self: not self.own))
    return one


def test_a_command_goes_on_in_the_venv_with_all_its_words(seams: Seams) -> None:
    assert commands.main(["demo", "--seconds", "3"]) == 7
    assert seams.events == [("hand over", [str(ROOT / "run.py"), "demo", "--seconds", "3"], None)]


def test_no_venv_runs_the_product_in_this_python_and_never_sees_the_flag(seams: Seams) -> None:
    assert commands.main(["image", "--no-venv", "--source", "a.png"]) == 3
    assert seams.events == [("product", ["image", "--source", "a.png"])]


def test_no_words_reach_the_product_as_no_words(seams: Seams) -> None:
    assert commands.main(["--no-venv"]) == 3
    assert seams.events == [("product", [])]


def test_test_runs_pytest_in_the_checkout(seams: Seams) -> None:
    assert commands.main(["test", "-k", "mesh"]) == 7
    assert seams.events == [("hand over", ["-m", "pytest", "-k", "mesh"], ROOT)]


def test_the_first_start_sets_up(seams: Seams) -> None:
    seams.ready = False
    commands.main(["doctor"])
    assert seams.events[0] == ("set up", True, False)
    assert seams.events[1] == ("hand over", [str(ROOT / "run.py"), "doctor"], None)


def test_the_first_test_sets_up_the_developer_tools_too(seams: Seams) -> None:
    seams.ready = False
    commands.main(["test"])
    assert seams.events[0] == ("set up", True, True)


def test_help_on_a_fresh_machine_sets_nothing_up(seams: Seams) -> None:
    seams.ready = False
    assert commands.main(["--help"]) == 3
    assert seams.events == [("product", ["--help"])]


def test_setup_sets_up_even_when_it_was_done(seams: Seams, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["setup"]) == 0
    assert seams.events == [("set up", True, False)]
    assert capsys.readouterr().out == "LiveSwapping is set up.\n"


def test_a_failed_set_up_is_one_line_and_exit_1(seams: Seams, capsys: pytest.CaptureFixture[str]) -> None:
    seams.ready, seams.error = False, SetupError("installing requirements.txt failed: no network")
    assert commands.main(["demo"]) == 1
    assert capsys.readouterr().err == "error: installing requirements.txt failed: no network\n"
    assert len(seams.events) == 1


def test_an_interrupted_set_up_is_one_line_and_exit_130(seams: Seams, capsys: pytest.CaptureFixture[str]) -> None:
    seams.ready, seams.error = False, KeyboardInterrupt()
    with pytest.raises(SystemExit) as left:
        commands.main(["demo"])
    assert left.value.code == 130
    assert capsys.readouterr().err.count("\n") == 1


def test_windows_gives_back_the_exit_code_of_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_replaces_itself", lambda: False)
    assert commands._hand_over([sys.executable, "-c", "raise SystemExit(5)"]) == 5


def test_test_reminds_of_the_terms_in_one_line_where_nobody_agreed(
    seams: Seams, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands.main(["test"])
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("LIVESWAPPING_CONFIG_DIR", str(tmp_path))
    assert commands.main(["test"]) == 7
    assert capsys.readouterr().err.count("\n") == 1
