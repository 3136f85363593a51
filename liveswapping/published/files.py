"""The published names for model files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping.inference.catalog import ModelSource


def list_available_models() -> dict[str, dict[str, object]]:
    """What is known of every model file: name → url, sha256, type, description, size (bytes; None: not published)."""
    from liveswapping.inference.catalog import CATALOG

    return {
        model.name: {
            "url": _address(model.source),
            "sha256": model.sha256,
            "type": Path(model.file).suffix.removeprefix("."),
            "description": model.description,
            "size": model.size,
        }
        for model in CATALOG.values()
    }


def _address(source: ModelSource) -> str:
    """Where a file is published; a member of a wheel or an archive is named by both."""
    from liveswapping.inference.catalog import WheelMember, ZipMember

    if isinstance(source, WheelMember):
        return f"{source.wheel.project}=={source.wheel.version}:{source.member}"
    return f"{source.address}:{source.member}" if isinstance(source, ZipMember) else source.address


def ensure_model(name: str) -> Path:
    """The model's file, fetched where it is not here. Raises ModelError."""
    from liveswapping.inference.store import Store

    return Store().ensure(name)


def ensure_gfpgan_model() -> str:
    """GFPGAN's file, fetched where it is not here. Raises ModelError."""
    return str(ensure_model("gfpgan"))
