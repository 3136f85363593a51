"""The published Python names that exist in this version; `liveswapping` itself exports them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.inference.catalog import ModelSource


def process_image(source: Image | str | Path, target: Image | str | Path, model: str = "mesh") -> Image:
    """The picture `target` with its largest face become the person of the photograph `source`.

    Pictures are files, or uint8 H×W×3 BGR arrays; the answer is such an array. Raises NoFaceFound where either
    picture shows no face, SourceError where it cannot be read, SettingsError for a model that is not built yet.
    """
    from liveswapping.build import identity_of, open_store, picture, refuse_unusable, swap_picture

    settings = replace(Settings(), model=model)
    refuse_unusable(settings)
    store = open_store(settings)
    identity = identity_of([("source", picture(source))], settings, store)
    return swap_picture(picture(target), identity, settings).image


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
