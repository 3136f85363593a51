"""The published names for restoring and enlarging pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    from liveswapping.domain.frame import Image
    from liveswapping.domain.protocols import Upscaler

_SCALE = 2
"""As published."""


class RealESRGANUpscaler:
    """Enlarges whole pictures. One thread at a time."""

    def __init__(
        self, model_path: str | Path | None = None, use_tensorrt: bool = True, scale: int = 2, tile: int = 400
    ) -> None:
        """`model_path`: None takes the registered file. Raises ModelError, SettingsError, GPUMemoryError.

        TensorRT is not used, whatever `use_tensorrt` says: the network runs in torch.
        """
        from liveswapping.restorers.realesrgan import open_realesrgan

        self._network = open_realesrgan(_file(model_path, "realesrgan_x2plus"), scale=scale, tile=tile)

    def upscale(self, img: Image) -> Image:
        """`img` (uint8 H×W×3 BGR), `scale` times as large."""
        return self._network.upscale(img)

    def close(self) -> None:
        """Release the weights."""
        self._network.close()


class GFPGANUpscaler:
    """Doubles pictures and restores their faces. One thread at a time."""

    def __init__(
        self,
        model_path: str | Path | None = None,
        use_tensorrt: bool = True,
        bg_upsampler: Upscaler | None = None,
    ) -> None:
        """`model_path`: None takes the registered file; `bg_upsampler`: anything with `upscale`; the caller closes it.

        Raises ModelError and GPUMemoryError. TensorRT is not used, whatever `use_tensorrt` says.
        """
        from liveswapping.build import open_store
        from liveswapping.observers import open_analyser
        from liveswapping.restorers.gfpgan import open_gfpgan

        settings = Settings()
        self._background = bg_upsampler
        self._analyser = open_analyser(settings, open_store(settings), live=False)
        try:
            self._restorer = open_gfpgan(_file(model_path, "gfpgan"))
        except BaseException:
            self._analyser.close()
            raise

    def upscale(self, img: Image) -> Image:
        """`img` (uint8 H×W×3 BGR), twice as large, all of its faces restored."""
        return self.enhance(img)[1]

    def enhance(
        self,
        img: Image,
        only_center_face: bool = False,
        weight: float = 1.0,
        has_aligned: bool = False,
        paste_back: bool = True,
    ) -> tuple[list[Image], Image, list[Image]]:
        """The faces as they were cut out, the finished picture, and the faces as they were restored.

        `weight` 0..1: how much of a restored face is taken. `has_aligned`: `img` is one aligned face already.
        `paste_back` False: the picture is only enlarged.
        """
        from liveswapping.imaging.align import crop
        from liveswapping.imaging.paste import paste
        from liveswapping.restorers.whole import enlarge, nearest_to_centre, scaled

        faces = [] if has_aligned else self._analyser.faces(img)
        chosen = nearest_to_centre(img, faces) if only_center_face else faces
        large = enlarge(img, [], None, self._background, _SCALE)
        self._restorer.weight = weight
        patches = self._restorer.restore(large, [scaled(face, large.shape[1] / img.shape[1]) for face in chosen])
        if has_aligned:
            patches = [self._restorer.restore_aligned(large)]
        crops = [crop(large, patch.matrix, len(patch.image)) for patch in patches]
        if paste_back:
            paste(large, patches)
        return crops, large, [patch.image for patch in patches]

    def close(self) -> None:
        """Release the networks."""
        self._analyser.close()
        self._restorer.close()


def create_optimized_gfpgan(model_path: str | Path | None = None, use_tensorrt: bool = True) -> GFPGANUpscaler:
    """A GFPGANUpscaler with RealESRGAN behind it where its weights are here. Raises ModelError and GPUMemoryError."""
    from liveswapping.build import open_store

    missing = open_store(Settings()).missing(["realesrgan_x2plus"])
    return GFPGANUpscaler(model_path, use_tensorrt, None if missing else RealESRGANUpscaler())


def get_default_upscaler() -> GFPGANUpscaler:
    """A GFPGANUpscaler with the registered weights. Raises ModelError and GPUMemoryError."""
    return GFPGANUpscaler()


def _file(model_path: str | Path | None, name: str) -> Path:
    """A file of the user's, or the registered one, verified. Raises ModelError."""
    from liveswapping.build import open_store

    return Path(model_path) if model_path is not None else open_store(Settings()).path(name)
