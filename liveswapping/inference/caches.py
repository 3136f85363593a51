"""Memory that a runtime keeps and does not need."""

from __future__ import annotations

import sys
from typing import Any


def release_caches() -> None:
    """Give back what torch keeps of a card's memory, where torch runs on one. Loads nothing."""
    torch = _torch_on_a_card()
    if torch is not None:
        torch.cuda.empty_cache()


def held_on_cards() -> float:
    """Bytes that torch holds of graphics cards, with what it only keeps; 0 where it runs on none. Loads nothing."""
    torch = _torch_on_a_card()
    return 0.0 if torch is None else float(sum(map(torch.cuda.memory_reserved, range(torch.cuda.device_count()))))


def _torch_on_a_card() -> Any:  # noqa: ANN401 - torch itself, which must not be imported here
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized() else None
