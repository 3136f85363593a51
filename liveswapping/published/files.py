"""The published names for model files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.inference.catalog import ModelSource
    from liveswapping.published.upscalers import GFPGANUpscaler


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


class DefaultUpscaler:
    """GFPGANUpscaler with the registered weights, opened when it is first used. Raises ModelError then."""

    def __init__(self) -> None:
        self._opened: GFPGANUpscaler | None = None

    def upscale(self, img: Image) -> Image:
        """`img`, twice as large, its faces restored."""
        return self._upscaler().upscale(img)

    def enhance(
        self,
        img: Image,
        only_center_face: bool = False,
        weight: float = 1.0,
        has_aligned: bool = False,
        paste_back: bool = True,
    ) -> tuple[list[Image], Image, list[Image]]:
        """As GFPGANUpscaler's."""
        return self._upscaler().enhance(img, only_center_face, weight, has_aligned, paste_back)

    def close(self) -> None:
        """Release the networks; the next use opens them again."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _upscaler(self) -> GFPGANUpscaler:
        from liveswapping.published.upscalers import get_default_upscaler

        self._opened = self._opened or get_default_upscaler()
        return self._opened


MODEL_REGISTRY = list_available_models()
MODELS = MODEL_REGISTRY
"""What list_available_models answers with."""
DEFAULT_UPSCALER = DefaultUpscaler()
