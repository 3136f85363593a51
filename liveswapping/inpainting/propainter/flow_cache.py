"""Flows of earlier runs, on the disk: they come from the pictures alone, so another mask needs no other ones."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_VERSION: Final = 1
_ENDING: Final = ".flow.npy"
_LIMIT: Final = 8 << 30
"""Bytes after which those that were not used for the longest time are removed."""
_LOOK_EVERY: Final = 50
"""Flows written between two looks at how much there is."""


class FlowCache:
    """One folder. Several processes may use it; what is damaged counts as not there. Nothing in it is ever executed."""

    def __init__(self, folder: Path, weights: str, iterations: int, limit: int = _LIMIT) -> None:
        """`weights`: a digest of RAFT's."""
        self._folder = folder
        self._limit = limit
        self._made_with = f"{_VERSION} {weights} {iterations}".encode()
        self._written = 0

    def key(self, one: NDArray[np.uint8], other: NDArray[np.uint8], scale: float) -> str:
        """A digest of all that decides the flow between two pictures."""
        digest = hashlib.blake2b(self._made_with, digest_size=20)
        digest.update(f"{one.shape} {scale}".encode())
        for picture in (one, other):
            digest.update(np.ascontiguousarray(picture).data)
        return digest.hexdigest()

    def get(self, key: str) -> Tensor | None:
        """A flow (2, 2, H, W), or None."""
        path = self._path(key)
        try:
            flow = np.load(path, allow_pickle=False)
            os.utime(path)
        except (OSError, ValueError, EOFError):
            return None
        if flow.dtype != np.float32 or flow.ndim != 4 or flow.shape[:2] != (2, 2):
            return None
        return torch.from_numpy(flow)

    def put(self, key: str, flow: Tensor) -> None:
        """Keep a flow. A disk that does not take it is no error: it is a cache."""
        path = self._path(key)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("wb") as file:
                    np.save(file, flow.numpy(), allow_pickle=False)
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
        self._written += 1
        if self._written % _LOOK_EVERY == 1:
            self._shrink()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_ENDING}"

    def _shrink(self) -> None:
        """Remove the oldest ones while there is too much."""
        with contextlib.suppress(OSError):
            found = [(path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob(f"*{_ENDING}")]
            total = sum(size for _, size, _ in found)
            for _, size, path in sorted(found):
                if total <= self._limit:
                    break
                path.unlink(missing_ok=True)
                total -= size
