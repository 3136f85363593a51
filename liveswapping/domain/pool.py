"""Pictures whose memory is used again, so that a live loop does not ask the system for megabytes per frame.

A fresh 1080p picture costs 1,500 page faults each time; here the memory of a picture comes back when its last holder
has let go of it. No holder has to say so: a weak reference to the handed array tells.
"""

from __future__ import annotations

import math
import weakref
from collections import deque

import numpy as np

from liveswapping.domain.frame import Image


class ImagePool:
    """Hands out pictures. Any thread may let go of one; one thread at a time asks for one."""

    def __init__(self, keep: int = 4) -> None:
        """`keep`: how many pictures that nobody holds stay ready, of the size asked for last."""
        self._free: deque[bytearray] = deque(maxlen=keep)

    def empty(self, shape: tuple[int, ...]) -> Image:
        """A picture of undefined content that nobody else holds. Slices of it keep it held, too."""
        storage = self._storage(math.prod(shape))
        # The memory is no array's own, so that a slice refers to `image` itself: numpy lets views of views refer to
        # the array that owns the memory, and `image` would die while a slice of it lives.
        image: Image = np.ndarray(shape, np.uint8, buffer=storage)
        weakref.finalize(image, self._free.append, storage).atexit = False
        return image

    def copy(self, image: Image) -> Image:
        """A copy of `image` that nobody else holds."""
        fresh = self.empty(image.shape)
        np.copyto(fresh, image)
        return fresh

    def _storage(self, size: int) -> bytearray:
        while True:
            try:
                storage = self._free.pop()
            except IndexError:
                return bytearray(size)
            if len(storage) == size:
                return storage
