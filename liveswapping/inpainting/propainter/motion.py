"""The flows of a scene: measured between its frames, and completed inside its holes, as far as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inference.networks.propainter.raft_size import Fit
from liveswapping.inference.process_memory import resident_bytes
from liveswapping.inpainting.propainter.flow_cache import FlowCache
from liveswapping.inpainting.propainter.frames import Frames
from liveswapping.inpainting.propainter.ladder import Ladder, Rung
from liveswapping.inpainting.propainter.schedule import FLOW_BORDER, Schedule
from liveswapping.inpainting.propainter.shelf import Shelf
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Reel


class MeasuredFlows:
    """RAFT's flows: each (2, 2, H, W), to the next frame and back. They come from frames with what is to go in them."""

    def __init__(
        self, reel: Reel, frames: Frames, raft: Raft, ladder: Ladder, shelf: Shelf, cache: FlowCache | None,
        iterations: int, device: str, record: Record, attend: Callable[[], None],
    ) -> None:  # fmt: skip
        self._reel, self._frames, self._raft, self._ladder = reel, frames, raft, ladder
        self._shelf, self._cache, self._iterations = shelf, cache, iterations
        self._device, self._record, self._attend = device, record, attend
        self._coming: Iterator[tuple[Tensor, Tensor]] | None = None
        self._next = -1
        self._rung: Rung | None = None

    def __getitem__(self, index: int) -> Tensor:
        """Flow `index`, measured when it is asked for the first time."""
        if index not in self._shelf:
            self._attend()
            with self._record.stage("raft", lambda: peak(self._device)):
                self._shelf[index] = self._found(index)
        return self._shelf[index]

    def forget(self, below: int) -> None:
        """Let go of the flows before a number."""
        self._shelf.forget(below)

    def _found(self, index: int) -> Tensor:
        if self._cache is None:
            return self._ladder.climb(lambda rung: self._measured(index, rung), self._stop)
        pictures = self._frames.picture(index), self._frames.picture(index + 1)
        key = self._cache.key(*pictures, self._ladder.rung.scale)
        known = self._cache.get(key)
        if known is None:
            known = self._ladder.climb(lambda rung: self._measured(index, rung), self._stop)
            self._cache.put(key, known)
        return known

    def _measured(self, index: int, rung: Rung) -> Tensor:
        if self._coming is None or self._next != index or self._rung is not rung:
            self._stop()
            self._raft.to(rung.device or self._device)
            fit = Fit.of(*self._frames.padded, rung.scale)
            pictures = (fit.inward(self._frames.tensor(one)) for one in self._from(index))
            self._coming = self._raft.flows(pictures, self._iterations, rung.at_once, rung.volume_bytes)
            self._rung, self._fit = rung, fit
        with torch.inference_mode():
            ahead, back = next(self._coming)
            self._next = index + 1
            return torch.cat([self._fit.outward(flow) for flow in (ahead, back)]).cpu()

    def _from(self, index: int) -> Iterator[int]:
        while self._reel.reaches(index):
            yield index
            index += 1

    def _stop(self) -> None:
        self._coming = None
        self._next = -1


class CompletedFlows:
    """The same, with what the network takes to be behind the holes."""

    def __init__(
        self, reel: Reel, frames: Frames, measured: MeasuredFlows, completion: FlowCompletion, schedule: Schedule,
        ladder: Ladder, shelf: Shelf, device: str, record: Record, attend: Callable[[], None],
    ) -> None:  # fmt: skip
        self._reel, self._frames, self._measured, self._completion = reel, frames, measured, completion
        self._schedule, self._ladder, self._shelf = schedule, ladder, shelf
        self._device, self._record, self._attend = device, record, attend

    def __getitem__(self, index: int) -> Tensor:
        """Flow `index`; all that belong to its sub-video are completed with it."""
        if index not in self._shelf:
            self._complete(index)
        return self._shelf[index]

    def __contains__(self, index: object) -> bool:
        return index in self._shelf

    def forget(self, completed: int, measured: int) -> None:
        """Let go of the completed flows before a number, and of the measured ones before another."""
        self._shelf.forget(completed)
        self._measured.forget(measured)

    def _complete(self, index: int) -> None:
        span = self._schedule.flows(index, self._reel)
        measured = torch.stack([self._measured[one] for one in range(span.start, span.stop)], dim=1)
        flows = measured[:1], measured[1:]
        masks = torch.stack([self._frames.flow_hole(one)[0] for one in range(span.start, span.stop + 1)])[None]
        self._attend()
        with self._record.stage("flow completion", lambda: peak(self._device)):
            found = self._ladder.climb(lambda rung: self._found(flows, masks, rung))
        for one in range(span.begin, span.end):
            at = slice(one - span.start, one - span.start + 1)
            pair, own = ((both[0][:, at], both[1][:, at]) for both in (found, flows))
            self._shelf[one] = torch.cat(
                [flow[0] for flow in FlowCompletion.combine(own, pair, masks[:, at.start : at.stop + 1])]
            )
        self._measured.forget(span.end - FLOW_BORDER)

    def _found(self, flows: tuple[Tensor, Tensor], masks: Tensor, rung: Rung) -> tuple[Tensor, Tensor]:
        self._completion.to(rung.device or self._device)
        with torch.inference_mode():
            return self._completion.forward_bidirect(flows, masks, rung.lean)


def peak(device: str) -> float:
    """MB of a card's memory that were in use at most since this was asked last; elsewhere what the process holds."""
    if not device.startswith("cuda"):
        return resident_bytes() / 1e6
    most = torch.cuda.max_memory_allocated() / 1e6
    torch.cuda.reset_peak_memory_stats()
    return most
