"""How a live run went, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveswapping.pipeline.status import Status


def as_values(status: Status) -> dict[str, Any]:
    """The status in types that JSON knows; `fps` is the whole run's."""
    return {
        "frames": status.frames_delivered,
        "swapped": status.frames_swapped,
        "dropped": status.dropped,
        "failed": status.failures,
        "last_failure": status.last_failure,
        "covered": status.frames_covered,
        "faces_covered": status.faces_covered,
        "fps": round(status.mean_fps, 2),
        "p50_ms": status.latency.p50_ms,
        "p95_ms": status.latency.p95_ms,
        "provider": status.provider,
        "given_up": status.rung,
        "rungs_changed": status.rungs_changed,
        "memory_mb": status.memory_mb,
        "memory_high_mb": status.memory_high_mb,
        "card_memory_mb": status.card_memory_mb,
        "card_memory_high_mb": status.card_memory_high_mb,
        "stages": {name: asdict(spread) for name, spread in status.stages.items()},
    }


def as_sentence(values: dict[str, Any]) -> str:
    """The values in one line."""
    parts = [
        f"{values['fps']:.1f} frames a second end to end",
        f"{values['p50_ms']:.1f} ms from capture to picture (p50), {values['p95_ms']:.1f} ms (p95)",
        f"{values['swapped']} of {values['frames']} frames swapped",
    ]
    if values["dropped"]:
        parts.append(f"{values['dropped']} older ones dropped")
    if values["covered"]:
        parts.append(f"{values['covered']} without a face that can be trusted, covered")
    if values["failed"]:
        parts.append(f"{values['failed']} failed ({values['last_failure']})")
    return ", ".join(parts)
