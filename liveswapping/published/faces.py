"""The published names for what goes into a swap network and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from liveswapping.domain.settings import Settings

if TYPE_CHECKING:
    import torch

    from liveswapping.domain.frame import F32, Image

_RECOGNITION_SIZE = 112


def create_source_latent(
    img: Image, direction_path: str | Path | None = None, steps: float = 0.0
) -> torch.Tensor | None:
    """(1, 512) who the largest face of `img` is, as swap networks read it; None where there is no face.

    Needs emap and buffalo_l: raises ModelError where they are not here. `direction_path`: a .npy file, which is added
    `steps` times. Raises SettingsError where it cannot be used.
    """
    import torch

    from liveswapping.build import identity_of, open_store
    from liveswapping.domain.errors import NoFaceFound
    from liveswapping.swappers.latent import load_direction, load_emap, source_latent

    settings = Settings(model="reswapper128")
    store = open_store(settings)
    store.require(["emap", "buffalo_l_recognition"])
    direction = None if direction_path is None or not steps else load_direction(Path(direction_path), steps)
    try:
        identity = identity_of([("source", img)], settings, store, required=False)
    except NoFaceFound:
        return None
    return torch.from_numpy(source_latent(identity, load_emap(store.path("emap")), direction))[None]


def getLatent(source_face: object) -> F32:  # noqa: N802 - the published name
    """(1, 512) who a recognised face is, as swap networks read it: its embedding through the identity map.

    `source_face`: has `normed_embedding` as InsightFace's faces, or `embedding` as ours. Needs emap: raises ModelError,
    and FaceDetectionError for a face without an embedding.
    """
    import numpy as np

    from liveswapping.build import open_store
    from liveswapping.domain.errors import FaceDetectionError
    from liveswapping.swappers.latent import load_emap

    found = getattr(source_face, "normed_embedding", None)
    embedding = getattr(source_face, "embedding", None) if found is None else found
    if embedding is None:
        raise FaceDetectionError("this face has no embedding; recognise it first, or use create_source_latent")
    store = open_store(Settings())
    store.require(["emap"])
    values = np.asarray(embedding, np.float32).reshape(1, -1)
    latent = values / np.linalg.norm(values) @ load_emap(store.path("emap"))
    return np.asarray(latent / np.linalg.norm(latent), np.float32)


def estimate_norm(kps: F32, size: int = 112) -> F32:
    """(2, 3) from a picture's coordinates to a crop's; keypoints (5, 2). 112: for recognition, else to swap."""
    from liveswapping.imaging.align import RECOGNITION, SWAP

    return (RECOGNITION if size == _RECOGNITION_SIZE else SWAP).matrix(kps, size)


def norm_crop2(img: Image, kps: F32, size: int = 112) -> tuple[Image, F32]:
    """The aligned crop, and the matrix that leads to it."""
    from liveswapping.imaging.align import crop

    matrix = estimate_norm(kps, size)
    return crop(img, matrix, size), matrix


def norm_crop(img: Image, kps: F32, size: int = 112) -> Image:
    """The aligned crop."""
    return norm_crop2(img, kps, size)[0]


def getBlob(img: Image, size: tuple[int, int] = (128, 128)) -> F32:  # noqa: N802 - the published name
    """(1, 3, H, W) RGB 0..1 of a picture, resized to `size` (width, height)."""
    import cv2
    import numpy as np

    from liveswapping.inference.onnx_pictures import to_planes

    resized = img if img.shape[1::-1] == size else cv2.resize(img, size, interpolation=cv2.INTER_AREA)
    return to_planes(np.asarray(resized, np.uint8)[None], 0.0)


def postprocess_face(face: torch.Tensor) -> Image:
    """A network's answer (1, 3, H, W) RGB 0..1 as a picture: uint8 H×W×3 BGR, rounded."""
    import numpy as np

    from liveswapping.inference.onnx_pictures import to_bytes

    pictures = to_bytes(face.detach().float().cpu().numpy(), 0.0)
    return np.ascontiguousarray(pictures[0])


def swap_face(
    model: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], blob: F32 | torch.Tensor, latent: torch.Tensor
) -> Image:
    """The picture that `model` (see load_model) gives for `getBlob`'s answer and a source's latent."""
    import torch

    return postprocess_face(model(torch.as_tensor(blob), latent))
