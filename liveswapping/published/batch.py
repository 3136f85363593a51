"""The published names for reading and swapping many frames at once.

`build.build_runner` is what the product itself runs on; these are for programs that were written against the published
version.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypedDict

from liveswapping.domain.errors import EndOfStream, SettingsError, SourceError
from liveswapping.domain.frame import Image

if TYPE_CHECKING:
    import torch

    from liveswapping.domain.face import Face
    from liveswapping.domain.frame import F32
    from liveswapping.published.frames import Model

_BATCHES: Final = ((12.0, 8), (8.0, 6), (6.0, 4))
"""Memory in GB from which on so many frames go at once, as published; with less, two."""
_FULL_HD, _HD = 1920 * 1080, 1280 * 720
_POLL_S: Final = 0.1
_QUICK: Final = 8


class FindsFaces(Protocol):
    """One of our analysers."""

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of a picture."""
        ...


class MemoryInfo(TypedDict):
    """A card's memory, in GB."""

    total_gb: float
    used_gb: float
    free_gb: float


class BatchConfig(TypedDict):
    """What suits this machine and a size of frames."""

    max_batch_size: int
    num_workers: int
    queue_size: int


class Performance(TypedDict):
    """How a BatchProcessor is doing."""

    frames_processed: int
    frames_failed: int
    fps: float
    average_batch_size: float
    waiting: int


def get_gpu_memory_info() -> MemoryInfo:
    """Of the first card that torch reaches; zeros where there is none."""
    import torch

    if not torch.cuda.is_available():
        return {"total_gb": 0.0, "used_gb": 0.0, "free_gb": 0.0}
    free, total = torch.cuda.mem_get_info(0)
    return {"total_gb": total / 1e9, "used_gb": (total - free) / 1e9, "free_gb": free / 1e9}


