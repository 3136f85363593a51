"""InsightFace's detector (SCRFD, arXiv:2105.04714; buffalo_l's det_10g) as an analyser, on our session.

Only this one of buffalo_l's five networks runs on every frame; the embedding is computed where one is asked for
(`recognition.Recogniser`), and landmarks, age and sex never: nothing here needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import Image
from liveswapping.faces.detecting import DetectingAnalyser
from liveswapping.faces.recognition import Recogniser
from liveswapping.inference.judgement import ANY
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import open_session

_SIZE: Final = 640
"""Pixels per side of the picture that the detector looks at."""
_SURE: Final = 0.5
_OUTPUTS: Final = 9
"""Scores, boxes and keypoints at three scales."""


class InsightFaceAnalyser(DetectingAnalyser):
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
        session = open_session(detector, rungs, setup, {ANY: (1, 3, _SIZE, _SIZE)})
        height = session.get_inputs()[0].shape[2]
        super().__init__(session, (_SIZE,) if isinstance(height, int) else (_SIZE, _SIZE // 2), live=live)
        found = len(session.get_outputs())
        if found != _OUTPUTS:
            session.close()
            raise ModelLoadError(f"{detector} is no SCRFD detector with keypoints: {found} outputs, {_OUTPUTS} needed")
        from insightface.model_zoo.scrfd import SCRFD  # a second, so only when it is needed

        # It would open sessions of its own for every size, past our ladder, if it were let.
        self._network = SCRFD(str(detector), session, static_shape_sessions=False)
        self._recogniser = recogniser

    def _find(self, image: Image, size: int) -> list[Face]:
        rows, keypoints = self._network.detect(image, input_size=(size, size), det_thresh=_SURE)
        return [
            Face(np.asarray(row[:4], np.float32), np.asarray(points, np.float32), float(row[4]))
            for row, points in zip(rows, keypoints, strict=True)
        ]

    def _described(self, image: Image, faces: list[Face]) -> list[Face]:
        recogniser = self._recogniser
        return faces if recogniser is None else [recogniser.recognised(image, face) for face in faces]

    def close(self) -> None:
        """Release the networks."""
        super().close()
        if self._recogniser is not None:
            self._recogniser.close()
