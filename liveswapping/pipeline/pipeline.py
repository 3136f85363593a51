"""What happens to one frame."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace

from liveswapping.domain.casting import Cast
from liveswapping.domain.face import Face, Identity, Patch, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.protocols import Adjustable, Analyser, Forgetful, Improver, Masker, Recogniser, Swapper
from liveswapping.domain.settings import Settings
from liveswapping.imaging.bands import at_work
from liveswapping.imaging.paste import paste
from liveswapping.pipeline.casting import Casting
from liveswapping.pipeline.finish import finish
from liveswapping.pipeline.masking import Masking
from liveswapping.pipeline.privacy import in_sight
from liveswapping.pipeline.restoring import Restoring
from liveswapping.pipeline.timing import Laps


@dataclass(frozen=True, slots=True, eq=False)
class Swapped:
    """A processed picture: the same object that came in where nothing was changed."""

    image: Image
    found: int
    """Faces in the picture."""
    swapped: int
    """Faces that were swapped."""
    chosen: Sequence[Face] = ()
    """The faces that were to be swapped."""
    others: Sequence[Face] = ()
    """All others."""
    trusted: bool = True
    """Every chosen face was swapped, and enough of it was in sight."""
    own: bool = False
    """Nobody else holds `image`: whoever got this may write into it."""


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A picture whose faces are being looked for."""

    image: Image
    _looking: Future[tuple[Sequence[Face], float]]

    @property
    def seconds(self) -> float:
        """How long looking took; waits for its end. Raises what it raised."""
        return self._looking.result()[1]

    def faces(self, laps: Laps) -> Sequence[Face]:
        """Its faces, when they are found."""
        found, seconds = self._looking.result()
        laps.add("analyse", seconds)
        return found

    def found(self) -> Sequence[Face]:
        """The same for somebody who only looks ahead; none where looking for them failed."""
        return () if self._looking.exception() is not None else self._looking.result()[0]


