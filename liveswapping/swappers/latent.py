"""Who a source is, in the numbers that swap networks read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.errors import FaceDetectionError, SettingsError
from liveswapping.domain.face import Identity
from liveswapping.domain.frame import F32

SIZE = 512


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A way to change all sources: the difference of two groups' mean latents, of unit length, and how far to go."""

    values: F32
    """(512,) of unit length."""
    steps: float


def source_latent(identity: Identity, emap: F32, direction: Direction | None = None) -> F32:
    """(512,) the mean of the photographs' embeddings through the identity map `emap` (512, 512), of unit length.

    A direction is added after that, and the sum keeps its length, as published. Raises FaceDetectionError where a
    photograph has no embedding.
    """
    embeddings = [portrait.face.embedding for portrait in identity.portraits]
    known = [embedding for embedding in embeddings if embedding is not None]
    if len(known) != len(embeddings) or not known:
        raise FaceDetectionError(f"'{identity.name}' has no face embedding; neural engines need the recognition model")
    mean = np.mean([embedding / np.linalg.norm(embedding) for embedding in known], axis=0)
    latent = mean @ emap
    latent /= np.linalg.norm(latent)
    if direction is not None:
        latent = latent + direction.steps * direction.values
    return np.asarray(latent, np.float32)


def load_direction(path: Path, steps: float) -> Direction:
    """A direction from a .npy file (512 numbers). Raises SettingsError."""
    values = _array(path, "an attribute direction", SIZE)
    length = float(np.linalg.norm(values))
    if not length > 0:
        raise SettingsError(f"{path} cannot be used as an attribute direction: all of it is 0")
    return Direction((values / length).reshape(SIZE), steps)


def direction_between(have: Sequence[F32], lack: Sequence[F32], steps: float) -> Direction:
    """The direction from latents (512,) that lack something to latents that have it. Raises SettingsError."""
    difference = np.mean(have, axis=0) - np.mean(lack, axis=0)
    length = float(np.linalg.norm(difference))
    if not length > 0:
        raise SettingsError("both groups of faces are the same; there is no direction between them")
    return Direction(np.asarray(difference / length, np.float32), steps)


def load_emap(path: Path) -> F32:
    """The identity map from a .npy file (512×512). Raises SettingsError."""
    return _array(path, "the identity map", SIZE * SIZE).reshape(SIZE, SIZE)


def _array(path: Path, what: str, size: int) -> F32:
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise SettingsError(f"{path} cannot be read as {what} ({' '.join(str(error).split())})") from None
    numbers = np.asarray(values, np.float32) if getattr(values, "dtype", np.dtype(object)).kind in "fiu" else None
    if numbers is None or numbers.size != size or not np.isfinite(numbers).all():
        raise SettingsError(f"{path} cannot be used as {what}: {size} finite numbers are needed")
    return numbers
