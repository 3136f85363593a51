"""Opens a model on the first provider that really works, and says why not on a faster one.

A provider counts only if a session was made, its first provider is the one that was asked for, and a probe run gave
finite, non-constant output that agrees with the processor's. What fails later (memory, NaN) moves the session down the
ladder while it is in use; its user notices nothing but a line in the log.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import GPUMemoryError, ModelLoadError
from liveswapping.inference.batching import BatchLimit
from liveswapping.inference.judgement import Array, Port, fault, probe_feed
from liveswapping.inference.onnx_runtime import OnnxRuntime, RawSession, Runtime
from liveswapping.inference.outcome import OK, Kind, Outcome, Refusal, failure
from liveswapping.inference.providers import CPU, Rung, Setup, provider_list
from liveswapping.inference.trial import Request, Trial, read_reference, try_in_child
from liveswapping.inference.trial_memory import TrialMemory, model_identity

_CALLERS_FAULT: Final = "InvalidArgument"
"""ONNX Runtime's name for inputs that do not fit the model: no other provider would take them either."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    session: RawSession
    rung: Rung
    precision: str


@dataclass(frozen=True, slots=True)
class _Tools:
    """The seams: what makes sessions, what tries them first, what remembers."""

    runtime: Runtime
    trial: Trial
    memory: TrialMemory


_Steps = Generator[_Opened, Outcome, None]


def open_session(
    model: Path,
    rungs: Sequence[Rung],
    setup: Setup | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    *,
    passed: Sequence[Refusal] = (),
    runtime: Runtime | None = None,
    trial: Trial = try_in_child,
    driver: Callable[[], str] | None = None,
) -> Session:
    """`model` on the first of `rungs` (from `providers.ladder`) that passes.

    `shapes`: of inputs whose size the model leaves open, for the probe. `passed`: why what is not among `rungs`
    was left out. `runtime`, `trial` and `driver` are seams.
    Raises ModelLoadError where not even the processor can run it, GPUMemoryError where it fits nowhere.
    """
    setup = setup or Setup()
    if not model.is_file():
        raise ModelLoadError(f"there is no file {model}; fetch it with `liveswapping models pull`")
    runtime = runtime or OnnxRuntime()
    file = setup.cache / "providers.json"
    memory = TrialMemory(file, runtime) if driver is None else TrialMemory(file, runtime, driver)
    refusals = list(passed)
    request = Request(model, (), setup, shapes or {}, _reference_file(model, setup, shapes or {}))
    steps = _climb(rungs, request, _Tools(runtime, trial, memory), refusals)
    return Session(model, steps, refusals)


def _reference_file(model: Path, setup: Setup, shapes: Mapping[str, tuple[int, ...]]) -> Path:
    """Where the processor's answer to the probe is kept."""
    sizes = "".join(f"-{'x'.join(map(str, shape))}" for _, shape in sorted(shapes.items()))
    return setup.cache / "references" / f"{model_identity(model)}{sizes}.npz"


class Session:
    """A model that is open. Used like onnxruntime.InferenceSession, so that other people's classes can hold it.

    One thread at a time.
    """

    def __init__(self, model: Path, steps: _Steps, refusals: list[Refusal]) -> None:
        self._model = model
        self._steps = steps
        self._refusals = refusals
        self._limit = BatchLimit(model.name)
        self._opened: _Opened | None = next(steps)

    @property
    def provider(self) -> str:
        """What it runs on, as users call it."""
        return self._now.rung.name

    @property
    def precision(self) -> str:
        """int8, bf16, fp16, fp32, or model: as the file has it."""
        return self._now.precision

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why every faster rung was not taken."""
        return tuple(self._refusals)

    def get_providers(self) -> Sequence[str]:
        """As ONNX Runtime's."""
        return self._now.session.get_providers()

    def get_inputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return self._now.session.get_inputs()

    def get_outputs(self) -> Sequence[Port]:
        """As ONNX Runtime's."""
        return self._now.session.get_outputs()

    def run(self, names: Sequence[str] | None, feed: Mapping[str, Array]) -> list[Array]:
        """As ONNX Runtime's. Where memory runs out, half the batch is tried, then the next rung.

        Raises GPUMemoryError where it fits nowhere, ModelLoadError where the last rung failed.
        """
        batch = _batch(feed)
        while True:
            parts = self._limit.parts(batch)
            if len(parts) > 1:
                answers = [self.run(names, {name: values[part] for name, values in feed.items()}) for part in parts]
                return [np.concatenate(pieces) for pieces in zip(*answers, strict=True)]
            session = self._now.session
            try:
                return list(session.run(names, feed))
            except Exception as error:
                if type(error).__name__ == _CALLERS_FAULT:
                    raise
                outcome = failure(error)
            del session
            gc.collect()  # the traceback held what did not fit
            if outcome.kind is not Kind.MEMORY or not self._limit.halve(batch, self.provider):
                self._leave(outcome)

    def reject(self, reason: str) -> None:
        """The answer cannot be right (NaN, black): go on with more precision, or on the next rung."""
        self._leave(Outcome(Kind.WRONG, reason))

    def close(self) -> None:
        """Release the model."""
        self._opened = None
        self._steps.close()
        gc.collect()

    @property
    def _now(self) -> _Opened:
        if self._opened is None:
            raise ModelLoadError(f"{self._model.name} was closed and cannot run any more; open it again")
        return self._opened

    def _leave(self, outcome: Outcome) -> None:
        """Down the ladder; the session that was open is let go first."""
        self._opened = None
        self._limit.reset()
        self._opened = self._steps.send(outcome)


