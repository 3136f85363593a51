"""InsightFace's detector (SCRFD, arXiv:2105.04714; buffalo_l's det_10g) as an analyser, on our session.

Only this one of buffalo_l's five networks runs on every frame; the embedding is computed where one is asked for
(`recognition.Recogniser`), and landmarks, age and sex never: nothing here needs them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.following import COARSELY, Followed, Follower
from liveswapping.faces.recognition import Recogniser
from liveswapping.inference.judgement import ANY
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession, open_session
from liveswapping.inference.sizes import Sizes

_SIZE: Final = 640
"""Pixels per side of the picture that the detector looks at."""
_SURE: Final = 0.5
_OUTPUTS: Final = 9
"""Scores, boxes and keypoints at three scales."""


class InsightFaceAnalyser(OnSession):
    """Analyser over SCRFD. With a recogniser, every face comes with its embedding. One stream, one thread at a time."""

    def __init__(
        self,
        detector: Path,
        rungs: Sequence[Rung],
        setup: Setup | None = None,
        *,
        recogniser: Recogniser | None = None,
        live: bool = True,
    ) -> None:
        """`live`: pictures follow on each other; a recogniser is the analyser's to close. Raises ModelLoadError."""
        super().__init__(open_session(detector, rungs, setup, {ANY: (1, 3, _SIZE, _SIZE)}))
        found = len(self._session.get_outputs())
        if found != _OUTPUTS:
            self._session.close()
            raise ModelLoadError(f"{detector} is no SCRFD detector with keypoints: {found} outputs, {_OUTPUTS} needed")
        from insightface.model_zoo.scrfd import SCRFD  # a second, so only when it is needed

        # It would open sessions of its own for every size, past our ladder, if it were let.
        self._network = SCRFD(str(detector), self._session, static_shape_sessions=False)
        height = self._session.get_inputs()[0].shape[2]
        self._sizes = Sizes((_SIZE,) if isinstance(height, int) else (_SIZE, _SIZE // 2))
        self._recogniser = recogniser
        self._follower = Follower() if live else None

    def faces(self, image: Image) -> Sequence[Face]:
        """All faces of `image`, largest first."""
        size, began = self._sizes.now, time.perf_counter()
        rows, keypoints = self._network.detect(image, input_size=(size, size), det_thresh=_SURE)
        self._sizes.took(size, time.perf_counter() - began)
        found = [
            Face(np.asarray(row[:4], np.float32), np.asarray(points, np.float32), float(row[4]))
            for row, points in zip(rows, keypoints, strict=True)
        ]
        found.sort(key=lambda face: -float((face.box[2:] - face.box[:2]).prod()))
        if self._recogniser is not None:
            found = [self._recogniser.recognised(image, face) for face in found]
        return found if self._follower is None else self._follower.follow(found)

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

    def close(self) -> None:
        """Release the networks."""
        super().close()
        if self._recogniser is not None:
            self._recogniser.close()
