"""Whether neural engines can be used and changed for ever: `python scripts/soak_engines.py [--network narrow]`.

Engines take turns: each is opened beside the one before, as in a live run, which is then closed; and swaps its share of
faces of a picture. They are ReSwapper's weights where `auto` puts them (`auto`), in torch in float32 (`torch`), and
the same network as an ONNX file where `auto` puts it (`onnx`). Weights are made from their names: `real` is the
published network, `narrow` the same graph with fewer channels, for many runs in little time. Asked for, on Linux
(elsewhere memory cannot be read):

- each engine's resident memory at the end of its turns, highest less lowest, stays within 30 MB after the warm-up (a
  fifth of the turns, at least two of each engine);
- afterwards no thread and no descriptor more than after the warm-up.

With `--json`, the last thing printed is one JSON object. The exit code is 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from liveswapping.domain.face import Face, Identity, Patch, Portrait, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.handover import Shared
from liveswapping.domain.look import Look
from liveswapping.inference.networks.checkpoint import load_network
from liveswapping.inference.networks.export import export_reswapper
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.outcome import Placed
from liveswapping.inference.process_memory import resident_bytes
from liveswapping.inference.providers import Setup, ladder
from liveswapping.swappers.inswapper import open_inswapper
from liveswapping.swappers.reswapper import open_reswapper
from scripts.measures.bars import Bar
from scripts.soak import MEGABYTE, count, left
from tests.named_weights import filled

SIZE: Final = 128
NETWORKS: Final = {"real": (1024, 6), "narrow": (32, 6)}
"""Channels and blocks."""
USUAL: Final = {"real": (300, 20), "narrow": (10_000, 200)}
"""Swaps and changes of the engine."""
LIMIT: Final = 30.0
"""Megabytes."""
KEYPOINTS: Final = np.array([[200, 105], [250, 107], [222, 130], [205, 150], [243, 151]], np.float32)


class Engine(Protocol):
    """What is soaked."""

    @property
    def network(self) -> Placed:
        """Where it runs."""
        ...

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target."""
        ...

    def close(self) -> None:
        """Release the network."""
        ...


@dataclass(slots=True)
class Watch:
    """What was seen of one engine, turn by turn."""

    memory: list[int] = field(default_factory=list)
    seconds: float = 0.0
    swaps: int = 0


def main(arguments: list[str] | None = None) -> int:
    """Soak, print what was found, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Use and change neural engines for long and look what they leave.")
    parser.add_argument("--network", choices=list(NETWORKS), default="real", help="the published one, or a narrow one")
    parser.add_argument("--engines", nargs="+", choices=["auto", "torch", "onnx"], default=["auto", "onnx"])
    parser.add_argument("--swaps", type=int, help="faces to swap in all (300; narrow: 10,000)")
    parser.add_argument("--switches", type=int, help="changes of the engine (20; narrow: 200)")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    swaps, switches = USUAL[options.network]
    with tempfile.TemporaryDirectory() as folder:
        makers = engines(Path(folder), options.network)
        chosen = {name: makers[name] for name in options.engines}
        bars = list(soak(chosen, options.swaps or swaps, options.switches or switches))
    for bar in bars:
        print(bar)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def engines(folder: Path, network: str) -> dict[str, Callable[[Shared], Engine]]:
    """How to open each engine, with its files made."""
    weights, model = folder / "weights.pth", folder / "model.onnx"
    torch.save(filled(StyleTransferModel, "reswapper", *NETWORKS[network]).state_dict(), weights)
    emap = np.eye(LATENT, dtype=np.float32)
    export_reswapper(load_network(StyleTransferModel, weights, "ReSwapper"), model, SIZE, emap)
    setup = Setup(cache=folder / "cache")
    return {
        "auto": lambda shared: open_reswapper(weights, emap, SIZE, setup=setup, hold=shared.hold),
        "torch": lambda shared: open_reswapper(weights, emap, SIZE, "cpu", setup, hold=shared.hold),
        "onnx": lambda shared: open_inswapper(model, ladder(), setup, hold=shared.hold),
    }


def soak(makers: dict[str, Callable[[Shared], Engine]], swaps: int, switches: int) -> list[Bar]:
    """Let the engines take turns."""
    image = np.random.default_rng(0).integers(0, 256, (360, 480, 3), np.uint8)
    watches = {name: Watch() for name in makers}
    warm = max(2 * len(makers), switches // 5)
    began, shared, threads, descriptors = time.perf_counter(), Shared(), 0, 0
    with ExitStack() as at_the_end:
        before: Engine | None = None
        for turn in range(switches + 1):
            name = list(makers)[turn % len(makers)]
            engine = makers[name](shared)
            if before is not None:
                before.close()
            before = engine
            at_the_end.pop_all()
            at_the_end.callback(engine.close)
            take_turn(
                engine, watches[name], image, swaps * (turn + 1) // (switches + 1) - swaps * turn // (switches + 1)
            )
            if turn == warm:
                threads, descriptors = count("task"), count("fd")
            if turn < 2 * len(makers):
                print(f"{name} runs on {engine.network.provider} ({engine.network.precision})")
    print(f"{swaps} swaps, {switches} changes in {time.perf_counter() - began:.0f} s")
    gc.collect()
    bars = [judged(name, watch, warm // len(makers)) for name, watch in watches.items()]
    return [*bars, Bar("threads left", left("task", threads), 0), Bar("descriptors left", left("fd", descriptors), 0)]


def take_turn(engine: Engine, watch: Watch, image: Image, swaps: int) -> None:
    """Swap so many faces for a new person, and note what the process holds then."""
    face = Face(np.array([170, 60, 280, 190], np.float32), KEYPOINTS, 1.0, embedding=someone(len(watch.memory)))
    person = Identity("someone", (Portrait(image, face),))
    began = time.perf_counter()
    for _ in range(swaps):
        engine.swap(image, [Target(face, person, look=Look())])
    watch.seconds += time.perf_counter() - began
    watch.swaps += swaps
    gc.collect()
    watch.memory.append(resident_bytes())


def someone(number: int) -> F32:
    """(512,) of unit length."""
    values = np.random.default_rng(number).standard_normal(LATENT).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values), np.float32)


def judged(name: str, watch: Watch, warm: int) -> Bar:
    """The bar of one engine's memory."""
    steady = watch.memory[warm:]
    low, high = min(steady) / MEGABYTE, max(steady) / MEGABYTE
    each = watch.seconds / max(watch.swaps, 1) * 1e3
    print(f"{name}: {len(watch.memory)} turns, {watch.swaps} swaps of {each:.0f} ms; {low:.1f} to {high:.1f} MB")
    return Bar(f"{name}: memory after the warm-up, highest less lowest, MB", high - low, LIMIT)


if __name__ == "__main__":
    if not Path("/proc/self/statm").exists():
        sys.exit("memory, threads and descriptors can only be read on Linux; run this there")
    sys.exit(main())