class OnSession:
    """The base of what runs on one session: says where, and why not on something faster."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def provider(self) -> str:
        """What it runs on, as users call it."""
        return self._session.provider

    @property
    def precision(self) -> str:
        """int8, bf16, fp16, fp32, or model: as the file has it."""
        return self._session.precision

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why nothing faster was taken."""
        return self._session.why_not

    def close(self) -> None:
        """Release the model."""
        self._session.close()


def _batch(feed: Mapping[str, Array]) -> int:
    """How many are run at once: the first size, where all inputs agree on it."""
    sizes = {values.shape[0] if values.ndim else 1 for values in feed.values()}
    return int(sizes.pop()) if len(sizes) == 1 else 1


def _climb(rungs: Sequence[Rung], request: Request, tools: _Tools, refusals: list[Refusal]) -> _Steps:
    """Yields what works, best first; is sent why that had to be left. Raises where nothing is left."""
    outcome = OK
    for rung in rungs:
        outcome = yield from _on_rung(rung, request, tools)
        if outcome.kind is Kind.BROKEN:
            break
        level = logging.INFO if outcome.kind is Kind.ABSENT else logging.WARNING
        _log.log(level, "%s: not on %s: %s", request.model.name, rung.name, outcome.reason)
        refusals.append(Refusal(rung.name, outcome.reason))
    if outcome.kind is Kind.MEMORY:
        raise GPUMemoryError(f"{request.model.name} does not fit into memory, not even on cpu; close other programs")
    raise ModelLoadError(f"{request.model} cannot be run ({outcome.reason}); fetch it again or use another file")


def _on_rung(rung: Rung, request: Request, tools: _Tools) -> Generator[_Opened, Outcome, Outcome]:
    """One rung in all its forms: more precision after a wrong answer, less memory after there was none.

    Yields what works and is sent why that had to be left; returns why there is nothing more to try.
    """
    name, small = request.model.name, False
    precisions = list(rung.precisions)
    while True:
        asked = replace(request, providers=provider_list(rung, precisions[0], small, request.setup))
        opened, outcome = _open(rung, precisions[0], asked, tools)
        if opened is not None:
            _log.info("%s runs on %s (%s)", name, rung.name, precisions[0])
            handed = [opened]
            del opened
            outcome = yield handed.pop()  # only who receives it holds the session, and can let go of it
            gc.collect()
        if outcome.kind is Kind.WRONG and len(precisions) > 1:
            _log.warning("%s: %s in %s: %s; trying %s", name, rung.name, precisions[0], outcome.reason, precisions[1])
            precisions.pop(0)
        elif outcome.kind is Kind.MEMORY and not small and rung.provider != CPU:
            _log.warning("%s: no memory on %s; trying with less", name, rung.name)
            small = True
        else:
            return outcome


def _open(rung: Rung, precision: str, request: Request, tools: _Tools) -> tuple[_Opened | None, Outcome]:
    """One attempt: in a child first where that is not known to go well, then here."""
    if rung.provider not in tools.runtime.available():
        return None, Outcome(Kind.ABSENT, "the installed ONNX Runtime does not carry it")
    if rung.provider != CPU:
        outcome = _tried(rung, request, tools)
        if outcome.kind is not Kind.OK:
            return None, outcome
    try:
        session = tools.runtime.create(request.model, request.providers, request.setup)
        running = session.get_providers()[0]
        if running != rung.provider:
            return None, Outcome(Kind.FAILED, f"ONNX Runtime fell back to {running}")
        answers = session.run(None, probe_feed(session.get_inputs(), request.shapes))
        wrong = fault(answers, None if rung.provider == CPU or precision == "int8" else read_reference(request))
    except ModelLoadError as error:
        return None, Outcome(Kind.BROKEN, str(error))
    except Exception as error:  # noqa: BLE001 - providers raise what they like
        return None, failure(error)
    return (_Opened(session, rung, precision), OK) if wrong is None else (None, Outcome(Kind.WRONG, wrong))


def _tried(rung: Rung, request: Request, tools: _Tools) -> Outcome:
    """How a child fared, now or before."""
    known = tools.memory.recall(request)
    if known is not None and (known.kind is not Kind.OK or read_reference(request) is not None):
        remembered = "" if known.kind is Kind.OK else f" (remembered in {tools.memory.file}; delete it to try again)"
        return Outcome(known.kind, known.reason + remembered)
    _log.info("%s: first trial of %s, at most %g s", request.model.name, rung.name, rung.time_limit)
    outcome = tools.trial(request, rung.time_limit)
    tools.memory.keep(request, outcome)
    return outcome
