"""How long a network takes on the processor in one of the ways it can be computed there, measured in a child process.

A child, because each of them holds the weights in its own form: what was measured and not taken shall leave nothing
behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import LiveSwappingError
from liveswapping.inference.child import environment
from liveswapping.inference.judgement import probe_feed
from liveswapping.inference.openvino_runtime import OnnxAndOpenVino
from liveswapping.inference.outcome import failure
from liveswapping.inference.providers import CPU, OPENVINO, Rung, Setup, provider_list

TIME_LIMIT: Final = 120.0
"""Seconds for loading a network and running it a few times; what takes longer is not the fastest."""
_LONG_ENOUGH: Final = 2.0
"""Seconds of running after which the best time is not going to change much."""
_RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class Method:
    """A way to compute a network on the processor."""

    runtime: str
    """openvino, onnxruntime or torch."""
    precision: str
    """int8, bf16 or fp32."""

    def __str__(self) -> str:
        return f"{self.runtime} {self.precision}"


@dataclass(frozen=True, slots=True)
class Work:
    """What is computed."""

    model: Path
    """The ONNX file, or for torch the weights."""
    size: int
    """Pixels per side of a picture."""
    setup: Setup
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Of inputs whose size an ONNX file leaves open."""
    quantised: Path | None = None
    """The ONNX file's int8 form."""
    restores: bool = False
    """The weights are a restorer's; for torch only."""


Clock = Callable[[Method, Work], float]
"""Milliseconds of one run; raises TimingFailed."""


class TimingFailed(LiveSwappingError):
    """Something could not be measured: why."""

    def __init__(self, reason: str, lasting: bool = False) -> None:
        """`lasting`: the same machine would show it again."""
        super().__init__(reason)
        self.lasting = lasting


def time_in_child(method: Method, work: Work) -> float:
    """Milliseconds that one picture takes. Raises TimingFailed."""
    asked = [method.runtime, method.precision, str(work.model), work.size, work.setup.threads, dict(work.shapes)]
    command = [sys.executable, "-m", __name__]
    request = json.dumps([*asked, None if work.quantised is None else str(work.quantised), work.restores])
    try:
        child = subprocess.run(
            command,
            input=request,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
            env=environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would show a console
        )
        answer = json.loads(child.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise TimingFailed(f"it did not answer within {TIME_LIMIT:g} s", lasting=True) from None
    except OSError as error:
        raise TimingFailed(f"no child process could be started ({error.strerror})") from None
    except (IndexError, ValueError):
        raise TimingFailed(f"its process ended with code {child.returncode}", lasting=True) from None
    if isinstance(answer, str):
        raise TimingFailed(answer)
    return float(answer)


def time_here(method: Method, work: Work) -> float:
    """Milliseconds that one picture takes, in this process: the best of a few runs after the first."""
    run = _in_torch(method, work) if method.runtime == "torch" else _in_a_session(method, work)
    run()
    best, began = float("inf"), time.perf_counter()
    for _ in range(_RUNS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
        if time.perf_counter() - began > _LONG_ENOUGH:
            break
    return best * 1e3


def _in_a_session(method: Method, work: Work) -> Callable[[], object]:
    rung = Rung(method.runtime, OPENVINO if method.runtime == "openvino" else CPU, quantised=work.quantised)
    providers = provider_list(rung, method.precision, False, work.setup)
    session = OnnxAndOpenVino().create(work.model, providers, work.setup)
    feed = probe_feed(session.get_inputs(), work.shapes)
    return lambda: session.run(None, feed)


def _in_torch(method: Method, work: Work) -> Callable[[], object]:
    from liveswapping.inference.devices import TorchDevice, limit_torch

    limit_torch(work.setup.threads, None)
    in_bf16 = method.precision == "bf16"
    device = TorchDevice("cpu", half=in_bf16, bfloat=in_bf16)
    pictures = np.random.default_rng(0).integers(0, 256, (1, work.size, work.size, 3), np.uint8)
    if work.restores:
        from liveswapping.inference.torch_restore import TorchFaceRestorer

        restorer = TorchFaceRestorer(work.model, device)
        return lambda: restorer.run(pictures)
    from liveswapping.inference.networks.reswapper import LATENT
    from liveswapping.inference.torch_swap import TorchSwap

    swap = TorchSwap(work.model, work.size, device)
    source = swap.prepare(np.full(LATENT, LATENT**-0.5, np.float32))
    return lambda: swap.swap(pictures, [source])


def main() -> None:
    """The child process: a request on standard input, milliseconds or why not as the last line of standard output."""
    runtime, precision, model, size, threads, shapes, quantised, restores = json.load(sys.stdin)
    shapes = {name: tuple(shape) for name, shape in shapes.items()}
    file = None if quantised is None else Path(quantised)
    work = Work(Path(model), size, Setup(threads=threads), shapes, file, restores)
    answer: float | str
    try:
        answer = time_here(Method(runtime, precision), work)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        answer = failure(error).reason
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
