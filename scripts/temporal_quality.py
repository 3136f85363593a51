"""How good the pictures between a slow engine's answers are.

`python scripts/temporal_quality.py [--swapper module:attribute] [--late SECONDS …] [--clip NAME …] [--json]`

`--swapper` names something that makes a Swapper when it is called without arguments (a class, a function); without it
that is the built-in engine. It is called on one frame, its answer comes `--late` seconds later, and only then is it
called again, on the newest frame: what is shown in between is made of its earlier answers, the camera's frames and the
meshes alone. Every such picture is compared with what the same engine makes of that very frame, inside the face's box.

Asked for, of the clips that were measured with: a median of 42 dB PSNR and 0.990 SSIM with answers 0.5 s late and of
41 dB and 0.988 with 1 s; of the worst tenth at least 39.5 and 38.5 dB. Of other clips and engines: 37.5 dB, 0.985.

`--rate` measures, in real time, how many pictures a second come out at 720p with the engine slowed down to `--slowed`
milliseconds and, with `--reswapper`, with ReSwapper's network at 128 pixels (weights made from names: only its time
counts) on this machine: 30 are asked for.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from liveswapping.domain.look import Look
from liveswapping.domain.protocols import Swapper
from scripts.measures.bars import Bar
from scripts.measures.clips import SYNTHETIC, load_clip
from scripts.measures.in_between import compare
from scripts.measures.people import identity
from scripts.measures.rate import reswapper, slowed, throughput

FPS = 30.0
ASKED = {0.5: (42.0, 0.990, 39.5), 1.0: (41.0, 0.988, 38.5)}
ELSEWHERE = (37.5, 0.985)
BUILT_IN = "liveswapping.swappers.mesh.engine:MeshSwapper"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and answer the exit code."""
    parser = argparse.ArgumentParser(description="Measure what is shown between a slow engine's answers.")
    parser.add_argument("--swapper", default=BUILT_IN, metavar="MODULE:ATTRIBUTE", help="makes the slow engine")
    parser.add_argument("--late", type=float, nargs="+", default=[0.5, 1.0], help="seconds until an answer comes")
    parser.add_argument("--clip", nargs="+", default=["astronaut"], help=f"files, or of: {', '.join(SYNTHETIC)}")
    parser.add_argument("--known", nargs="*", default=[], help="those of the clips that the stricter bars are for")
    parser.add_argument("--source", default="hanks", help="a photograph of the person to become")
    parser.add_argument(
        "--shape", type=float, default=0.0, help="the built-in engine's shape slider; networks have none"
    )
    parser.add_argument("--frames", type=int, default=300, help="at most so many of each clip")
    parser.add_argument("--every", type=int, default=1, help="compare every n-th frame only")
    parser.add_argument("--rate", action="store_true", help="measure the rate, too")
    parser.add_argument("--reswapper", action="store_true", help="that of ReSwapper's network, too")
    parser.add_argument("--slowed", type=float, default=500.0, help="milliseconds that the engine takes for the rate")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args(arguments)
    bars = []
    for bar in measured(options):
        print(bar, flush=True)
        bars.append(bar)
    if options.json:
        print(json.dumps({"bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def measured(options: argparse.Namespace) -> Iterator[Bar]:
    """All bars that were asked for."""
    make, person, look = named(options.swapper), identity((options.source,)), Look(shape=options.shape)
    for name in options.clip:
        clip = load_clip(name, options.frames)
        for late in options.late:
            found = compare(clip.frames, make, person, look, round(late * FPS), options.every)
            what = f"{clip.name}, answers {late:g} s late"
            strict = name in options.known or clip.name in options.known
            decibels, likeness, worst = ASKED[late] if strict and late in ASKED else (*ELSEWHERE, None)
            yield Bar(f"{what}: PSNR, median", float(np.median(found.psnr)), decibels, at_least=True)
            yield Bar(f"{what}: SSIM, median", float(np.median(found.ssim)), likeness, at_least=True)
            tenth = float(np.quantile(found.psnr, 0.1))
            if worst is None:
                print(f"       {what}: PSNR, worst tenth: {tenth:.4g}")
            else:
                yield Bar(f"{what}: PSNR, worst tenth", tenth, worst, at_least=True)
    if options.rate:
        engine = slowed(make(), options.slowed / 1000)
        yield Bar(f"frames a second, engine of {options.slowed:g} ms", throughput(engine, person), 30, at_least=True)
    if options.reswapper:
        yield Bar("frames a second, reswapper128", throughput(*reswapper(person)), 30, at_least=True)


def named(words: str) -> Callable[[], Swapper]:
    """What `module:attribute` names."""
    module, _, attribute = words.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    return cast("Callable[[], Swapper]", getattr(importlib.import_module(module), attribute))


if __name__ == "__main__":
    sys.exit(main())
