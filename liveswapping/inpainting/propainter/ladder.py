"""What is done when memory does not suffice: the same again with less at once, step by step, and each step is said."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch

from liveswapping.domain.errors import GPUMemoryError
from liveswapping.inpainting.record import Record

T = TypeVar("T")

_SAID: Final = (
    "out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
    "not enough memory",
)  # fmt: skip
"""What runtimes write where memory ran out: not all of them have an exception of their own for it."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to compute a stage."""

    name: str
    """In words, for the log."""
    at_once: int = 1
    """Frames, or pairs of them, together."""
    volume_bytes: int | None = None
    """What RAFT's correlation volumes may take; None: all that they want."""
    scale: float = 1.0
    """Of the frames that RAFT sees."""
    lean: bool = False
    """Compute again rather than hold."""
    most: int | None = None
    """Bytes of the largest tensors of one operation; None: as suits the device."""
    device: str | None = None
    """Another one than the run's."""

    @property
    def exact(self) -> bool:
        """Whether the result is the same."""
        return self.scale == 1.0


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory, the device's or the machine's, did not suffice."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAID)


class Ladder:
    """A stage's rungs, best first. A rung that did not suffice is not tried again."""

    def __init__(self, stage: str, rungs: Sequence[Rung], record: Record, advice: str) -> None:
        """`advice`: flags that ask for less, named where nothing is left."""
        self._stage = stage
        self._rungs = list(rungs)
        self._record = record
        self._advice = advice
        self._at = 0

    @property
    def rung(self) -> Rung:
        """The present one."""
        return self._rungs[self._at]

    def climb(self, attempt: Callable[[Rung], T], fresh: Callable[[], None] = lambda: None) -> T:
        """`attempt` on the present rung, and down from there where memory runs out.

        `fresh` lets go of what an attempt left behind. Raises GPUMemoryError when no rung is left; other errors than
        those of memory as they come.
        """
        while True:
            try:
                return attempt(self.rung)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                said = str(error).splitlines()[0] if str(error) else type(error).__name__
            # Only here, where the failed attempt's frames are gone, is its memory free.
            fresh()
            release()
            self._down(said)

    def _down(self, said: str) -> None:
        failed = self.rung
        if self._at + 1 >= len(self._rungs):
            raise GPUMemoryError(
                f"memory does not suffice for {self._stage}, with {failed.name} either ({said}); {self._advice}"
            )
        self._at += 1
        words = "GPU OOM, falling back to CPU..." if self.rung.device == "cpu" else f"going on with {self.rung.name}"
        exact = "" if self.rung.exact or self.rung.scale == failed.scale else " (not exact any more)"
        self._record.fallback(f"{self._stage}: out of memory with {failed.name}; {words}{exact}")


def release() -> None:
    """Give back memory that nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
