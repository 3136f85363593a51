"""What ProPainter's procedure holds in memory as a clip goes on: the machine's, and a card's.

`python scripts/inpaint_memory.py [--frames 2000] [--size 320x240] [--device cpu] [--networks stand-in]
[--limit_gb 12.6] [--preset memory]`. `stand-in`: networks that keep every tensor's size and compute nothing; `named`:
the published ones with weights made from names. `--limit_gb`: what the process may take of a card; the processor does
not take over, so a run that ends has fitted. Host memory is looked at every 50 frames (Linux); the bar counts from
frame 300 on. Prints the figures, and JSON last.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, cast

import numpy as np
import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from liveswapping.build_propainter import ProPainterOptions, procedure
from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.propagation import Flows
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inference.process_memory import resident_bytes
from liveswapping.inpainting.propainter.engine import Networks, ProPainterInpainter
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Shot, fill_film
from scripts.measures.bars import Bar

_SETTLED: Final = 300
"""Frames after which memory is to be flat."""
_LOOK_EVERY: Final = 50


def main(arguments: list[str] | None = None) -> int:
    """Measure; the exit code is 0 whatever comes out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--networks", choices=("stand-in", "named"), default="stand-in")
    parser.add_argument("--raft_iter", type=int, default=2)
    parser.add_argument("--preset")
    parser.add_argument("--limit_gb", type=float)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON")
    options = parser.parse_args(arguments)
    width, height = map(int, options.size.split("x"))
    if options.limit_gb is not None:
        whole = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(options.limit_gb * 1e9 / whole)
    given = ProPainterOptions.of(
        options.preset, raft_iterations=options.raft_iter, cpu_fallback=options.limit_gb is None
    )
    record = Record(lambda line: None if options.json else print(line, file=sys.stderr), "debug")
    networks = _stand_ins() if options.networks == "stand-in" else _named()
    engine = ProPainterInpainter(networks, procedure(given, options.device, bfloat=False), options.device, record)
    began, held = time.perf_counter(), []
    with torch.inference_mode():
        for number, _ in enumerate(fill_film(_clip(options.frames, width, height), engine, 0, cuts=False), start=1):
            if number % _LOOK_EVERY == 0:
                held.append((number, resident_bytes() / 2**20))
                record.log("info", f"frame {number}: {held[-1][1]:.0f} MB")
    engine.close()
    settled = [memory for number, memory in held if number > _SETTLED]
    grown = max(settled) - min(settled) if settled else float("nan")
    bars = [Bar(f"4 host memory after frame {_SETTLED}, highest less lowest, MB", grown, 100)]
    if options.device == "cuda":
        peak = max(stage["peak_mb"] for stage in record.metrics()["stages"].values()) / 1e3
        bars.append(Bar("3 most of the card's memory, GB", peak, options.limit_gb or float("inf")))
    for bar in () if options.json else bars:
        print(bar)
    seconds = round(time.perf_counter() - began, 1)
    figures = {"seconds": seconds, "held_mb": held, "bars": [bar.entry() for bar in bars], **record.metrics()}
    print(json.dumps(figures))
    return 0


def _clip(frames: int, width: int, height: int) -> Iterator[Shot]:
    """A texture that moves, and a hole that wanders."""
    random = np.random.RandomState(0)
    texture = np.kron(random.randint(0, 255, (height // 8 + 1, width // 8 + 1, 3)), np.ones((8, 8, 1)))
    texture = texture[:height, :width].astype(np.uint8)
    for number in range(frames):
        hole = np.zeros((height, width), np.bool_)
        left = (width // 8 + 3 * number) % (width // 2)
        hole[height // 4 : height // 2, left : left + width // 5] = True
        yield Shot(np.roll(texture, (number, 2 * number), axis=(0, 1)), hole)


class _Raft:
    def to(self, device: str) -> _Raft:
        return self

    def flows(
        self, frames: Iterable[Tensor], iters: int, pairs: int, volume_bytes: int | None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        for number, frame in enumerate(frames):
            flow = torch.ones(1, 2, *frame.shape[2:])
            if number:
                yield flow, -flow


class _Completion:
    def to(self, device: str) -> _Completion:
        return self

    def forward_bidirect(
        self, flows: tuple[Tensor, Tensor], masks: Tensor, lean: bool = False
    ) -> tuple[Tensor, Tensor]:
        return flows[0].clone(), flows[1].clone()


class _Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.most: int | None = None

    def lay_channels_last(self) -> _Generator:
        return self

    def encode(self, frames: Tensor, holes: Tensor, left: Tensor) -> Tensor:
        return torch.zeros(len(frames), 128, frames.shape[2] // 4, frames.shape[3] // 4)

    def split(self, features: Tensor) -> Tensor:
        rows, columns = ((side - 1) // 3 + 1 for side in features.shape[2:])
        return torch.zeros(len(features), rows, columns, 512)

    def unbounded(
        self, features: Tensor, references: Tensor, flows: Flows, holes: Tensor, left: Tensor, box: Box
    ) -> Tensor:
        return torch.zeros(len(holes), 3, box.bottom - box.top, box.right - box.left)


def _stand_ins() -> Networks:
    return Networks(cast(Raft, _Raft()), cast(FlowCompletion, _Completion()), cast(InpaintGenerator, _Generator()))


def _named() -> Networks:
    from tests.propainter_golden import filled

    return Networks(filled(Raft, "raft"), filled(FlowCompletion, "flow"), filled(InpaintGenerator, "gen"))


if __name__ == "__main__":
    sys.exit(main())
