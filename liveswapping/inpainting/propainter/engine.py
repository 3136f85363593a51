"""ProPainter as an `Inpainter`: scenes of any length, the published numbers, a ring of frames in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liveswapping.domain.frame import Image
from liveswapping.inference.networks.propainter.box import Box
from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.precision import PreciseGenerator
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inpainting.propainter.features import Encoded, Generator, Stills, window_flows
from liveswapping.inpainting.propainter.flow_cache import FlowCache
from liveswapping.inpainting.propainter.frames import Frames, doubled
from liveswapping.inpainting.propainter.ladder import Ladder, Rung
from liveswapping.inpainting.propainter.motion import CompletedFlows, MeasuredFlows, peak
from liveswapping.inpainting.propainter.planner import Ladders, plan
from liveswapping.inpainting.propainter.schedule import Window
from liveswapping.inpainting.propainter.settings import ProPainterSettings
from liveswapping.inpainting.propainter.shelf import Budget, Scratch, Shelf
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Reel


@dataclass(frozen=True, slots=True)
class Networks:
    """The three of them, loaded on the processor, and a digest of RAFT's weights."""

    raft: Raft
    completion: FlowCompletion
    generator: InpaintGenerator
    raft_digest: str = ""


class ProPainterInpainter:
    """`Inpainter` by ProPainter's networks. One scene after another; one thread."""

    name: Final = "ProPainter (S-Lab License 1.0, non-commercial)"

    def __init__(
        self,
        networks: Networks,
        settings: ProPainterSettings,
        device: str,
        record: Record,
        attend: Callable[[], None] = lambda: None,
    ) -> None:
        """`device`: cpu, cuda or mps. `attend` is called between operations and may raise, which ends the run."""
        self._networks, self._settings, self._device = networks, settings, device
        self._record, self._attend = record, attend
        self._budget = Budget(settings.host_bytes)
        self._scratch = Scratch(settings.scratch, record)
        self._generator = Generator(
            networks.generator, settings.precision, device, int8=settings.int8, compiles=settings.compiles
        )
        self._ladders: Ladders | None = None
        self._size: tuple[int, int] | None = None
        self._cache = (
            None
            if settings.flow_cache is None
            else FlowCache(settings.flow_cache, networks.raft_digest, settings.raft_iterations)
        )

    def lead(self, first: int) -> int:
        """As `Inpainter.lead`."""
        return self._settings.schedule.lead(first)

    def fill(self, reel: Reel, first: int) -> Iterator[Image]:
        """As `Inpainter.fill`."""
        if not reel.reaches(first):
            return
        alone = not reel.reaches(1)
        if alone:
            reel = doubled(reel)
        scene = self._scene(reel)
        for index, image in scene.filled(first):
            if not alone or index == 0:
                yield image
        generator = self._generator
        self._record.note(precision=generator.precision, repeated=generator.repeated, ways=list(generator.ways))

    def close(self) -> None:
        """Remove the scratch file."""
        self._scratch.close()

    def _scene(self, reel: Reel) -> _Scene:
        given, networks = self._settings, self._networks
        frames = Frames(reel)
        if self._ladders is None or self._size != frames.padded:
            self._ladders, self._size = plan(frames.padded, given, self._device, self._record), frames.padded
        ladders, common = self._ladders, (self._device, self._record, self._attend)

        def shelf() -> Shelf:
            return Shelf(self._budget, self._scratch)

        measured = MeasuredFlows(
            reel, frames, networks.raft, ladders.raft, shelf(), self._cache, given.raft_iterations, *common
        )
        completed = CompletedFlows(
            reel, frames, measured, networks.completion, given.schedule, ladders.completion, shelf(), *common
        )
        encoded = Encoded(
            reel, frames, completed, self._generator, given.schedule, (ladders.images, ladders.encoder),
            Stills(shelf(), shelf(), shelf(), shelf()), *common,
        )  # fmt: skip
        return _Scene(reel, frames, completed, encoded, self._generator, ladders.window, given, *common)


