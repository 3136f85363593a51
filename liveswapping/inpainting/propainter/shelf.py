"""Tensors of a clip's frames, kept in memory as far as they may, and beyond that in a file that nobody sees."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liveswapping.domain.errors import SinkError
from liveswapping.inpainting.propainter.ladder import is_out_of_memory
from liveswapping.inpainting.record import Record

_OLDEST_FIRST: Final = False


@dataclass(slots=True)
class Budget:
    """What all shelves of a run may hold in memory together, in bytes."""

    limit: int
    used: int = 0


@dataclass(frozen=True, slots=True)
class _Put:
    """A tensor in the file."""

    offset: int
    shape: tuple[int, ...]
    kind: torch.dtype


class Scratch:
    """A file without a name, or one that the system removes with the process: nothing is left, whatever happens."""

    def __init__(self, folder: Path | None, record: Record) -> None:
        self._folder = folder
        self.record = record
        self._file: IO[bytes] | None = None
        self._free: dict[int, list[int]] = {}
        self._end = 0

    def put(self, data: NDArray[np.uint8]) -> int:
        """Write bytes; where they begin. Raises SinkError where the disk is full."""
        places = self._free.get(data.size)
        offset = places.pop() if places else self._end
        try:
            file = self._opened()
            file.seek(offset)
            rest = memoryview(data.tobytes())
            while len(rest):  # a disk that is nearly full takes a part, and says so only the next time
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise SinkError(
                f"the scratch file cannot be written ({error.strerror or error}); make room, or name another folder "
                "with --scratch_dir"
            ) from error
        self._end = max(self._end, offset + data.size)
        return offset

    def take(self, offset: int, size: int) -> bytearray:
        """Read bytes."""
        data = bytearray(size)
        file = self._opened()
        file.seek(offset)
        rest = memoryview(data)
        while len(rest) and (count := file.readinto(rest)):  # type: ignore[attr-defined]
            rest = rest[count:]
        return data

    def drop(self, offset: int, size: int) -> None:
        """Let others write there."""
        self._free.setdefault(size, []).append(offset)

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed by `close`
            self.record.log("info", "Memory is full: frames' data goes to a scratch file", "💾")
        return self._file


class Shelf:
    """Tensors by number, on the host. What does not fit into the budget goes to the scratch file, the oldest first."""

    def __init__(self, budget: Budget, scratch: Scratch) -> None:
        self._budget, self._scratch = budget, scratch
        self._held: OrderedDict[int, Tensor] = OrderedDict()
        self._put: dict[int, _Put] = {}

    def __contains__(self, index: object) -> bool:
        return index in self._held or index in self._put

    def __len__(self) -> int:
        return len(self._held) + len(self._put)

    def __setitem__(self, index: int, tensor: Tensor) -> None:
        tensor = self._on_host(tensor)
        if index in self:
            self._drop(index)
        self._held[index] = tensor
        self._budget.used += tensor.nbytes
        while self._budget.used > self._budget.limit and self._held:
            self._spill()

    def __getitem__(self, index: int) -> Tensor:
        if index in self._held:
            return self._held[index]
        put = self._put[index]
        data = self._scratch.take(put.offset, _size(put))
        return torch.frombuffer(data, dtype=put.kind).reshape(put.shape)

    def __iter__(self) -> Iterator[int]:
        return iter([*self._held, *self._put])

    def forget(self, below: int) -> None:
        """Let go of what lies before a number."""
        for index in [one for one in self if one < below]:
            self._drop(index)

    def _on_host(self, tensor: Tensor) -> Tensor:
        """On the host. Where its memory is full, half of what is held goes to the file first, and half of the rest."""
        while True:
            try:
                return tensor.detach().to("cpu").contiguous()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or not self._held:
                    raise
            self._budget.limit = self._budget.used // 2
            self._scratch.record.fallback("host memory is full: half of what is held goes to the scratch file")
            while self._budget.used > self._budget.limit and self._held:
                self._spill()

    def _spill(self) -> None:
        index, tensor = self._held.popitem(last=_OLDEST_FIRST)
        self._budget.used -= tensor.nbytes
        data = tensor.reshape(-1).view(torch.uint8).numpy()
        self._put[index] = _Put(self._scratch.put(data), tuple(tensor.shape), tensor.dtype)

    def _drop(self, index: int) -> None:
        tensor = self._held.pop(index, None)
        if tensor is not None:
            self._budget.used -= tensor.nbytes
            return
        put = self._put.pop(index)
        self._scratch.drop(put.offset, _size(put))


def _size(put: _Put) -> int:
    return int(np.prod(put.shape)) * put.kind.itemsize
