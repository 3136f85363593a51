"""What a run is doing and how well: one frozen snapshot, safe to keep and to hand to any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from liveswapping.domain.face import Face


class State(Enum):
    """Where a run stands."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    """The source was read to its end."""
    STOPPED = "stopped"
    """Somebody asked for the stop."""
    FAILED = "failed"
    """A source or sink could not go on."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median and the 95th percentile of recent durations, in milliseconds."""

    p50_ms: float = 0.0
    p95_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A face in the newest picture."""

    box: tuple[float, float, float, float]
    """x1, y1, x2, y2 in the picture's pixels."""
    swapped: bool
    """It was chosen to become somebody."""

    @classmethod
    def of(cls, face: Face, swapped: bool) -> Seen:
        """What is told of `face`."""
        left, top, right, bottom = (float(value) for value in face.box)
        return cls((left, top, right, bottom), swapped)


@dataclass(frozen=True, slots=True)
class Status:
    """A snapshot of one run."""

    state: State = State.STARTING
    frames_read: int = 0
    frames_delivered: int = 0
    frames_swapped: int = 0
    """Frames in which at least one face was swapped."""
    faces_swapped: int = 0
    dropped: int = 0
    """Frames of a live source that were never processed, because a newer one was there."""
    failures: int = 0
    """Frames that could not be processed."""
    last_failure: str = ""
    sink_failure: str = ""
    """Why a sink was given up while the run went on with the others."""
    fps: float = 0.0
    """Delivered frames a second, lately."""
    mean_fps: float = 0.0
    """The same from the first delivered frame to the last."""
    latency: Spread = field(default_factory=Spread)
    """From capture to delivery, lately, without the delay that the user asked for."""
    stages: Mapping[str, Spread] = field(default_factory=dict)
    """Recent time per stage of a frame."""
    frames_covered: int = 0
    """Frames that left blurred, black or held as a whole, as there was no swap to be trusted."""
    faces_covered: int = 0
    """Faces that were blurred, because nobody chose them."""
    exposed: bool = False
    """A privacy policy says `pass`: a real face may be seen. To be shown as a badge."""
    hidden: bool = False
    """The user has hidden the picture."""
    memory_mb: float = 0.0
    """What the process holds in memory, in MB of a million bytes; 0 where that cannot be read."""
    memory_high_mb: float = 0.0
    """The most that was read so far."""
    card_memory_mb: float = 0.0
    """What torch's networks hold of graphics cards, in MB; 0 where they run on none."""
    card_memory_high_mb: float = 0.0
    """The most that was read so far."""
    rung: str = ""
    """What the governor has given up for speed, in words; empty: nothing."""
    rungs_changed: int = 0
    """How often the governor has changed that."""
    provider: str = ""
    """What the engine runs on, in one line."""
