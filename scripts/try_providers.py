"""What ONNX Runtime's providers do here with a swap network: `python scripts/try_providers.py [--json] [--width N]`.

ReSwapper's graph, with weights made from their names, is written as ONNX in inswapper's format and opened on the ladder
as the product opens it. Printed are: which providers compute a convolution (as `doctor` asks), which rung was taken and
why none above it, how long the first and the second opening took, how near its answer comes to the processor's, how
fast it is for one face and four, and, on a CUDA card, how its memory follows batches up and down and what becomes of a
batch that a limit leaves no room for. The exit code is 1 where the answer differs from the processor's.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from liveswapping.domain.errors import LiveSwappingError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.networks.export import export_reswapper
from liveswapping.inference.networks.reswapper import LATENT, StyleTransferModel
from liveswapping.inference.onnx_swap import OnnxSwap
from liveswapping.inference.probe import probe_providers
from liveswapping.inference.providers import Setup, ladder
from scripts.measures.device_time import host_ms
from tests.named_weights import filled

Figures = dict[str, object]
SIZE: Final = 128
PUBLISHED: Final = 1024
NEAR: Final = 40.0
"""dB to the processor's answer: half precision and TF32 stay above."""
ROOM: Final = 2.0
"""Times the weights' size: a limit that leaves room for few faces."""


def crops(count: int) -> Image:
    """(count, SIZE, SIZE, 3), always the same."""
    return np.random.default_rng(count).integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)


def latent() -> F32:
    """(512,) of unit length."""
    values = np.random.default_rng(0).standard_normal(LATENT).astype(np.float32)
    return np.asarray(values / np.linalg.norm(values), np.float32)


def opened(model: Path, provider: str, setup: Setup) -> tuple[OnnxSwap, float]:
    """The network, and the seconds that opening it took."""
    start = time.perf_counter()
    network = OnnxSwap(model, ladder(provider), setup)
    return network, time.perf_counter() - start


def near(answer: Image, right: Image) -> float:
    """Decibels between crops of bytes."""
    noise = float(np.mean((answer.astype(np.float64) - right.astype(np.float64)) ** 2))
    return 99.0 if noise == 0 else float(10 * np.log10(255**2 / noise))


def compared(model: Path, provider: str, setup: Setup) -> Iterator[tuple[str, object]]:
    """The rung that was taken, beside the processor."""
    cpu, _ = opened(model, "cpu", setup)
    right = cpu.swap(crops(2), [cpu.prepare(latent())] * 2)
    cpu.close()
    first, seconds = opened(model, provider, setup)
    first.close()
    network, again = opened(model, provider, setup)
    yield "runs_on", network.provider
    yield "precision", network.precision
    yield "why_not", [str(refusal) for refusal in network.why_not]
    yield "first_opening_s", seconds
    yield "second_opening_s", again
    source = network.prepare(latent())
    yield "psnr_db", near(network.swap(crops(2), [source] * 2), right)
    for count in (1, 4):
        pictures, sources = crops(count), [source] * count
        yield f"faces_{count}_ms", host_ms(lambda: network.swap(pictures, sources), 10)  # noqa: B023
    network.close()


def memory(model: Path, setup: Setup) -> Iterator[tuple[str, object]]:
    """Megabytes of the card after batches of one, sixteen and one again; and a batch under a limit."""
    network, _ = opened(model, "cuda", setup)
    source = network.prepare(latent())
    for name, count in (("one", 1), ("sixteen", 16), ("one_again", 1)):
        for _ in range(3):
            network.swap(crops(count), [source] * count)
        yield f"{name}_mb", _used_mb()
    right = network.swap(crops(16), [source] * 16)
    network.close()
    limit = int(ROOM * model.stat().st_size)
    network, _ = opened(model, "cuda", Setup(cache=setup.cache, gpu_memory_limit=limit))
    answer = network.swap(crops(16), [source] * 16)
    yield "limit_mb", limit / 1e6
    yield "under_the_limit", network.provider
    yield "under_the_limit_db", near(answer, right)
    network.close()


def _used_mb() -> float:
    import torch

    free, total = torch.cuda.mem_get_info()
    return float((total - free) / 1e6)


def main() -> int:
    """Try, print, and say whether answers agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.add_argument("--width", type=int, default=PUBLISHED, help="channels of the network (published: 1024)")
    parser.add_argument("--provider", default="auto", help="what the ladder is restricted to")
    chosen = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    result: Figures = {"works": {probe.provider: probe.why_not or True for probe in probe_providers()}}
    with tempfile.TemporaryDirectory() as folder:
        model, setup = Path(folder) / "inswapper.onnx", Setup(cache=Path(folder) / "cache")
        network = filled(StyleTransferModel, "reswapper", chosen.width)
        export_reswapper(network, model, SIZE, np.eye(LATENT, dtype=np.float32))
        try:
            result.update(compared(model, chosen.provider, setup))
            if result["runs_on"] == "cuda":
                result["memory"] = dict(memory(model, setup))
        except LiveSwappingError as error:
            print(error, file=sys.stderr)
            return 1
    for name, value in result.items():
        print(f"{name}: {value}")
    if chosen.json:
        print(json.dumps(result))
    return 0 if float(str(result["psnr_db"])) >= NEAR else 1


if __name__ == "__main__":
    sys.exit(main())
