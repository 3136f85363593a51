from types import SimpleNamespace

import pytest

from liveswapping.cli import benchmark
from liveswapping.run import main


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ((), 1),
        (("--iterations", "3"), 3),
        (("--benchmark_duration", "40"), 4),
        (("--iterations", "5", "--frames", "9"), 5),
    ],
)
def test_it_measures_as_often_and_as_long_as_asked(words, runs, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    clock, commands = iter(range(0, 10_000, 10)), []
    monkeypatch.setattr(benchmark, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    def measured(command, check):
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(benchmark.subprocess, "run", measured)
    assert main(["benchmark", "--json", *words]) == 0
    assert len(commands) == runs
    assert all(command[-1] == "--json" for command in commands)
    assert ("--frames" in commands[0]) == ("--frames" in words)
