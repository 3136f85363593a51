"""Small networks on a CUDA card: one launch for bytes in, the network, and numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from liveswapping.domain.frame import F32
from liveswapping.inference.tflite_graph import read_graph
from liveswapping.inference.torch_tflite import TorchTflite

_WARM_UPS: Final = 2


class RecordedNetwork:
    """A .tflite network on the current card, in full precision; recorded once for each number of pictures.

    It has a stream of its own, so that it waits for nothing that other threads have begun. One thread at a time.
    """

    batches = True

    def __init__(self, path: Path, counts: Sequence[int]) -> None:
        """`counts`: numbers of pictures that are recorded at once. Raises ModelLoadError and RuntimeError."""
        graph = read_graph(path)
        self.input_shape = graph.shapes[graph.input]
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        with torch.inference_mode():
            self._network = TorchTflite(graph, torch.device("cuda"))
        self._recordings = {count: self._record(count) for count in counts}

    def __call__(self, values: F32) -> tuple[F32, ...]:
        """(n, height, width, channels) float32 -> the outputs in the file's order, n rows each."""
        recording = self._recordings.get(len(values))
        if recording is None:
            recording = self._recordings[len(values)] = self._record(len(values))
        return recording.run(values)

    def _record(self, count: int) -> _Recording:
        # TF32 would move a point of a face by a tenth of a pixel.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            return _Recording(self._network, (count, *self.input_shape[1:]), self._stream)


class _Recording:
    """One number of pictures: its graph, and the arrays in host memory that the graph reads and writes."""

    def __init__(self, network: TorchTflite, shape: tuple[int, ...], stream: torch.cuda.Stream) -> None:
        self._stream = stream
        self._given = torch.zeros(shape, pin_memory=True)
        there = torch.zeros(shape, device="cuda")
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UPS):
                answers = network(there)
            self._taken = [torch.empty(answer.shape, pin_memory=True) for answer in answers]
        stream.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        # Other threads go on with their own work on the card meanwhile.
        with torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local"):
            there.copy_(self._given, non_blocking=True)
            for taken, answer in zip(self._taken, network(there), strict=True):
                taken.copy_(answer, non_blocking=True)
        self._there: Tensor = there

    def run(self, values: F32) -> tuple[F32, ...]:
        """Replay with `values`."""
        np.copyto(self._given.numpy(), values)
        with torch.cuda.stream(self._stream):
            self._graph.replay()
        self._stream.synchronize()
        return tuple(np.array(taken.numpy()) for taken in self._taken)
