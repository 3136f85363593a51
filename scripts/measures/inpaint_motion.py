"""How fast RAFT is beside its plain form, and what it takes of memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Final

import torch
from torch import Tensor

from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.raft import ITERATIONS, Raft
from scripts.measures.bars import Bar
from scripts.measures.process_memory import in_memory
from tests.plain_raft import plain_flows
from tests.propainter_golden import filled

FASTER: Final = 1.3
SAME: Final = 1e-3
"""Pixels."""
ON_CARD: Final = ((480, 720), (864, 1536), (1088, 1920))
PEAK_AT: Final = (864, 1536)
PEAK_GIB: Final = 4e9 / 2**30

Flows = tuple[Tensor, Tensor]
Figures = dict[str, object]


def scene(height: int, width: int, frames: int, device: str = "cpu") -> Tensor:
    """(1, frames, 3, height, width): soft noise that moves by 3 and 2 pixels a frame."""
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, height // 8 + 8, width // 8 + 8, generator=random)
    wide = torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bicubic")[0] * 2 - 1
    moved = [wide[:, 2 * t : 2 * t + height, 3 * t : 3 * t + width] for t in range(frames)]
    return torch.stack(moved)[None].clamp(-1, 1).to(device)


@torch.inference_mode()
def on_processor(repeats: int, height: int = 240, width: int = 432) -> tuple[Figures, list[Bar]]:
    """Interleaved runs, medians; two pairs of frames, both directions."""
    network, frames = filled(Raft, "raft"), scene(height, width, 3)
    ours, plain = network(frames), plain_flows(network, frames, ITERATIONS)
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    for _ in range(repeats):
        times["plain"].append(seconds(lambda: plain_flows(network, frames, ITERATIONS)))
        times["ours"].append(seconds(lambda: network(frames)))
    faster = median(times["plain"]) / median(times["ours"])
    name = f"RAFT {height}x{width}, {ITERATIONS} iterations"
    figures: Figures = {"case": name} | {f"{form}_s": median(found) for form, found in times.items()}
    return figures, [
        Bar(f"{name}, times faster", faster, FASTER, at_least=True),
        Bar(f"{name}, largest difference in pixels", furthest(ours, plain), SAME),
        Bar(f"RAFT {PEAK_AT[0]}x{PEAK_AT[1]}, one pair, peak GiB", peak_alone(*PEAK_AT), PEAK_GIB),
    ]


def peak_alone(height: int, width: int) -> float:
    """GiB that one pair takes, one iteration (every one takes the same), in a process of its own. Linux."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(peak, height, width).result()


@torch.inference_mode()
def peak(height: int, width: int) -> float:
    """GiB above what lay in memory before."""
    network, frames = filled(Raft, "raft"), scene(height, width, 2)
    network(frames[..., :128, :128], 1)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = in_memory("VmRSS")
    network(frames, 1)
    return (in_memory("VmHWM") - before) / 1024


@torch.inference_mode()
def on_card(repeats: int) -> tuple[list[Figures], list[Bar]]:
    """Times and peaks with volumes and without, one pair and four, and of flow completion."""
    network = filled(Raft, "raft").cuda()
    results: list[Figures] = []
    bars: list[Bar] = []
    for height, width in ON_CARD:
        figures, peak = raft_on_card(network, scene(height, width, 5, "cuda"), repeats)
        results.append(figures)
        if (height, width) == PEAK_AT:
            bars.append(Bar(f"RAFT {height}x{width}, peak GiB", peak, PEAK_GIB))
    results.append(completion_on_card(repeats))
    return results, bars


def raft_on_card(network: Raft, frames: Tensor, repeats: int) -> tuple[Figures, float]:
    """Seconds, GiB and the largest difference of every way, and the GiB of one pair at a time."""
    height, width = frames.shape[3:]
    figures: Figures = {"case": f"RAFT {height}x{width}, 4 pairs"}
    ways: dict[str, Callable[[], Flows]] = {
        "one_pair": lambda: network(frames),
        "four_pairs": lambda: network(frames, pairs=4),
        "no_volume": lambda: network(frames, volume_bytes=0),
    }
    if height < min(PEAK_AT):
        ways["plain"] = lambda: plain_flows(network, frames, ITERATIONS)
    wanted = network(frames)
    peaks: dict[str, float] = {}
    for name, way in ways.items():
        found, taken, peaks[name] = on_device(way, repeats)
        apart = furthest(found, wanted)
        figures |= {f"{name}_s": taken, f"{name}_peak_gib": peaks[name], f"{name}_difference": apart}
    return figures, peaks["one_pair"]


def completion_on_card(repeats: int) -> Figures:
    """Flow completion of 24 frames at 720×1280."""
    network = filled(FlowCompletion, "flow").cuda()
    random = torch.Generator().manual_seed(0)
    ahead, back = torch.randn(2, 1, 23, 2, 720, 1280, generator=random).cuda()
    masks = torch.zeros(1, 24, 1, 720, 1280, device="cuda")
    masks[..., 200:500, 300:800] = 1
    _, taken, peak = on_device(lambda: network.forward_bidirect((ahead, back), masks), repeats)
    _, lean_taken, lean_peak = on_device(lambda: network.forward_bidirect((ahead, back), masks, lean=True), repeats)
    return {
        "case": "flow completion 720x1280, 24 frames",
        "s": taken,
        "peak_gib": peak,
        "lean_s": lean_taken,
        "lean_peak_gib": lean_peak,
    }


def on_device(way: Callable[[], Flows], repeats: int) -> tuple[Flows, float, float]:
    """What it answers, its median seconds, and the GiB that it took at its peak, above what was there."""
    found = way()
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    times = [seconds(way, torch.cuda.synchronize) for _ in range(repeats)]
    return found, median(times), (torch.cuda.max_memory_allocated() - before) / 2**30


def seconds(call: Callable[[], object], settle: Callable[[], object] = lambda: None) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    call()
    settle()
    return time.perf_counter() - start


def furthest(found: Flows, wanted: Flows) -> float:
    """The largest difference, in pixels."""
    return max(float((one - other).abs().max()) for one, other in zip(found, wanted, strict=True))
