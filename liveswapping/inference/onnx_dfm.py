"""DeepFaceLive's models (.dfm) in ONNX Runtime: one trained person each, with masks of both faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.frame import F32, Image
from liveswapping.inference.judgement import Array, Port, any_of_one_colour
from liveswapping.inference.onnx_pictures import as_type_of, fits, sizes
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import OnSession, open_session

_FACE: Final = "in_face:0"
_MORPH: Final = "morph_value:0"
_OUTPUTS: Final = ("out_face_mask:0", "out_celeb_face:0", "out_celeb_face_mask:0")


@dataclass(frozen=True, slots=True, eq=False)
class DfmAnswer:
    """What a model says of n crops."""

    faces: Image
    """(n, size, size, 3) BGR bytes: the trained person."""
    masks: F32
    """(n, size, size) 0..1: where both the target's face and the trained person's are."""


class OnnxDfm(OnSession):
    """An open model. One thread at a time."""

    def __init__(self, path: Path, rungs: Sequence[Rung], setup: Setup | None = None) -> None:
        """Raises ModelLoadError, also where inputs or outputs are others than such a model's."""
        super().__init__(open_session(path, rungs, setup))
        try:
            self._face = _face_port(self._session.get_inputs(), self._session.get_outputs(), path)
        except ModelLoadError:
            self._session.close()
            raise
        self._morph = next((port for port in self._session.get_inputs() if port.name == _MORPH), None)
        self.size = int(sizes(self._face)[1] or 0)
        """Pixels per side of a crop."""

    @property
    def morphs(self) -> bool:
        """The model has a morph factor."""
        return self._morph is not None

    def run(self, crops: Image, morph: float) -> DfmAnswer:
        """(n, size, size, 3) BGR bytes; `morph` 0..1, how much of the trained person's shape is taken."""
        faces = as_type_of(self._face, crops.astype(np.float32) / np.float32(255))
        step = 1 if sizes(self._face)[0] == 1 or self._morph is not None else len(crops)
        answers = [self._checked(faces[first : first + step], morph) for first in range(0, len(crops), step)]
        mask, celebrity, celebrity_mask = (np.concatenate(part) for part in zip(*answers, strict=True))
        both = np.clip(mask[..., 0], 0, 1) * np.clip(celebrity_mask[..., 0], 0, 1)
        return DfmAnswer(np.rint(np.clip(celebrity, 0, 1) * 255).astype(np.uint8), both)

    def _checked(self, faces: Array, morph: float) -> list[F32]:
        """Both masks and the face; an answer that cannot be right makes the session go on elsewhere."""
        feed: Mapping[str, Array] = {self._face.name: faces}
        if self._morph is not None:
            feed = {**feed, self._morph.name: as_type_of(self._morph, np.array([morph], np.float32))}
        while True:
            answers = [np.asarray(answer, np.float32) for answer in self._session.run(list(_OUTPUTS), feed)]
            if not all(np.isfinite(answer).all() for answer in answers):
                self._session.reject("it answered NaN or infinity")
            elif self._session.precision == "fp16" and any_of_one_colour(answers[1]):
                self._session.reject("it answered one colour in fp16")
            else:
                return answers


def _face_port(inputs: Sequence[Port], outputs: Sequence[Port], path: Path) -> Port:
    """The input that takes the face. Raises ModelLoadError where the model is none of DeepFaceLive's."""
    face = next((port for port in inputs if port.name == _FACE), None)
    known = {port.name for port in inputs} <= {_FACE, _MORPH} and {port.name for port in outputs} >= set(_OUTPUTS)
    if face is not None and known and fits(face, (None, None, None, 3)):
        _, height, width, _ = sizes(face)
        if height is not None and height == width:
            return face
    found = ", ".join(f"{port.name} {list(port.shape)}" for port in inputs)
    raise ModelLoadError(f"{path} is no DeepFaceLive model: it takes {found}; needed: {_FACE} [n, size, size, 3]")
