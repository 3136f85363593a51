"""The built-in masker: keeps in front of a face what is in front of it. No network of its own, no frame of delay.

Every frame is judged by itself, against what is known of this face (`appearance`): how its texels look and vary, and
whether its structure is still there. What does not fit is something in front (`evidence`, `structure`), its own
colour finds the rest of it (`surfaces`, `regions`), and pixels decide its border (`outline`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image, Mask
from liveswapping.masks.observe import logarithms
from liveswapping.masks.outline import draw_mask
from liveswapping.masks.tracked import TrackedFace

MOST_TRACKS: Final = 16
FORGOTTEN: Final = 60
"""Frames after which a face that did not come back is forgotten."""


class OcclusionMasker:
    """Masker over `Face.mesh`. One thread at a time; faces without a mesh are taken to be wholly visible."""

    def __init__(self, model_path: Callable[[str], Path]) -> None:
        """`model_path` answers where a built-in network lies; none is needed yet."""
        self._tracks: dict[int, TrackedFace] = {}
        self._last_seen: dict[int, int] = {}
        self._frame = 0

    def start(self, image: Image) -> None:
        """A new picture; faces that are gone are forgotten."""
        self._frame += 1
        for ident in [ident for ident, frame in self._last_seen.items() if frame < self._frame - FORGOTTEN]:
            del self._tracks[ident], self._last_seen[ident]

    def mask(self, image: Image, face: Face) -> Mask | None:
        """What of `face` is visible; None when all of it is, or when nothing can be told."""
        if face.mesh is None:
            return None
        found = self._track(face.track_id).look(image, face.mesh, self._frame)
        return None if found is None else draw_mask(image, face.mesh, found, logarithms())

    def reset(self) -> None:
        """Forget all faces."""
        self._tracks.clear()
        self._last_seen.clear()

    def state(self) -> object:
        """As `Resumable.state`."""
        return self._tracks, self._last_seen, self._frame

    def restore(self, state: tuple[dict[int, TrackedFace], dict[int, int], int]) -> None:
        """As `Resumable.restore`."""
        self._tracks, self._last_seen, self._frame = state

    def close(self) -> None:
        """Release everything."""
        self.reset()

    def _track(self, ident: int) -> TrackedFace:
        """The state of a track; a new one each time for faces that are not tracked (-1)."""
        if ident < 0:
            return TrackedFace()
        if ident not in self._tracks:
            while len(self._tracks) >= MOST_TRACKS:
                oldest = min(self._last_seen, key=self._last_seen.__getitem__)
                del self._tracks[oldest], self._last_seen[oldest]
            self._tracks[ident] = TrackedFace(ident)
        self._last_seen[ident] = self._frame
        return self._tracks[ident]
