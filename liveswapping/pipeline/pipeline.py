"""What happens to one frame."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from liveswapping.domain.face import Identity, Target
from liveswapping.domain.frame import Image
from liveswapping.domain.pool import ImagePool
from liveswapping.domain.protocols import Analyser, Masker, Swapper
from liveswapping.domain.settings import Settings
from liveswapping.imaging.paste import paste
from liveswapping.pipeline.finish import finish
from liveswapping.pipeline.masking import Masking
from liveswapping.pipeline.selection import Selector
from liveswapping.pipeline.timing import Laps


@dataclass(frozen=True, slots=True, eq=False)
class Swapped:
    """A processed picture: the same object that came in where no face was swapped."""

    image: Image
    found: int
    """Faces in the picture."""
    swapped: int
    """Faces that were swapped."""


class Pipeline:
    """Finds, chooses, masks and swaps the faces of one picture after the other. Owns the parts it is given."""

    def __init__(self, analyser: Analyser, swapper: Swapper, identity: Identity, masker: Masker | None = None) -> None:
        self._analyser = analyser
        self._swapper = swapper
        self._masking = Masking(masker)
        self._identity = identity
        self._selector = Selector()
        self._pool = ImagePool()

    def process(self, image: Image, settings: Settings, laps: Laps) -> Swapped:
        """`image` with its chosen faces swapped; `image` itself is only read. Pixels outside the masks are equal."""
        laps.start()
        self._masking.start(image)
        faces = self._analyser.faces(image)
        laps.lap("analyse")
        chosen = self._selector.choose(faces, image, settings.faces)
        if not chosen:
            return Swapped(image, len(faces), 0)
        look = settings.look
        begun = self._masking.begin(image, chosen)
        visible = self._masking.visible(chosen, begun)
        targets = [Target(face, self._identity, mask, look) for face, mask in zip(chosen, visible, strict=True)]
        patches = [finish(patch, look) for patch in self._swapper.swap(image, targets)]
        laps.lap("swap")
        result = self._pool.copy(image)
        masks = self._masking.finish(chosen, begun)
        laps.lap("mask")
        paste(result, patches, masks)
        laps.lap("paste")
        return Swapped(result, len(faces), len(patches))

    def reset(self) -> None:
        """Forget earlier pictures: what comes next does not follow on."""
        self._analyser.reset()
        self._selector.reset()
        self._masking.reset()

    def close(self) -> None:
        """Release every part, whatever one of them raises."""
        with ExitStack() as parts:
            parts.callback(self._analyser.close)
            parts.callback(self._swapper.close)
            parts.callback(self._masking.close)
