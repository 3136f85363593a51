"""The engines that ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from liveswapping.domain.protocols import Swapper
from liveswapping.domain.registry import Registry

SwapperEntry = Callable[[Callable[[str], Path]], Swapper]
"""Makes one engine for one stream; it is given the store's `path`."""


def builtin_swappers() -> Registry[SwapperEntry]:
    """All engines by the name that `--model` takes. No runtime is loaded before one is made."""
    registry: Registry[SwapperEntry] = Registry("engine")
    registry.add("mesh", _mesh)
    return registry


def _mesh(_model_path: Callable[[str], Path]) -> Swapper:
    from liveswapping.swappers.mesh.engine import MeshSwapper

    return MeshSwapper()
