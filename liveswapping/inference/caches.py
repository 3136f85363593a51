"""Memory that a runtime keeps and does not need."""

from __future__ import annotations

import sys


def release_caches() -> None:
    """Give back what torch keeps of a card's memory, where torch runs on one. Loads nothing."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
