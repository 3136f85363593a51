"""How each stage is computed on this machine, and what instead where memory does not suffice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from liveswapping.inference.networks.propainter.correlation import volume_bytes
from liveswapping.inference.networks.propainter.raft_size import Fit, scales
from liveswapping.inference.room import card_bytes
from liveswapping.inpainting.propainter.ladder import Ladder, Rung
from liveswapping.inpainting.propainter.schedule import FLOW_BORDER
from liveswapping.inpainting.propainter.settings import ProPainterSettings
from liveswapping.inpainting.record import Record

_ADVICE: Final = (
    "ask for less with --resize_ratio, --raft_scale auto or a lower --min_scale, or leave out --no_cpu_fallback"
)
_ENCODING: Final = 250
"""Bytes a pixel that RAFT's encoders take of a frame, and …"""
_VOLUMES: Final = 1.35
"""… volumes in their making, by their size. Estimates of the first rung only: the ladder corrects them."""
_COMPLETING: Final = (2000, 64)
"""Bytes a pixel that flow completion takes with all at hand: in its work, and for every frame that it looks at."""
_SHARE: Final = 0.7
"""Of the budget that is planned with."""
_MOST: Final = 1 << 30
_LEAST_MOST: Final = 16 << 20
"""Bytes of the generator's largest tensors, at first and at last."""


@dataclass(frozen=True, slots=True)
class Ladders:
    """One for each stage."""

    raft: Ladder
    completion: Ladder
    images: Ladder
    encoder: Ladder
    window: Ladder


def plan(size: tuple[int, int], given: ProPainterSettings, device: str, record: Record) -> Ladders:
    """For frames of (height, width)."""
    budget = int(_SHARE * (device_budget(device) if given.device_bytes is None else given.device_bytes))
    if device == "cpu" and given.device_bytes is None:
        budget = given.host_bytes
    processor = [Rung("the processor", device="cpu", lean=True)] if device != "cpu" and given.cpu_fallback else []
    raft = raft_rungs(size, given, device, budget)
    first = raft[0]
    seen = Fit.of(*size, first.scale).inner
    height, width = size
    if first.scale != 1.0:
        words = f"Applying smart downscale ({first.scale:g}x) for RAFT: {height}x{width} -> {seen[0]}x{seen[1]}"
        record.log("debug", words, "🌊")
    record.log("debug", f"RAFT by {first.name}, {first.at_once} pair(s) at once", "🔀")
    record.note(device=device, budget_mb=round(budget / 1e6), raft_scale=first.scale, chunk=given.at_once)
    at_once = Rung(f"{given.at_once} frames at once", given.at_once)
    singly = Rung("one frame at once")
    most = max(_LEAST_MOST, min(_MOST, budget // 8)) if device != "cpu" else None
    plain = Rung("large pieces", most=most)
    smaller = [Rung(f"pieces of {part >> 20} MB", most=part) for part in _halves(most or _LEAST_MOST * 4)]
    return Ladders(
        Ladder("RAFT", raft, record, _ADVICE),
        Ladder("flow completion", [*completion_rungs(size, given, device, budget), *processor], record, _ADVICE),
        Ladder("image propagation", [Rung("pairs of frames"), *processor], record, _ADVICE),
        Ladder("the encoder", [*([at_once] if given.at_once > 1 else []), singly, *processor], record, _ADVICE),
        Ladder("a window", [plain, *smaller, *processor], record, _ADVICE),
    )


def completion_rungs(size: tuple[int, int], given: ProPainterSettings, device: str, budget: int) -> list[Rung]:
    """All of a sub-video's features at hand, where these are sure to fit; then a few frames', the others beside."""
    working, each = _COMPLETING
    held = (working + (given.schedule.subvideo + 2 * FLOW_BORDER) * each) * size[0] * size[1]
    lean = Rung("less at hand", lean=True)
    return [Rung("all at hand"), lean] if device == "cpu" or held < budget else [lean]


def raft_rungs(size: tuple[int, int], given: ProPainterSettings, device: str, budget: int) -> list[Rung]:
    """Exact ways first, then smaller frames where these are allowed, then the processor."""
    sizes = scales(given.raft_scale, *size, given.least_scale)
    rungs: list[Rung] = []
    for number, scale in enumerate(sizes):
        height, width = Fit.of(*size, scale).inner
        rungs += _raft_at(
            scale, volume_bytes(height, width), height * width, given.at_once, device, budget, number == 0
        )
    if device != "cpu" and given.cpu_fallback:
        rungs.append(Rung("the processor", volume_bytes=given.host_bytes, scale=sizes[0], device="cpu"))
    return rungs


def _raft_at(
    scale: float, volume: int, pixels: int, at_once: int, device: str, budget: int, best: bool
) -> list[Rung]:  # fmt: skip
    words = "" if scale == 1.0 else f" at {scale:g} of the size"
    single = Rung(f"whole volumes{words}", scale=scale)
    each = _VOLUMES * volume + _ENCODING * pixels
    rungs = []
    if best and device != "cpu":
        pairs = min(at_once, int(budget // max(each, 1)))
        if pairs > 1:
            rungs.append(replace(single, name=f"whole volumes of {pairs} pairs{words}", at_once=pairs))
    if each < budget or not best:
        rungs.append(single)
    if best:
        fitting = max(0, int((budget - _ENCODING * pixels) / _VOLUMES))
        if each >= budget and fitting:
            rungs.append(replace(single, name=f"volumes as far as they fit{words}", volume_bytes=fitting))
        rungs.append(replace(single, name=f"lookups without a volume{words}", volume_bytes=0))
    return rungs


def _halves(most: int) -> list[int]:
    """Quarters, down to the least."""
    found = []
    while most > _LEAST_MOST:
        most = max(_LEAST_MOST, most // 4)
        found.append(most)
    return found


def device_budget(device: str) -> int:
    """Bytes of the device's memory that this process may still take; for what cannot be asked, a small card's."""
    if not device.startswith("cuda"):
        return 4 << 30
    return card_bytes()