def get_optimal_batch_config(resolution: tuple[int, int]) -> BatchConfig:
    """For frames of (width, height): by the card's memory, halved above 1080p, two more up to 720p, eight at most."""
    memory = get_gpu_memory_info()["total_gb"]
    size = next((size for least, size in _BATCHES if memory >= least), 2)
    pixels = resolution[0] * resolution[1]
    if pixels > _FULL_HD:
        size = max(1, size // 2)
    elif pixels <= _HD:
        size = min(_QUICK, size + 2)
    return {"max_batch_size": size, "num_workers": 1, "queue_size": 2 * size}


class BatchProcessor:
    """Swaps frames in batches on a thread of its own; results come in the order of the frames, none is lost."""

    def __init__(
        self,
        face_analysis: FindsFaces,
        model: Model,
        source_latent: torch.Tensor | F32,
        max_batch_size: int = 8,
        num_workers: int = 1,
        queue_size: int = 50,
        enable_torch_compile: bool = False,
    ) -> None:
        """`face_analysis` finds faces on that thread alone; model and analyser stay the caller's to close.

        One worker does the work whatever `num_workers` says, and `load_model` has chosen how a model is computed
        whatever `enable_torch_compile` says. Raises SettingsError for sizes below 1.
        """
        if min(max_batch_size, num_workers, queue_size) < 1:
            raise SettingsError("max_batch_size, num_workers and queue_size have to be 1 or more")
        self._analysis = face_analysis
        self._model, self._latent = model, source_latent
        self._batch_size = max_batch_size
        self._waiting: queue.Queue[tuple[int, Image]] = queue.Queue(queue_size)
        self._done: queue.Queue[tuple[int, Image]] = queue.Queue(queue_size)
        self._stopping = threading.Event()
        self._worker: threading.Thread | None = None
        self._count = self._frames = self._failed = self._batches = 0
        self._seconds = 0.0

    def start(self) -> None:
        """Begin to work off frames."""
        if self._worker is None:
            self._stopping.clear()
            self._worker = threading.Thread(target=self._work, name="batches", daemon=True)
            self._worker.start()

    def stop(self) -> None:
        """End the thread after the batch in work; what waits stays undone."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.join()
            self._worker = None

    def process_frame(self, frame: Image, timeout: float | None = None) -> bool:
        """Hand in a frame; waits while too many are waiting, at most `timeout` seconds. False: it was not taken."""
        try:
            self._waiting.put((self._count, frame), timeout=timeout)
        except queue.Full:
            return False
        self._count += 1
        return True

    def get_result(self, timeout: float | None = None) -> tuple[int, Image] | None:
        """The next frame that is done: its number, from 0, and its picture; None where `timeout` seconds bring none."""
        try:
            return self._done.get(timeout=timeout)
        except queue.Empty:
            return None

    def get_performance_stats(self) -> Performance:
        """How it is going."""
        return {
            "frames_processed": self._frames,
            "frames_failed": self._failed,
            "fps": self._frames / self._seconds if self._seconds else 0.0,
            "average_batch_size": self._frames / self._batches if self._batches else 0.0,
            "waiting": self._waiting.qsize(),
        }

    def _work(self) -> None:
        while not self._stopping.is_set():
            batch = self._next_batch()
            if not batch:
                continue
            began = time.perf_counter()
            for (number, _), swapped in zip(batch, self._swapped([frame for _, frame in batch]), strict=True):
                self._deliver(number, swapped)
            self._frames += len(batch)
            self._batches += 1
            self._seconds += time.perf_counter() - began

    def _next_batch(self) -> list[tuple[int, Image]]:
        """What waits, as far as it fits; waits for the first."""
        batch: list[tuple[int, Image]] = []
        with suppress(queue.Empty):
            batch.append(self._waiting.get(timeout=_POLL_S))
            while len(batch) < self._batch_size:
                batch.append(self._waiting.get_nowait())
        return batch

    def _swapped(self, frames: list[Image]) -> list[Image]:
        """All in one batch; where that fails each by itself, and a frame that fails goes through as it came."""
        from liveswapping.published.frames import swap_faces

        try:
            return swap_faces(frames, [self._analysis.faces(frame) for frame in frames], self._model, self._latent)
        except Exception:  # noqa: BLE001 - a model of the caller's raises what it likes
            if len(frames) > 1:
                return [swapped for frame in frames for swapped in self._swapped([frame])]
            self._failed += 1
            return frames

    def _deliver(self, number: int, frame: Image) -> None:
        while not self._stopping.is_set():
            with suppress(queue.Full):
                self._done.put((number, frame), timeout=_POLL_S)
                return


class AsyncFrameReader:
    """Reads a clip ahead on a thread of its own. Iterate over it, or call `read`; use it with `with`, or `stop` it."""

    def __init__(self, path: str | Path, buffer_size: int = 30) -> None:
        """Raises SourceError."""
        from liveswapping.media.open import open_source

        self._source = open_source(str(path))
        self._frames: queue.Queue[Image | SourceError | None] = queue.Queue(max(1, buffer_size))
        self._stopping = threading.Event()
        self._ended = False
        self._reader = threading.Thread(target=self._run, name="reader", daemon=True)
        self._reader.start()

    def read(self) -> Image | None:
        """The next frame; None at the end. Raises SourceError where the clip cannot be read on."""
        if self._ended:
            return None
        frame = self._frames.get()
        self._ended = frame is None or isinstance(frame, SourceError)
        if isinstance(frame, SourceError):
            raise frame
        return frame

    def stop(self) -> None:
        """End the thread and close the clip."""
        self._stopping.set()
        self._ended = True
        self._reader.join()

    def __iter__(self) -> Iterator[Image]:
        while (frame := self.read()) is not None:
            yield frame

    def __enter__(self) -> AsyncFrameReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        last: SourceError | None = None
        try:
            while not self._stopping.is_set():
                frame = self._source.read(_POLL_S)
                if frame is not None:
                    self._put(frame.image)
        except EndOfStream:
            pass
        except SourceError as error:
            last = error
        finally:
            self._source.close()
            self._put(last)

    def _put(self, item: Image | SourceError | None) -> None:
        while not self._stopping.is_set():
            with suppress(queue.Full):
                self._frames.put(item, timeout=_POLL_S)
                return
