"""Tries a provider on a model in a child process, which may hang or die without harm.

A known fault of DirectML is to hang for ever; a broken driver may take its process along. So the first session of
every provider and model is made, run once and compared with the processor's answer in a child, with a time limit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.inference.child import environment
from liveswapping.inference.judgement import Array, fault, probe_feed
from liveswapping.inference.onnx_runtime import Runtime
from liveswapping.inference.openvino_runtime import OnnxAndOpenVino
from liveswapping.inference.outcome import OK, Kind, Outcome, failure, in_one_line
from liveswapping.inference.providers import CPU, PRECISION, Setup


@dataclass(frozen=True, slots=True)
class Request:
    """What to try."""

    model: Path
    providers: Sequence[tuple[str, Mapping[str, str]]]
    setup: Setup
    shapes: Mapping[str, tuple[int, ...]]
    """Of the probe's inputs, where the model leaves them open."""
    reference: Path
    """Where the processor's answer lies or shall lie (.npz)."""


Trial = Callable[[Request, float], Outcome]
_COMMAND = (sys.executable, "-m", __name__)
_PATIENCE_S = 5.0


def try_in_child(request: Request, time_limit: float) -> Outcome:
    """Have a child process try it; what it learns of the processor's answer lies in `request.reference` after."""
    content = {**asdict(request), "model": str(request.model), "reference": str(request.reference)}
    content["setup"]["cache"] = str(request.setup.cache)
    try:
        child = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would show a console
        )
    except OSError as error:
        return Outcome(Kind.FAILED, f"no child process could be started ({error.strerror})")
    try:
        said, complained = child.communicate(json.dumps(content), timeout=time_limit)
    except subprocess.TimeoutExpired:
        _abandon(child)
        return Outcome(Kind.HUNG, f"it did not answer within {time_limit:g} s")
    try:
        kind, reason = json.loads(said.strip().splitlines()[-1])
        return Outcome(Kind(kind), reason)
    except (IndexError, ValueError, TypeError):
        last = in_one_line((complained.strip().splitlines() or ["no message"])[-1])
        return Outcome(Kind.CRASHED, f"its process ended with code {child.returncode} ({last})")


def _abandon(child: subprocess.Popen[str]) -> None:
    """End it; a process that hangs inside a driver may outlive that, and is not waited for."""
    child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.communicate(timeout=_PATIENCE_S)


def attempt(runtime: Runtime, request: Request) -> Outcome:
    """What the child does, in whatever process it is called."""
    try:
        _reference(runtime, request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the processor cannot run the model
        return Outcome(Kind.BROKEN, failure(error).reason)
    try:
        session = runtime.create(request.model, request.providers, request.setup)
        running = session.get_providers()[0]
        if running != request.providers[0][0]:
            return Outcome(Kind.FAILED, f"ONNX Runtime fell back to {running}")
        answers = session.run(None, probe_feed(session.get_inputs(), request.shapes))
        calibrated = request.providers[0][1].get(PRECISION) == "int8"  # and judged then, on what it was calibrated for
        wrong = fault(answers, None if calibrated else read_reference(request))
    except Exception as error:  # noqa: BLE001 - providers raise what they like
        return failure(error)
    return OK if wrong is None else Outcome(Kind.WRONG, wrong)


def read_reference(request: Request) -> list[Array] | None:
    """The processor's answer to the probe, where it is known."""
    try:
        with np.load(request.reference, allow_pickle=False) as arrays:
            return [arrays[f"arr_{index}"] for index in range(len(arrays.files))]
    except (OSError, ValueError, KeyError, EOFError):
        return None


def _reference(runtime: Runtime, request: Request) -> None:
    """Ask the processor and keep its answer, where that has not been done."""
    if read_reference(request) is not None:
        return
    session = runtime.create(request.model, [(CPU, {})], request.setup)
    answers = session.run(None, probe_feed(session.get_inputs(), request.shapes))
    wrong = fault(answers)
    if wrong is not None:
        raise ModelLoadError(wrong)
    request.reference.parent.mkdir(parents=True, exist_ok=True)
    part = request.reference.with_suffix(".part.npz")
    np.savez(part, *answers)
    part.replace(request.reference)


def main() -> None:
    """The child process: a request on standard input, an outcome as the last line of standard output."""
    content = json.load(sys.stdin)
    setup = Setup(**{**content["setup"], "cache": Path(content["setup"]["cache"])})
    shapes = {name: tuple(shape) for name, shape in content["shapes"].items()}
    providers = [(name, options) for name, options in content["providers"]]
    request = Request(Path(content["model"]), providers, setup, shapes, Path(content["reference"]))
    outcome = attempt(OnnxAndOpenVino(), request)
    sys.stdout.write(json.dumps([outcome.kind.value, outcome.reason]) + "\n")


if __name__ == "__main__":
    main()
