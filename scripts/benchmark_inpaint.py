"""How fast ProPainter is: `python scripts/benchmark_inpaint.py [--motion] [--cuda] [--only N] [--repeats N] [--json]`.

A window of 11 local frames and 7 references, with weights made from their names (speed does not depend on weights), in
the plain form that the tests keep as referee and in ours. The plain form encodes all 18 frames; ours the 5 that no
window before had, and splits one reference, and its last layers compute what the hole depends on, as only that is put
into the picture.

- On the processor: interleaved runs, medians; where the plain form takes minutes, one run of it suffices
  (`plain_runs`). Memory is the peak of a process of its own, above what the network and the clip take.
- `--cuda`: the plain form in float32 (with torch's defaults: convolutions may use TF32) against ours in half
  precision, its PSNR to ours in float32, and the peak of device memory.
- `--motion`: RAFT instead of the window, in its plain form and in ours; with `--cuda` what it and flow completion take.

The exit code is 1 where a bar does not hold. With `--json`, the last thing printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor

from liveswapping.inference.cuda.agreement import psnr
from liveswapping.inference.networks.propainter.precision import PreciseGenerator
from scripts.measures import inpaint_motion
from scripts.measures.bars import Bar
from scripts.measures.inpaint_window import Case, Window
from scripts.measures.process_memory import in_memory

CPU_CASES: Final = ((Case(240, 432, 0.25), 2.4, 5), (Case(480, 720, 0.05), 4.5, 1))
"""With how many times faster ours is to be, and how often the plain form is run."""
CUDA_CASES: Final = (Case(480, 720, 0.25), Case(480, 720, 0.05), Case(720, 1280, 0.25), Case(720, 1280, 0.05))
LESS_MEMORY: Final = 0.3
CUDA_FASTER: Final = 4.0
NEAR: Final = 45.0
"""dB to float32."""
_ALONE: Final = "--alone"


def seconds(call: Callable[[], Tensor]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def on_processor(case: Case, factor: float, plain_runs: int, repeats: int) -> tuple[dict[str, object], list[Bar]]:
    """Times, and memory of both forms."""
    window = Window.of(case)
    precise = PreciseGenerator(deepcopy(window.generator), "fp32")  # which lays weights out anew
    kept = window.kept(precise)
    plain: list[float] = []
    ours: list[float] = []
    answer = window.ours(precise, kept)
    apart = float((answer - window.plain()).abs().max()) if plain_runs > 1 else None
    peaks = {}
    for form in ("plain", "ours"):
        peaks[form], took = measured_alone(case, form)
        if form == "plain" and plain_runs == 1:
            plain.append(took)
    for _ in range(repeats):
        if plain_runs > 1:
            plain.append(seconds(window.plain))
        ours.append(seconds(lambda: window.ours(precise, kept)))
    figures = {
        "case": str(case), "plain_s": median(plain), "ours_s": median(ours), "plain_runs": len(plain),
        "largest_difference": apart, "plain_peak_mib": peaks["plain"], "ours_peak_mib": peaks["ours"],
    }  # fmt: skip
    return figures, [
        Bar(f"{case}, times faster", median(plain) / median(ours), factor, at_least=True),
        Bar(f"{case}, peak memory by the plain form's", peaks["ours"] / peaks["plain"], LESS_MEMORY),
    ]


def measured_alone(case: Case, form: str) -> tuple[float, float]:
    """MiB above what lay in memory before the window, and seconds, in a process of its own."""
    size = [str(case.height), str(case.width), str(case.hole)]
    done = subprocess.run(
        [sys.executable, __file__, _ALONE, form, *size], capture_output=True, text=True, check=True, timeout=1800
    )
    peak, took = done.stdout.split()[-2:]
    return float(peak), float(took)


def alone(form: str, case: Case) -> tuple[float, float]:
    """What such a process does. Linux: the peak is set back to what lies in memory before."""
    window = Window.of(case)
    way = window.plain
    if form == "ours":
        precise = PreciseGenerator(window.generator, "fp32")
        way = partial(window.ours, precise, window.kept(precise))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = in_memory("VmRSS")
    took = seconds(way)
    return in_memory("VmHWM") - before, took


def on_card(case: Case, repeats: int) -> tuple[dict[str, object], list[Bar]]:
    """Times between events on the card, PSNR of half precision, and peaks."""
    from scripts.measures.device_time import device_ms

    window = Window.of(case, "cuda")
    ours = deepcopy(window.generator)  # whose weights are laid out anew
    half, full = PreciseGenerator(ours, "auto"), PreciseGenerator(ours, "fp32")
    kept_half, kept_full = window.kept(half), window.kept(full)
    figures: dict[str, object] = {"case": str(case), "precision": half.precision}
    ways: dict[str, Callable[[], Tensor]] = {
        "plain": window.plain,
        "ours_fp32": lambda: window.ours(full, kept_full),
        "ours": lambda: window.ours(half, kept_half),
    }
    times: dict[str, float] = {}
    for name, way in ways.items():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        times[name] = device_ms(way, repeats)
        figures |= {f"{name}_ms": times[name]}
        figures |= {f"{name}_peak_mib": (torch.cuda.max_memory_allocated() - before) / 2**20}
    near = psnr(ways["ours"](), ways["ours_fp32"](), 2.0)
    figures |= {"psnr_db": near, "repeated": half.repeated}
    figures |= {"largest_difference_fp32": float((ways["ours_fp32"]() - ways["plain"]()).abs().max())}
    return figures, [
        Bar(f"{case}, {half.precision}, times faster", times["plain"] / times["ours"], CUDA_FASTER, at_least=True),
        Bar(f"{case}, {half.precision}, PSNR to fp32, dB", near, NEAR, at_least=True),
    ]


def motion(cuda: bool, repeats: int, as_json: bool) -> int:
    """The same for RAFT."""
    if cuda:
        results, bars = inpaint_motion.on_card(repeats)
    else:
        figures, bars = inpaint_motion.on_processor(repeats)
        results = [figures]
    print(*results, *bars, sep="\n", flush=True)
    if as_json:
        print(json.dumps({"motion": results, "bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuda", action="store_true", help="on the card instead of the processor")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--motion", action="store_true", help="RAFT instead of the window")
    parser.add_argument("--only", type=int, help="the case with this number (0, 1, …)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(_ALONE, nargs=4, metavar=("FORM", "HEIGHT", "WIDTH", "HOLE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        form, height, width, hole = given.alone
        print(*alone(form, Case(int(height), int(width), float(hole))))
        return 0
    if given.motion:
        return motion(given.cuda, given.repeats, given.json)
    numbers = range(len(CUDA_CASES if given.cuda else CPU_CASES)) if given.only is None else [given.only]
    results, bars = [], []
    for number in numbers:
        if given.cuda:
            figures, judged = on_card(CUDA_CASES[number], given.repeats)
        else:
            figures, judged = on_processor(*CPU_CASES[number], given.repeats)
        print(figures, *judged, sep="\n", flush=True)
        results.append(figures)
        bars += judged
    if given.json:
        print(json.dumps({"windows": results, "bars": [bar.entry() for bar in bars]}))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