class _Scene:
    """The windows over one scene, and what they make of it."""

    def __init__(
        self, reel: Reel, frames: Frames, completed: CompletedFlows, encoded: Encoded, generator: Generator,
        ladder: Ladder, settings: ProPainterSettings, device: str, record: Record, attend: Callable[[], None],
    ) -> None:  # fmt: skip
        self._reel, self._frames, self._completed, self._encoded = reel, frames, completed, encoded
        self._generator, self._ladder, self._schedule = generator, ladder, settings.schedule
        self._device, self._record, self._attend = device, record, attend
        self._done: dict[int, NDArray[np.uint8]] = {}

    def filled(self, first: int) -> Iterator[tuple[int, Image]]:
        """The pictures from `first` on, BGR at their own size, each when its last window is done."""
        at, ready = self._schedule.first_window(first), first
        while self._reel.reaches(at):
            window = self._schedule.window(at, self._reel)
            if any(self._frames.has_hole(one) for one in window.local):
                self._attend()
                self._encoded.ready(window.frames)
                self._compose(window)
            at += self._schedule.step
            final = self._reel.end_before(at - self._schedule.step)
            if not self._reel.reaches(at):
                final = self._reel.end_before(at)
            for one in range(ready, final):
                yield one, self._picture(one)
            ready = max(ready, final)
            self._forget(at)

    def _compose(self, window: Window) -> None:
        with self._record.stage("generator", lambda: peak(self._device)):
            answer, box = self._ladder.climb(lambda rung: self._answer(window, rung))
        for number, one in enumerate(window.local):
            picture, hole = self._frames.picture(one), self._frames.hole(one)[0, 0].numpy() > 0
            rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
            found = picture.copy()
            found[rows, columns][hole[rows, columns]] = answer[number][hole[rows, columns]]
            before = self._done.get(one)
            if before is not None:
                # The published blend, which truncates at each visit.
                found = (0.5 * before.astype(np.float32) + 0.5 * found.astype(np.float32)).astype(np.uint8)
            self._done[one] = found

    def _answer(self, window: Window, rung: Rung) -> tuple[NDArray[np.uint8], Box]:
        """(l, h, w, 3) RGB within a box around the window's holes."""
        generator, device = self._generator.at(rung)
        stills, local = self._encoded.stills, window.local
        box = self._box(local)
        features = torch.cat([stills.features[one] for one in local]).to(device)
        masks = torch.stack([stills.masks[one] for one in local], dim=1).to(device)
        with torch.inference_mode():
            references = self._references(window, generator, device)
            flows = window_flows(stills, local, device)
            found = generator.fill(features, references, flows, masks[0], masks[1], box)
            levels = ((found + 1) / 2).permute(0, 2, 3, 1).cpu().numpy() * 255
        return levels.astype(np.uint8), box

    def _references(self, window: Window, generator: PreciseGenerator, device: str) -> Tensor:
        """(r, rows, columns, 512): a frame is a reference of several windows, and split for the first of them."""
        stills = self._encoded.stills
        for one in window.references:
            if one not in stills.tokens:
                stills.tokens[one] = generator.split(stills.features[one].to(device))
        if not window.references:
            return generator.split(stills.features[window.local[0]][:0].to(device))
        return torch.cat([stills.tokens[one] for one in window.references]).to(device)

    def _box(self, local: range) -> Box:
        union = np.any([self._frames.hole(one)[0, 0].numpy() > 0 for one in local], axis=0)
        rows, columns = np.flatnonzero(union.any(axis=1)), np.flatnonzero(union.any(axis=0))
        return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)

    def _picture(self, index: int) -> Image:
        found = self._done.pop(index, None)
        if found is None:
            return self._reel[index].image
        height, width = self._frames.size
        return np.ascontiguousarray(found[:height, :width, ::-1])

    def _forget(self, at: int) -> None:
        """Let go of what no window from `at` on needs."""
        schedule = self._schedule
        if not self._reel.reaches(schedule.subvideo):
            return  # a short clip, of which every window sees references from all over
        missing = lowest = max(0, at - max(schedule.step, schedule.reach))
        stills = self._encoded.stills
        stills.forget(lowest)
        while missing in stills.features:
            missing += 1
        images = schedule.images_from(missing)
        flows = images if images in self._completed else schedule.flows_from(images)
        self._completed.forget(images, flows)
        self._reel.forget(min(max(0, at - schedule.step), flows))
