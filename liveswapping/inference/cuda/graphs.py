"""Networks recorded once per shape as CUDA graphs and replayed with one call: bytes in, bytes out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from torch import Tensor

from liveswapping.domain.frame import Image
from liveswapping.inference.judgement import any_of_one_colour

Layers = Callable[[Tensor, Tensor | None, torch.dtype], Tensor]
"""Pictures (n, h, w, 3) BGR 0..255 on the card, bytes or floats, and what goes with them, to pictures (n, h', w', 3)
BGR of that kind: bytes, or floats in the network's own range. No work on the host."""
_RECORDINGS: Final = 8
"""Shapes that are kept; each holds its own share of the card's memory."""
_WARM_UPS: Final = 2
"""Runs before recording: kernels are compiled and chosen in the first."""


class WrongAnswer(RuntimeError):
    """A picture that cannot be right."""


class GraphedPictures:
    """A network on the current card that takes any number of pictures of any size it is made for.

    A shape is recorded when it first comes, and from then on costs one copy to the card, one launch and one copy back.
    One thread at a time.
    """

    def __init__(self, layers: Layers, name: str) -> None:
        """`name`: how it is computed, for users."""
        self.name = name
        """How it is computed, for users."""
        self._layers = layers
        self._pool = torch.cuda.graph_pool_handle()
        self._recordings: OrderedDict[tuple[object, ...], _Recording] = OrderedDict()

    def __call__(self, pictures: Image, beside: Tensor | None = None) -> Image:
        """(n, h, w, 3) BGR bytes, and (n, …) where the network takes it -> (n, h', w', 3) BGR bytes.

        Raises WrongAnswer for a picture of one colour, and torch.OutOfMemoryError when a new shape does not fit.
        """
        with torch.inference_mode():  # on the current stream: libraries keep memory for every stream that they meet
            answer = self._recording(pictures.shape, beside).run(pictures, beside)
        if any_of_one_colour(answer):
            raise WrongAnswer("it answered one colour in fp16")
        return answer

    def computed(self, pictures: Tensor, beside: Tensor | None = None) -> Tensor:
        """(n, h, w, 3) BGR 0..255, float32 on the card -> (n, h', w', 3) BGR float32 in the network's own range.

        The answer is not looked at.
        """
        with torch.inference_mode():
            return self._recording(pictures.shape, beside, torch.float32).play(pictures, beside).clone()

    def forget(self) -> None:
        """Release all that was recorded; what comes again is recorded again."""
        self._recordings.clear()
        self._pool = torch.cuda.graph_pool_handle()
        torch.cuda.empty_cache()

    def _recording(self, shape: tuple[int, ...], beside: Tensor | None, kind: torch.dtype = torch.uint8) -> _Recording:
        key = (*shape, kind)
        if key not in self._recordings:
            while len(self._recordings) >= _RECORDINGS:
                self._recordings.popitem(last=False)
            self._recordings[key] = _Recording(self._layers, shape, beside, kind, self._pool)
            torch.cuda.empty_cache()  # what warming up took
        self._recordings.move_to_end(key)
        return self._recordings[key]


class _Recording:
    """One shape and kind of number: its graph, and the arrays that the graph reads and writes."""

    def __init__(
        self,
        layers: Layers,
        shape: tuple[int, ...],
        beside: Tensor | None,
        kind: torch.dtype,
        pool: torch.cuda._POOL_HANDLE,
    ) -> None:
        """`pool`: memory that recordings share, as they never run side by side."""
        self._pictures = torch.zeros(shape, dtype=kind, device="cuda")
        self._beside = None if beside is None else beside.clone()
        self._latest: Tensor | None = None
        """What was copied there last; what goes with pictures is not changed in place."""
        self._graph = torch.cuda.CUDAGraph()
        for _ in range(_WARM_UPS):
            layers(self._pictures, self._beside, kind)
        # Other threads go on with networks of their own on the card meanwhile.
        with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
            self._answer = layers(self._pictures, self._beside, kind)
        self._given, self._taken = self._on_host(self._pictures), self._on_host(self._answer)

    def run(self, pictures: Image, beside: Tensor | None) -> Image:
        """Replay with bytes in host memory; nothing larger than they travels."""
        np.copyto(self._given.numpy(), pictures)
        self._taken.copy_(self.play(self._given, beside), non_blocking=True)
        torch.cuda.current_stream().synchronize()
        return np.array(self._taken.numpy())

    def play(self, pictures: Tensor, beside: Tensor | None) -> Tensor:
        """Replay with these; the answer is written over by the next replay."""
        self._pictures.copy_(pictures, non_blocking=True)
        if self._beside is not None and beside is not None and beside is not self._latest:
            self._beside.copy_(beside)
            self._latest = beside
        self._graph.replay()
        return self._answer

    @staticmethod
    def _on_host(array: Tensor) -> Tensor:
        """Pinned memory for bytes; floats stay on the card."""
        return torch.empty(array.shape if array.dtype == torch.uint8 else 0, dtype=array.dtype, pin_memory=True)
