"""How an attempt to use a provider ended."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final, Protocol

_MEMORY_WORDS: Final = (
    "out of memory",
    "out_of_memory",
    "outofmemory",
    "failed to allocate",
    "available memory of",
    "bad_alloc",
    "bad allocation",
    "alloc_failed",
    "insufficient memory",
    "resource_exhausted",
)
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


_LONGEST: Final = 200
"""Letters of a reason."""


class Kind(enum.Enum):
    """The ways it can end."""

    OK = "ok"
    ABSENT = "absent"
    """The installed ONNX Runtime does not carry the provider."""
    FAILED = "failed"
    """An error, or silently the processor."""
    MEMORY = "memory"
    WRONG = "wrong"
    """It ran, and the answer cannot be right."""
    HUNG = "hung"
    CRASHED = "crashed"
    BROKEN = "broken"
    """The processor cannot run the model either: the file is at fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt; `reason` is a clause for the user, empty where it went well."""

    kind: Kind
    reason: str = ""


OK: Final = Outcome(Kind.OK)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rung that was not taken, or was left, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class Placed(Protocol):
    """A network that is open: it says where it runs."""

    @property
    def provider(self) -> str:
        """What it runs on, as users call it."""
        ...

    @property
    def precision(self) -> str:
        """fp16, fp32, or model: as the file has it."""
        ...

    @property
    def why_not(self) -> tuple[Refusal, ...]:
        """Why nothing faster was taken."""
        ...

    def close(self) -> None:
        """Release the weights."""
        ...


def failure(error: BaseException) -> Outcome:
    """What an error means."""
    text = in_one_line(str(error)) or type(error).__name__
    memory = isinstance(error, MemoryError) or any(word in text.lower() for word in _MEMORY_WORDS)
    return Outcome(Kind.MEMORY if memory else Kind.FAILED, text[:_LONGEST])


def in_one_line(text: str) -> str:
    """What a runtime said, without its line ends and colours."""
    return " ".join(_COLOURS.sub("", text).split())
