"""What analysers have in common that ask one network for boxes and five points: sizes, tracks, order of faces."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.following import COARSELY, Followed, Follower
from liveswapping.inference.session import OnSession, Session
from liveswapping.inference.sizes import Sizes


class DetectingAnalyser(OnSession, ABC):
    """Analyser over one detector. One stream, one thread at a time."""

    def __init__(self, session: Session, sizes: Sequence[int], *, live: bool) -> None:
        """`sizes`: pixels of the side that the detector can look at, falling. `live`: pictures follow on each other."""
        super().__init__(session)
        self._sizes = Sizes(sizes)
        self._follower = Follower() if live else None

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of `image`, largest first."""
        size, began = self._sizes.now, time.perf_counter()
        found = self._find(image, size)
        self._sizes.took(size, time.perf_counter() - began)
        found.sort(key=lambda face: -float((face.box[2:] - face.box[:2]).prod()))
        described = self._described(image, found)
        return described if self._follower is None else self._follower.follow(described)

    @abstractmethod
    def _find(self, image: Image, size: int) -> list[Face]:
        """The faces of `image`, looked at with so many pixels a side."""

    def _described(self, image: Image, faces: list[Face]) -> list[Face]:
        """The same faces, with whatever else is to be known of them."""
        return faces

    @property
    def savings(self) -> Sequence[str]:
        """It can look at smaller pictures."""
        return tuple(COARSELY.format(size) for size in self._sizes.smaller)

    def save(self, count: int) -> None:
        """1: half as many pixels a side."""
        self._sizes.save(count)

    def cost(self, count: int) -> float:
        """By what each size took when it was used last."""
        return self._sizes.cost(count)

    def reset(self) -> None:
        """Forget what was followed."""
        if self._follower is not None:
            self._follower.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        return None if self._follower is None else self._follower.state()

    def restore(self, state: tuple[list[Followed], int] | None) -> None:
        """As `Resumable.restore`."""
        if self._follower is not None and state is not None:
            self._follower.restore(state)
