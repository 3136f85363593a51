"""Ctrl-C arrives, wherever the main thread is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liveswapping.cli.interrupts import Interrupted, interruptible

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_interruption_and_its_handler_is_put_back(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_a_compiler_is_not_interrupted_but_what_comes_after_it_is():
    compiler = {"__name__": "numba.core.compiler", "signal": signal, "compiled": (compiled := [])}
    exec("def compile_():\n    signal.raise_signal(signal.SIGINT)\n    compiled.append('whole')", compiler)

    @interruptible()
    def command():
        compiler["compile_"]()
        time.sleep(60)  # the signal ends it

    with pytest.raises(Interrupted):
        command()
    assert compiled == ["whole"]


def test_a_signal_put_off_does_not_outlive_the_command():
    compiler = {"__name__": "llvmlite.binding", "signal": signal}
    exec("def compile_():\n    signal.raise_signal(signal.SIGINT)", compiler)
    with interruptible():
        compiler["compile_"]()
    time.sleep(0.2)  # longer than it is put off


@pytest.mark.skipif(sys.platform == "win32", reason="a process ended by a signal is told of by POSIX exit codes alone")
def test_the_exit_code_is_the_programs_own_after_an_exec_of_text(tmp_path):
    (tmp_path / "stopped.py").write_text(
        "import signal, sys\n"
        "from liveswapping.cli.interrupts import interruptible\n"
        "try:\n"
        "    with interruptible():\n"
        "        exec('signal.raise_signal(signal.SIGINT)')\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(130)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "stopped"], cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 130
