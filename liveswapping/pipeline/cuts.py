"""Notices scene cuts, so that nothing is tracked across one."""

from __future__ import annotations

from collections.abc import Sequence

from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.domain.protocols import Analyser, Resumable
from liveswapping.imaging.scene_change import SceneChange


class CutAnalyser:
    """`analyser`, which forgets all faces at every cut. One stream; one thread at a time."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._change = SceneChange()
        self.cuts = 0
        """Cuts so far."""

    def faces(self, image: Image) -> Sequence[Face]:
        """As the analyser within; the first picture after a cut is searched as the first of a stream."""
        if self._change.is_cut(image):
            self.cuts += 1
            self._analyser.reset()
        return self._analyser.faces(image)

    def reset(self) -> None:
        """Forget earlier pictures."""
        self._change.reset()
        self._analyser.reset()

    def state(self) -> object:
        """As `Resumable.state`."""
        within = self._analyser.state() if isinstance(self._analyser, Resumable) else None
        return *self._change.state, self.cuts, within

    def restore(self, state: tuple[F32 | None, float, int, object]) -> None:
        """As `Resumable.restore`."""
        last, usual, self.cuts, within = state
        self._change.state = last, usual
        if isinstance(self._analyser, Resumable):
            self._analyser.restore(within)

    def close(self) -> None:
        """Close the analyser within."""
        self._analyser.close()
