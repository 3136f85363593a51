"""Where the product runs, and one line for every other machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.front_door.errors import SetupError
from scripts.front_door.platforms import Machine, refuse_unsupported, this_machine

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "machine",
    [
        Machine("Linux", "x86-64", 64, "cpython", (2, 34)),
        Machine("Linux", "arm64", 64, "cpython", (2, 36)),
        Machine("Windows", "x86-64", 64, "cpython", ()),
        Machine("Darwin", "arm64", 64, "cpython", (14, 2, 1)),
    ],
)
def test_supported_machines_pass(machine: Machine) -> None:
    refuse_unsupported(machine)


@pytest.mark.parametrize(
    ("machine", "reason"),
    [
        (Machine("Darwin", "x86-64", 64, "cpython", (14,)), "this is macOS on x86-64"),
        (Machine("Darwin", "arm64", 64, "cpython", (13, 6)), "needs macOS 14 or newer; this is 13.6"),
        (Machine("Windows", "x86-64", 32, "cpython", ()), "with a 32-bit Python"),
        (Machine("Windows", "arm64", 64, "cpython", ()), "this is Windows on arm64"),
        (Machine("FreeBSD", "x86-64", 64, "cpython", ()), "this is FreeBSD"),
        (Machine("Linux", "armv7l", 32, "cpython", (2, 36)), "this is Linux on armv7l"),
        (Machine("Linux", "x86-64", 64, "cpython", (2, 31)), "glibc 2.34 or newer; this one has glibc 2.31"),
        (Machine("Linux", "x86-64", 64, "cpython", ()), "this one has another C library"),
        (Machine("Linux", "x86-64", 64, "pypy", (2, 36)), "this is pypy"),
        (Machine("Linux", "x86-64", 64, "cpython without GIL", (2, 36)), "this is cpython without GIL"),
    ],
)
def test_any_other_machine_gets_one_line(machine: Machine, reason: str) -> None:
    with pytest.raises(SetupError) as caught:
        refuse_unsupported(machine)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_machine_that_runs_the_tests_is_supported() -> None:
    refuse_unsupported(this_machine())


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 10), (3, 14)])
def test_an_unsupported_python_gets_one_line_and_exit_1(version: tuple[int, int]) -> None:
    program = f"import runpy, sys; sys.version_info = {(*version, 0)}; runpy.run_path('run.py', run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"LiveSwapping needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]} ")
    assert answer.stderr.count("\n") == 1


def test_help_needs_nothing_but_python() -> None:
    command = [sys.executable, "-S", "-I", "-c", _HELP, str(ROOT)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "demo" in answer.stdout


_HELP = "import sys; sys.path.insert(0, sys.argv[1]); from liveswapping.run import main; sys.exit(main(['--help']))"
