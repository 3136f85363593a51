"""A Pipeline for files: it looks ahead, comes out the same each time, and can go on in another process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, Protocol

from liveswapping.domain.casting import Cast
from liveswapping.domain.face import Face, Identity, Patch
from liveswapping.domain.frame import Image
from liveswapping.domain.protocols import Analyser, Improver, Masker, Recogniser, Resumable, Swapper
from liveswapping.domain.settings import Settings
from liveswapping.imaging.uncovering import Backdrop, uncovered
from liveswapping.pipeline.bridge import Bridge
from liveswapping.pipeline.cuts import CutAnalyser
from liveswapping.pipeline.pipeline import Begun, Pipeline, Swapped
from liveswapping.pipeline.timing import Laps

SLACK: Final = 4
"""Frames beside those that are looked ahead into, so that stages need not wait for each other."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of the frames so far."""

    swapped: int = 0
    """In which a face was swapped, or somebody taken out."""
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What a pipeline remembers before a frame: of looking for faces, and of what is done with them."""

    looking: bytes
    finishing: bytes
    counts: Counts = Counts()


class Keeper(Protocol):
    """Keeps what a pipeline remembers at certain frames."""

    def due(self, index: int) -> bool:
        """Whether the state before frame `index` is to be kept. Any thread."""
        ...

    def freeze(self, value: object) -> bytes:
        """`value` as bytes, at once. Any thread."""
        ...

    def thaw(self, data: bytes) -> Any:  # noqa: ANN401 - as many types as were frozen
        """What `freeze` made bytes of."""
        ...

    def keep(self, index: int, memory: Memory) -> None:
        """The state before frame `index`; called before that frame reaches a sink."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """What was done to a frame, and found of it, before the pipeline came to it."""

    hidden: bool = False
    """Somebody was taken out of it."""
    backdrop: Backdrop | None = None
    """What the people in it stand before, where faces are to uncover that."""


class FilmPipeline(Pipeline):
    """Owns the parts it is given. Takes every picture of one stream in order."""

    def __init__(
        self,
        analyser: Analyser,
        swapper: Swapper,
        cast: Cast | Identity,
        masker: Masker | None = None,
        improver: Improver | None = None,
        recogniser: Recogniser | None = None,
        *,
        keeper: Keeper,
        longest_gap: int = 8,
        behind: Callable[[int], Behind] = lambda index: Behind(),
    ) -> None:
        """`longest_gap`: for so many frames a face that was lost may be bridged.

        `behind`: asked once for every frame, before it is finished.
        """
        super().__init__(CutAnalyser(analyser), swapper, cast, masker, improver, recogniser)
        self._resumable: dict[str, object] = {"swapper": swapper, "improver": improver}
        self._bridge = Bridge(longest_gap)
        self._keeper = keeper
        self._behind_of = behind
        self._behind = Behind()
        self._looking: deque[tuple[Begun, Future[bytes] | None]] = deque()
        self._next_begun = self._next_finished = 0
        self.counts = Counts()
        """What came of the frames that are finished, those before a `resume` among them."""

    @property
    def ahead(self) -> int:
        """As far as faces are bridged, and a little more."""
        return self._bridge.longest + SLACK

    def begin(self, image: Image) -> Begun:
        """As `Pipeline.begin`."""
        memory = self._looker.submit(self._freeze_looking) if self._keeper.due(self._next_begun) else None
        begun = super().begin(image)
        self._looking.append((begun, memory))
        self._next_begun += 1
        return begun

    def finish(self, begun: Begun, settings: Settings, laps: Laps) -> Swapped:
        """As `Pipeline.finish`; before the end of a stream there are `ahead` pictures begun after this one."""
        index, (_, looking) = self._next_finished, self._looking.popleft()
        self._next_finished += 1
        self._behind = self._behind_of(index)
        if looking is not None:
            finishing = self._keeper.freeze(self._finishing_state())
            self._keeper.keep(index, Memory(looking.result(), finishing, self.counts))
        try:
            faces = self._bridge.fill(begun.found(), self._later())
            begun.faces(laps)  # raises what looking for them raised
            swapped = self._finished(begun.image, faces, settings, laps)
        except Exception:
            self.counts = replace(self.counts, failed=self.counts.failed + 1)
            raise
        changed = swapped.swapped > 0 or self._behind.hidden
        self.counts = replace(self.counts, swapped=self.counts.swapped + changed)
        return swapped

    def accompany(self, name: str, part: Resumable) -> None:
        """Keep the state of a part that is not the pipeline's own, and sees each frame after it."""
        self._resumable[name] = part

    def resume(self, index: int, memory: Memory) -> None:
        """Go on before frame `index`; called before the first `begin`. Raises SourceError for a state of others."""
        self._next_begun = self._next_finished = index
        self.counts = memory.counts
        if isinstance(self._analyser, Resumable):
            self._analyser.restore(self._keeper.thaw(memory.looking))
        casting, masking, bridge, parts = self._keeper.thaw(memory.finishing)
        self._casting.restore(casting)
        self._masking.restore(masking)
        self._bridge.restore(bridge)
        for name, part in self._resumable.items():
            if isinstance(part, Resumable):
                part.restore(parts[name])

    def reset(self) -> None:
        """As `Pipeline.reset`."""
        super().reset()
        self._bridge.reset()

    def _placed(self, patch: Patch) -> Patch:
        backdrop = self._behind.backdrop
        return patch if backdrop is None else uncovered(patch, backdrop)

    def _freeze_looking(self) -> bytes:
        return self._keeper.freeze(self._analyser.state() if isinstance(self._analyser, Resumable) else None)

    def _finishing_state(self) -> object:
        parts = {name: part.state() for name, part in self._resumable.items() if isinstance(part, Resumable)}
        return self._casting.state(), self._masking.state(), self._bridge.state(), parts

    def _later(self) -> Iterator[Sequence[Face]]:
        """The faces of the next frames, as they become known; of a frame that fails: none."""
        for begun, _ in islice(self._looking, self._bridge.longest):
            yield begun.found()
