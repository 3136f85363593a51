"""Face embeddings by ArcFace (arXiv:1801.07698), through InsightFace's own class on our session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import FaceDetectionError, ModelLoadError
from liveswapping.domain.face import Face, Identity
from liveswapping.domain.frame import F32, Image
from liveswapping.imaging.align import RECOGNITION, crop
from liveswapping.inference.onnx_pictures import fits
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession, Session, open_session

_CROP: Final = 112
_NUMBERS: Final = 512


class Recogniser(OnSession):
    """Tells people apart (buffalo_l's w600k_r50). Serves faces of every analyser. One thread at a time."""

    def __init__(self, path: Path, rungs: Sequence[Rung], setup: Setup | None = None) -> None:
        """Raises ModelLoadError, also where the model is none for recognition."""
        super().__init__(open_session(path, rungs, setup))
        try:
            _check(self._session, path)
            from insightface.model_zoo.arcface_onnx import ArcFaceONNX  # a second, so only when it is needed

            self._network = ArcFaceONNX(str(path), self._session)
        except ModelLoadError:
            self._session.close()
            raise

    def embedding(self, image: Image, face: Face) -> F32:
        """(512,) of unit length; the nearer two of them, the more alike the faces. Raises FaceDetectionError."""
        cut = crop(image, RECOGNITION.matrix(face.keypoints, _CROP), _CROP)
        values = np.asarray(self._network.get_feat(cut), np.float32).reshape(-1)
        length = float(np.linalg.norm(values))
        if not np.isfinite(length) or length == 0.0:
            raise FaceDetectionError("a face could not be recognised: the network's answer is no direction")
        return values / np.float32(length)

    def recognised(self, image: Image, face: Face) -> Face:
        """`face` with its embedding."""
        return replace(face, embedding=self.embedding(image, face))

    def introduce(self, identity: Identity) -> Identity:
        """`identity` with an embedding for each of its photographs, which neural engines need."""
        portraits = tuple(
            portrait
            if portrait.face.embedding is not None
            else replace(portrait, face=self.recognised(portrait.image, portrait.face))
            for portrait in identity.portraits
        )
        return Identity(identity.name, portraits)


def _check(session: Session, path: Path) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if (
        len(inputs) == len(outputs) == 1
        and fits(inputs[0], (None, 3, _CROP, _CROP))
        and fits(outputs[0], (None, _NUMBERS))
    ):
        return
    raise ModelLoadError(f"{path} is no recognition model: needed are a face [1, 3, 112, 112] in and [1, 512] out")
