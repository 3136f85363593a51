"""The engine around every swap network: align, swap all faces in one batch, match light, say what goes back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.look import Look
from liveswapping.imaging.align import SWAP, crop
from liveswapping.imaging.colour_match import match_light
from liveswapping.imaging.patch_mask import box_mask, eyes_mask, face_mask, mouth_mask
from liveswapping.inference.outcome import Placed
from liveswapping.inference.sizes import Sizes
from liveswapping.swappers.latent import Direction, source_latent

P = TypeVar("P")
"""What a network prepares of a source."""


class SwapNetwork(Placed, Protocol[P]):
    """A network that gives aligned crops another identity."""

    @property
    def size(self) -> int:
        """Pixels per side of a crop."""
        ...

    def prepare(self, latent: F32) -> P:
        """All that depends on the source alone, from its latent (512,)."""
        ...

    def swap(self, crops: Image, sources: Sequence[P]) -> Image:
        """(n, size, size, 3) BGR bytes, one prepared source each -> the same shape."""
        ...


class AlignedSwapper(Generic[P]):
    """Swapper over five keypoints, by a network that it owns. One thread at a time."""

    def __init__(
        self,
        network: SwapNetwork[P],
        emap: F32,
        direction: Direction | None = None,
        size: int | None = None,
        smaller: Sequence[int] = (),
    ) -> None:
        """`emap`: the identity map (512, 512) that the network was trained with. `size`: of crops; None: as it says.

        `smaller`: sizes that the same network can be set to where time is short, falling.
        """
        self.network = network
        """What it runs on, and why not on something faster, is the network's to say."""
        largest = size or network.size
        self._emap = emap
        self._direction = direction
        self._sizes = Sizes((largest, *(less for less in smaller if less < largest)))
        self._sources: WeakKeyDictionary[Identity, P] = WeakKeyDictionary()

    @property
    def size(self) -> int:
        """Pixels per side of a crop."""
        return self._sizes.now

    def swap(self, image: Image, targets: Sequence[Target]) -> Sequence[Patch]:
        """One patch per target. Raises FaceDetectionError where an identity has no embedding."""
        if not targets:
            return []
        size, began = self.size, time.perf_counter()
        matrices = [SWAP.matrix(target.face.keypoints, size) for target in targets]
        crops = np.stack([crop(image, matrix, size) for matrix in matrices])
        swapped = self.network.swap(crops, [self._source(target.identity) for target in targets])
        patches = [patch_of(*parts) for parts in zip(targets, matrices, crops, swapped, strict=True)]
        self._sizes.took(size, time.perf_counter() - began)
        return patches

    @property
    def savings(self) -> Sequence[str]:
        """It can swap smaller crops."""
        return tuple(f"faces are swapped at {size} pixels" for size in self._sizes.smaller)

    def save(self, count: int) -> None:
        """Use the size that many steps smaller."""
        self._sizes.save(count)

    def cost(self, count: int) -> float:
        """By what each size took when it was used last."""
        return self._sizes.cost(count)

    def close(self) -> None:
        """Release the network."""
        self._sources.clear()
        self.network.close()

    def _source(self, identity: Identity) -> P:
        if identity not in self._sources:
            self._sources[identity] = self.network.prepare(source_latent(identity, self._emap, self._direction))
        return self._sources[identity]


def patch_of(target: Target, matrix: F32, before: Image, after: Image) -> Patch:
    """What goes back of a swapped crop: `after` in the light of `before`, and the mask that `target.look` asks for."""
    size = len(after)
    mask = box_mask(size) if target.look.box_mask else face_mask(target.face, matrix, size)
    lit = match_light(after, before, mask, target.look.colour)
    return Patch(lit, matrix, without_kept(mask, target.face, target.look, matrix))


def without_kept(mask: F32, face: Face, look: Look, matrix: F32) -> F32:
    """`mask` without the mouth or the eyes, where they shall stay the target's."""
    if look.keep_mouth:
        mask = mask * (1.0 - mouth_mask(face, matrix, len(mask)))
    if look.keep_eyes:
        mask = mask * (1.0 - eyes_mask(face, matrix, len(mask)))
    return mask
