"""Which frames each stage of ProPainter looks at: the published grid of sub-videos, windows and references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from liveswapping.domain.errors import SettingsError
from liveswapping.inpainting.shots import Reel

FLOW_BORDER: Final = 5
_IMAGE_BORDER: Final = 10
_LARGEST_IMAGE_BLOCK: Final = 100


@dataclass(frozen=True, slots=True)
class Span:
    """Frames, or flows, from `begin` to before `end`, computed out of those from `start` to before `stop`."""

    begin: int
    end: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Window:
    """One call of the generator."""

    at: int
    local: range
    references: list[int]

    @property
    def frames(self) -> list[int]:
        """All of them, the local ones first."""
        return [*self.local, *self.references]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The published parameters. Frames are numbered from the scene's first; flow i leads from frame i to i + 1."""

    subvideo: int = 80
    neighbour: int = 10
    ref_stride: int = 10

    def __post_init__(self) -> None:
        if self.neighbour < 2:
            raise SettingsError("--neighbor_length must be at least 2: a window needs neighbours")

    @property
    def step(self) -> int:
        """Frames from one window to the next, and as many neighbours to each side."""
        return self.neighbour // 2

    @property
    def image_block(self) -> int:
        """Frames between which pixels are carried."""
        return min(_LARGEST_IMAGE_BLOCK, self.subvideo)

    @property
    def reach(self) -> int:
        """Frames before and after a window's middle among which references are, in a long clip."""
        return self.ref_stride * (self.subvideo // self.ref_stride // 2)

    def flows(self, index: int, reel: Reel) -> Span:
        """The flows that are completed together with flow `index`."""
        if not reel.reaches(self.subvideo + 1):
            count = reel.end_before(self.subvideo + 1) - 1
            return Span(0, count, 0, count)
        begin = index // self.subvideo * self.subvideo
        stop = reel.end_before(begin + self.subvideo + FLOW_BORDER + 1) - 1
        return Span(begin, min(stop, begin + self.subvideo), max(0, begin - FLOW_BORDER), stop)

    def images(self, index: int, reel: Reel) -> Span:
        """The frames between which pixels are carried together with frame `index`."""
        size = self.image_block
        if not reel.reaches(size):
            count = reel.end_before(size)
            return Span(0, count, 0, count)
        begin = index // size * size
        stop = reel.end_before(begin + size + _IMAGE_BORDER)
        return Span(begin, min(stop, begin + size), max(0, begin - _IMAGE_BORDER), stop)

    def window(self, at: int, reel: Reel) -> Window:
        """The window around frame `at`, a multiple of `step`."""
        local = range(max(0, at - self.step), reel.end_before(at + self.step + 1))
        if reel.reaches(self.subvideo):
            references = range(max(0, at - self.reach), reel.end_before(at + self.reach), self.ref_stride)
        else:
            references = range(0, reel.end_before(self.subvideo), self.ref_stride)
        return Window(at, local, [index for index in references if index not in local])

    def first_window(self, first: int) -> int:
        """The first window that frame `first` is a local frame of."""
        return max(0, -(-(first - self.step) // self.step) * self.step)

    def lead(self, first: int) -> int:
        """The first frame that the windows from that of `first` on depend on, in a clip that is long enough."""
        lowest = max(0, self.first_window(first) - max(self.step, self.reach))
        if lowest < self.subvideo:
            return 0  # it may be a short clip, in which all frames are looked at
        return self.flows_from(self.images_from(lowest))

    def images_from(self, index: int) -> int:
        """The first frame that the block of frame `index` is computed out of, in a long clip."""
        return max(0, index // self.image_block * self.image_block - _IMAGE_BORDER)

    def flows_from(self, index: int) -> int:
        """The first flow that the sub-video of flow `index` is completed out of, in a long clip."""
        return max(0, index // self.subvideo * self.subvideo - FLOW_BORDER)
