"""`benchmark`: how fast faces are swapped here. The measuring itself is `scripts/benchmark.py`, which runs alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from liveswapping.cli.console import Console
from liveswapping.cli.inputs import settings_of
from liveswapping.cli.parser import Request
from liveswapping.cli.trial import BUILT_IN, compare, show, values
from liveswapping.domain.errors import LiveSwappingError, SettingsError

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "benchmark.py"


def run(request: Request, console: Console) -> int:
    """Measure every case and print the figures, as often as asked; with --json each ends with one JSON object."""
    settings = settings_of(request)
    if not _SCRIPT.is_file():
        raise SettingsError("the benchmark is part of a checkout, and this is an installed package; clone the project")
    console.note("measuring, about a minute; other programs that work meanwhile spoil the figures …")
    command = [sys.executable, str(_SCRIPT)]
    if "frames" in request.options:
        command += ["--frames", str(request.options["frames"])]
    if request.options.get("json"):
        command.append("--json")
    until = time.monotonic() + float(request.options.get("benchmark_duration", 0.0))
    least, done = int(request.options.get("iterations", 1)), 0
    while done < least or time.monotonic() < until:
        if subprocess.run(command, check=False).returncode:
            raise LiveSwappingError(f"the benchmark failed; {console.log or 'the log'} says why")
        done += 1
    if request.options.get("compare_with_original"):
        trials = compare(replace(settings, model=BUILT_IN, target="demo:"), console)
        if request.options.get("json"):
            console.print(json.dumps({"engines": [values(trial) for trial in trials]}))
        else:
            show(trials, console)
    return 0