class Pipeline:
    """Finds, chooses, masks and swaps the faces of one picture after the other. Owns the parts it is given.

    Several pictures may be begun: while one is finished, the faces of the next are looked for on a second thread.
    """

    def __init__(
        self,
        analyser: Analyser,
        swapper: Swapper,
        cast: Cast | Identity,
        masker: Masker | None = None,
        improver: Improver | None = None,
        recogniser: Recogniser | None = None,
        restorer: Swapper | None = None,
    ) -> None:
        """`recogniser`: for a cast that tells people apart. `restorer`: an engine that works on what was swapped."""
        self._analyser = analyser
        self._swapper = swapper
        self._masking = Masking(masker)
        self._improver = improver
        self._restoring = Restoring(restorer)
        self._casting = Casting(cast if isinstance(cast, Cast) else Cast.of(cast), recogniser)
        self._pool = ImagePool()
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="analyse")

    @property
    def ahead(self) -> int:
        """At least so many pictures are begun before the first of them is finished."""
        return 1

    def process(self, image: Image, settings: Settings, laps: Laps) -> Swapped:
        """One picture by itself: `begin` and `finish`."""
        return self.finish(self.begin(image), settings, laps)

    def begin(self, image: Image) -> Begun:
        """Begin to look for the faces of the next picture; `image` must not change until it is finished."""
        return Begun(image, self._looker.submit(self._look, image))

    def begin_here(self, image: Image) -> Begun:
        """The same on the calling thread: when this returns the faces are found, or looking for them has failed."""
        looked: Future[tuple[Sequence[Face], float]] = Future()
        try:
            looked.set_result(self._look(image))
        except Exception as error:  # noqa: BLE001 - told when the picture is finished, as of one that was begun beside
            looked.set_exception(error)
        return Begun(image, looked)

    def finish(self, begun: Begun, settings: Settings, laps: Laps) -> Swapped:
        """A picture with its chosen faces swapped, in the order they were begun. Pixels outside the masks are equal.

        With an improver every picture goes through it after that, also one without a face: all become as large.
        """
        return self._finished(begun.image, begun.faces(laps), settings, laps)

    def _finished(self, image: Image, faces: Sequence[Face], settings: Settings, laps: Laps) -> Swapped:
        laps.start()
        with at_work():
            swapped = self._swapped(image, faces, settings, laps)
        if self._improver is None:
            return swapped
        better = self._improver.improve(swapped.image, faces)
        laps.lap("improve")
        return replace(swapped, image=better, own=False)

    def _swapped(self, image: Image, faces: Sequence[Face], settings: Settings, laps: Laps) -> Swapped:
        parts = self._casting.choose(faces, image, settings)
        if not parts:
            return Swapped(image, len(faces), 0, others=faces)
        chosen, identities = zip(*parts, strict=True)
        look = settings.look
        masking = self._masking.begin(image, chosen)
        visible = self._masking.visible(chosen, masking)
        targets = [Target(*part, look) for part in zip(chosen, identities, visible, strict=True)]
        answers = self._swapper.swap(image, targets)
        patches = [finish(self._placed(patch), look) if patch.mask.size else patch for patch in answers]
        laps.lap("swap")
        result = self._pool.copy(image)
        masks = self._masking.finish(chosen, masking)
        laps.lap("mask")
        answered = [(patch, mask) for patch, mask in zip(patches, masks, strict=True) if patch.mask.size]
        paste(result, [patch for patch, _ in answered], [mask for _, mask in answered])
        laps.lap("paste")
        # A face without an answer shows the real person, whom the restorer must not get to remember.
        there = [number for number, patch in enumerate(patches) if patch.mask.size]
        better = self._restoring.improved(result, [targets[n] for n in there], [masks[n] for n in there])
        if better is not result:
            laps.lap("restore")
        trusted = len(answered) == len(chosen) and all(map(in_sight, chosen, masks))
        kept = {id(face) for face in chosen}
        others = [face for face in faces if id(face) not in kept]
        return Swapped(better, len(faces), len(answered), chosen, others, trusted, own=True)

    def _placed(self, patch: Patch) -> Patch:
        """An engine's answer, as it goes into the picture that is in work."""
        return patch

    def _look(self, image: Image) -> tuple[Sequence[Face], float]:
        began = time.perf_counter()
        with at_work():
            return self._analyser.faces(image), time.perf_counter() - began

    @property
    def provider(self) -> str:
        """What the engine runs on; "cpu" where it has no network."""
        return provider_of(self._swapper)

    @property
    def adjustable(self) -> Sequence[Adjustable]:
        """The parts that can do with less, in the order in which they shall.

        What an engine that works beside the picture can give up itself comes first, as that it does so comes last.
        """
        beside = self._swapper
        engine = getattr(beside, "engine", beside)
        parts = (self._restoring, engine, self._masking, self._analyser, beside)
        return [part for part in dict.fromkeys(parts) if isinstance(part, Adjustable)]

    def reset(self) -> None:
        """Forget earlier pictures: what comes next does not follow on. Nothing may be begun and not finished."""
        self._analyser.reset()
        self._casting.reset()
        self._masking.reset()
        if isinstance(self._swapper, Forgetful):
            self._swapper.reset()
        self._restoring.reset()

    def close(self) -> None:
        """Release every part, whatever one of them raises."""
        with ExitStack() as parts:
            parts.callback(self._analyser.close)
            parts.callback(self._swapper.close)
            parts.callback(self._restoring.close)
            parts.callback(self._masking.close)
            parts.callback(self._casting.close)
            if self._improver is not None:
                parts.callback(self._improver.close)
            parts.callback(self._looker.shutdown)


def provider_of(swapper: Swapper) -> str:
    """What an engine runs on; "cpu" where it has no network."""
    network = getattr(swapper, "network", None)
    return str(getattr(network, "provider", "cpu"))
