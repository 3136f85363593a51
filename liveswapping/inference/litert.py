"""LiteRT: small float networks on the processor. Nothing above this module knows the runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32


class LiteRtModel:
    """A .tflite network with one float32 input; see `small_networks.SmallNetwork`.

    One instance serves one thread at a time; `threads` is how many LiteRT itself may use. The interpreter lock is
    released while the network runs, so two instances work side by side on two threads. When the first network of a
    process is loaded, LiteRT writes one INFO line to file descriptor 2; it offers no switch for that.
    """

    batches = False

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load and prepare the network. Raises ModelLoadError."""
        from ai_edge_litert.interpreter import Interpreter  # a quarter of a second, so only when a network is needed

        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelLoadError(
                f"{path} cannot be loaded ({reason}); fetch it again with `liveswapping models pull`"
            ) from error
        (given,) = self._interpreter.get_input_details()
        self._input = int(given["index"])
        self._outputs = [int(detail["index"]) for detail in self._interpreter.get_output_details()]
        self.input_shape: tuple[int, ...] = tuple(int(size) for size in given["shape"])

    def __call__(self, values: F32) -> tuple[F32, ...]:
        """Run the network on a contiguous float32 array of `input_shape`, or on several, one after the other.

        The outputs come in the order of the file and are copies: the next call does not change them.
        """
        if len(values) != self.input_shape[0]:
            each = [self(part) for part in np.split(values, len(values))]
            return tuple(np.concatenate(rows) for rows in zip(*each, strict=True))
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return tuple(np.asarray(self._interpreter.get_tensor(index), np.float32) for index in self._outputs)
