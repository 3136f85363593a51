"""Programs that the set-up runs: what is shown, what is logged, what is said when they fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.front_door.child import run_logged, shown
from scripts.front_door.errors import SetupError


def run(body: str, log: Path) -> list[str]:
    told: list[str] = []
    run_logged([sys.executable, "-c", body], log, told.append, doing="trying")
    return told


def test_output_goes_to_the_log_and_progress_to_the_user(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    body = "print('Collecting torch==2.13.0'); print('Progress 20000000 of 190000000'); print('other')"
    told = run(body, log)
    assert told == ["torch", "torch 20 of 190 MB", "torch 20 of 190 MB"]
    assert "Collecting torch==2.13.0\nother\n" in log.read_text(encoding="utf-8")


def test_a_failure_is_one_line_with_cause_and_log(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    with pytest.raises(SetupError) as caught:
        run("print('ERROR: No matching distribution found for x'); raise SystemExit(1)", log)
    assert str(caught.value) == f"trying failed: No matching distribution found for x (details: {log})"


def test_only_the_failing_program_is_asked_for_its_reason(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    run("print('No space left')", log)
    with pytest.raises(SetupError, match="trying failed: other"):
        run("print('other'); raise SystemExit(1)", log)


def test_a_program_that_cannot_be_started_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"trying failed: .*nowhere cannot be started"):
        run_logged([str(tmp_path / "nowhere")], tmp_path / "log", print, doing="trying")


def test_an_interrupt_ends_the_program_too(tmp_path: Path) -> None:
    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    body = "import time; print('Collecting x', flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run_logged([sys.executable, "-c", body], tmp_path / "log", interrupt, doing="trying")


@pytest.mark.parametrize(
    ("line", "item", "text"),
    [
        ("Collecting PySide6-Essentials==6.12.0 (from -r x)", "PySide6-Essentials", "PySide6-Essentials"),
        ("Progress 1500000 of 95000000", "av", "av 2 of 95 MB"),
        ("  Downloading torch-2.13.0-cp311.whl (190.1 MB)", "av", "av 190.1 MB"),
        ("Installing collected packages: a, b, c", "", "installing 3 packages"),
        ("Requirement already satisfied: numpy", "av", ""),
    ],
)
def test_what_pip_says_is_told_in_short(line: str, item: str, text: str) -> None:
    assert shown(line, "av") == (item, text)
