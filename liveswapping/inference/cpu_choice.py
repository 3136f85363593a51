"""In which way a network is computed fastest on this processor: measured once per machine and model, and kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from liveswapping.domain.errors import LiveSwappingError
from liveswapping.inference.cpu_timing import Clock, Method, TimingFailed, Work, time_in_child
from liveswapping.inference.driver import processor
from liveswapping.inference.outcome import Refusal
from liveswapping.inference.providers import Setup
from liveswapping.inference.remembered import Remembered

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """The fastest way, and why not another."""

    method: Method
    milliseconds: float
    why_not: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A way that is possible here, and what it would run; made only where it has to be measured."""

    method: Method
    identity: str
    """Changes when the model does."""
    work: Callable[[], Work]


def choose(name: str, offers: Sequence[Offer], setup: Setup, clock: Clock = time_in_child) -> Choice | None:
    """The fastest of `offers` for the model `name`; None where none could be measured.

    Times are kept in the cache folder (processor.json; delete it to measure again).
    """
    known = Remembered(setup.cache / "processor.json")
    times: dict[Method, float] = {}
    failed: list[Refusal] = []
    for offer in offers:
        found = known.recall(_key(offer, setup))
        if not isinstance(found, (int, float, str)):
            _log.info("%s: measuring how long it takes in %s, once", name, offer.method)
            found, lasting = _measured(clock, offer)
            if lasting:
                known.keep(_key(offer, setup), found)
        if isinstance(found, str):
            failed.append(Refusal(str(offer.method), found))
        else:
            times[offer.method] = found
    if not times:
        return None
    best = min(times, key=lambda method: times[method])
    slower = (
        Refusal(str(method), f"{took:.0f} ms, {best} {times[best]:.0f} ms")
        for method, took in times.items()
        if method != best
    )
    return Choice(best, times[best], (*slower, *failed))


def _measured(clock: Clock, offer: Offer) -> tuple[float | str, bool]:
    """Milliseconds or why not, and whether it would be the same next time."""
    try:
        return clock(offer.method, offer.work()), True
    except TimingFailed as error:
        return str(error), error.lasting
    except LiveSwappingError as error:
        return str(error), False


def _key(offer: Offer, setup: Setup) -> str:
    """Changes when the model, the machine or what computes does."""
    package = f"{offer.method} {_version(offer.method.runtime)}"
    return f"{package} | {offer.identity} | {processor()}, {setup.threads or 'all'} used"


def _version(runtime: str) -> str:
    for package in _packages(runtime):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "unknown"


def _packages(runtime: str) -> Sequence[str]:
    builds = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")
    return builds if runtime == "onnxruntime" else (runtime,)
