"""How ProPainter is run: what decides the result, and what only decides its cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from liveswapping.inference.networks.propainter.raft_size import LEAST_SCALE, RaftScale
from liveswapping.inpainting.propainter.schedule import Schedule


@dataclass(frozen=True, slots=True)
class ProPainterSettings:
    """The published defaults."""

    schedule: Schedule = field(default_factory=Schedule)
    raft_iterations: int = 20
    raft_scale: RaftScale = RaftScale.AUTO
    least_scale: float = LEAST_SCALE
    precision: str = "auto"
    """Of the generator; flows are always float32."""
    at_once: int = 10
    """Frames, or pairs of them, that one operation holds at most: never changes the result."""
    cpu_fallback: bool = True
    """The processor takes over what the card cannot hold."""
    host_bytes: int = 4 << 30
    """What frames' data may take of the machine's memory; more goes to a scratch file."""
    device_bytes: int | None = None
    """What the run may take of the card's memory; None: what is free."""
    scratch: Path | None = None
    """Where the scratch file is; None: where the system keeps such files."""
    flow_cache: Path | None = None
    """A folder in which flows are kept for later runs; None: they are not."""
    int8: bool = False
    """The generator's linear layers in whole numbers, where its first window shows that these are near and faster."""
    compiles: bool = False
    """torch.compile, for those of the generator's layers that are faster by it."""
