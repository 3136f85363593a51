"""YuNet (Wu, Peng & Yu 2023): a small, quick face detector in ONNX Runtime, as an analyser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from liveswapping.domain.errors import ModelLoadError
from liveswapping.domain.face import Face
from liveswapping.domain.frame import F32, Image
from liveswapping.faces.blazeface import blend
from liveswapping.faces.detecting import DetectingAnalyser
from liveswapping.inference.judgement import ANY, Array
from liveswapping.inference.providers import Rung, Setup
from liveswapping.inference.session import open_session

_STRIDES: Final = (8, 16, 32)
_PARTS: Final = ("cls", "obj", "bbox", "kps")
_NAMES: Final = tuple(f"{part}_{stride}" for part in _PARTS for stride in _STRIDES)
_LARGEST: Final = 640
"""Pixels of the longer side that the detector looks at."""
_SURE: Final = 0.7


class YunetAnalyser(DetectingAnalyser):
    """Analyser over YuNet. One stream, one thread at a time."""

    def __init__(self, detector: Path, rungs: Sequence[Rung], setup: Setup | None = None, *, live: bool = True) -> None:
        """`live`: pictures follow on each other. Raises ModelLoadError."""
        session = open_session(detector, rungs, setup, {ANY: (1, 3, _LARGEST, _LARGEST)})
        (given,) = session.get_inputs()
        height = given.shape[2]
        self._input = given.name
        self._side = height if isinstance(height, int) and height > 0 else None
        super().__init__(session, (_LARGEST, _LARGEST // 2) if self._side is None else (self._side,), live=live)
        if not set(_NAMES) <= {port.name for port in session.get_outputs()}:
            session.close()
            raise ModelLoadError(f"{detector} is no YuNet detector: outputs such as {_NAMES[0]} are missing")

    def _find(self, image: Image, size: int) -> list[Face]:
        scale = min(1.0, size / max(image.shape[:2]))
        planes = _planes(image, scale, self._side)
        answers = dict(zip(_NAMES, self._session.run(list(_NAMES), {self._input: planes}), strict=True))
        rows, scores = decode(answers, planes.shape[2], planes.shape[3])
        return [_face(row / np.float32(scale), score) for row, score in blend(rows, scores)]


def decode(answers: dict[str, Array], height: int, width: int) -> tuple[F32, F32]:
    """(N, 4 + 10) corners and keypoints in pixels of the input, and (N,) scores, of all that is sure enough.

    Each cell of a scale speaks for one face: how likely a face (cls) and how well placed (obj), its centre and the
    logarithm of its size in strides, and five points in strides from the cell.
    """
    rows, sure = [], []
    for stride in _STRIDES:
        cls, obj, bbox, kps = (np.asarray(answers[f"{part}_{stride}"][0], np.float32) for part in _PARTS)
        score = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        y, x = np.divmod(np.arange(height // stride * (width // stride)), width // stride)
        cell = np.stack((x, y), axis=1).astype(np.float32)
        keep = score > _SURE
        centre = (cell[keep] + bbox[keep, :2]) * stride
        half = np.exp(bbox[keep, 2:]) * (stride / 2)
        points = (cell[keep, None] + kps[keep].reshape(-1, 5, 2)) * stride
        rows.append(np.concatenate((centre - half, centre + half, points.reshape(-1, 10)), axis=1))
        sure.append(score[keep])
    return np.concatenate(rows).astype(np.float32), np.concatenate(sure)


def _planes(image: Image, scale: float, side: int | None) -> F32:
    """(1, 3, h, w) BGR 0..255, black below and to the right up to what the strides, or a fixed input, need."""
    if scale < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    step = _STRIDES[-1]
    height, width = (side or -(-size // step) * step for size in image.shape[:2])
    planes = np.zeros((1, 3, height, width), np.float32)
    planes[0, :, : image.shape[0], : image.shape[1]] = image.transpose(2, 0, 1)
    return planes


def _face(row: F32, score: float) -> Face:
    return Face(np.asarray(row[:4], np.float32), np.asarray(row[4:].reshape(5, 2), np.float32), score)
