"""BlazeFace (Bazarevsky et al. 2019): MediaPipe's face detectors, their anchors, decoding and blending."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liveswapping.domain.frame import F32, Image
from liveswapping.faces.region import TurnedSquare, crop, project, tensor
from liveswapping.inference.small_networks import Load, on_processor


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What MediaPipe's graphs publish about a detector."""

    name: str
    pixels: int
    layers: tuple[tuple[int, int], ...]
    """(stride, anchors per cell) of each output layer."""


SHORT_RANGE = DetectorSpec("face_detection_short_range", 128, ((8, 2), (16, 6)))
"""Faces within about two metres of the camera, or a tenth of the picture's longer side."""

FULL_RANGE = DetectorSpec("face_detection_full_range_sparse", 192, ((4, 1),))
"""Smaller faces too."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One face: the centre and side of its square, in pixels."""

    x: float
    y: float
    size: float
    keypoints: F32
    """(6, 2) in pixels: eyes from left to right in the image, nose tip, mouth, ears."""
    score: float
    """0..1: how sure the network is."""

    @property
    def region(self) -> TurnedSquare:
        """Where the mesh network shall look: 1.5 times the square, turned with the eyes (MediaPipe's graphs)."""
        dx, dy = self.keypoints[1] - self.keypoints[0]
        return TurnedSquare(self.x, self.y, 1.5 * self.size, math.atan2(float(dy), float(dx)))


def anchor_centres(spec: DetectorSpec) -> F32:
    """(N, 2) centres of all anchors, in pixels of the input; every anchor is as large as the input."""
    grids = []
    for stride, per_cell in spec.layers:
        steps = (np.arange(spec.pixels // stride, dtype=np.float32) + 0.5) * stride
        x, y = np.meshgrid(steps, steps)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
    return np.concatenate(grids)


def overlap(box: F32, boxes: F32) -> F32:
    """Intersection over union of one (4,) box with (N, 4) boxes."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    area, areas = np.prod(box[2:] - box[:2]), np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return np.asarray(shared / np.maximum(area + areas - shared, 1e-9), np.float32)


def blend(boxes: F32, scores: F32, limit: float = 0.3) -> list[tuple[F32, float]]:
    """Weighted non-maximum suppression: overlapping answers are averaged by score, which steadies them.

    `boxes` is (N, 4+2K): corners, then keypoints. One averaged row and the best score per face, best first.
    """
    order = np.argsort(-scores)
    boxes, scores = boxes[order], scores[order]
    blended = []
    while len(boxes):
        same = overlap(boxes[0, :4], boxes[:, :4]) > limit
        same[0] = True
        weights = scores[same][:, None]
        blended.append(((boxes[same] * weights).sum(axis=0) / weights.sum(), float(scores[0])))
        boxes, scores = boxes[~same], scores[~same]
    return blended


class BlazeFace:
    """One detector, loaded. One thread at a time."""

    def __init__(
        self,
        spec: DetectorSpec,
        model_path: Callable[[str], Path],
        load: Load = on_processor,
        counts: Sequence[int] = (1,),
    ) -> None:
        """`counts`: so many squares are searched at once, often."""
        self._spec = spec
        self._model = load(model_path(spec.name), counts)
        self._anchors = anchor_centres(spec)

    @property
    def pixels(self) -> int:
        """Side of the network's input."""
        return self._spec.pixels

    def detect(self, image: Image, square: TurnedSquare, minimum: float = 0.5) -> list[Detection]:
        """Faces in a square of the picture that are as sure as `minimum`, best first. Beyond the picture is black."""
        return self.detect_in(image, [square], minimum)

    def detect_in(self, image: Image, squares: Sequence[TurnedSquare], minimum: float = 0.5) -> list[Detection]:
        """The same in several squares, one after the other; a face that lies in two of them is found twice."""
        pixels = self._spec.pixels
        seen = [tensor(crop(image, square, pixels, replicate=False), low=-1.0) for square in squares]
        found = []
        for square, raw, logits in zip(squares, *self._model(np.concatenate(seen)), strict=True):
            boxes, scores = self._decode(raw, logits, minimum)
            matrix = square.matrix(pixels)
            found += [_detection(row, score, matrix) for row, score in blend(boxes, scores)]
        return found

    def _decode(self, raw: F32, logits: F32, minimum: float) -> tuple[F32, F32]:
        """Rows of corners and keypoints in pixels of the input, and their scores, for what is sure enough."""
        sure = logits.ravel() > math.log(minimum / (1 - minimum))
        rows, anchors = raw[sure], self._anchors[sure]
        centre, half = rows[:, :2] + anchors, rows[:, 2:4] / 2
        keypoints = rows[:, 4:].reshape(-1, 6, 2) + anchors[:, None]
        boxes = np.concatenate([centre - half, centre + half, keypoints.reshape(-1, 12)], axis=1)
        scores = 1 / (1 + np.exp(-np.clip(logits.ravel()[sure], -100, 100)))
        return boxes, np.asarray(scores, np.float32)


def _detection(row: F32, score: float, matrix: F32) -> Detection:
    points = row.reshape(-1, 2)
    (x, y), *keypoints = project(matrix, np.concatenate([points[:2].mean(axis=0, keepdims=True), points[2:]]))
    size = float((points[1] - points[0]).max() * np.hypot(matrix[0, 0], matrix[1, 0]))
    return Detection(float(x), float(y), size, np.stack(keypoints), score)


def same_faces(detections: Sequence[Detection]) -> list[list[Detection]]:
    """Detections of the same face together, best first: for the answers of several searches."""
    groups: list[list[Detection]] = []
    for found in sorted(detections, key=lambda detection: -detection.score):
        for group in groups:
            if math.hypot(found.x - group[0].x, found.y - group[0].y) < 0.5 * max(found.size, group[0].size):
                group.append(found)
                break
        else:
            groups.append([found])
    return groups


def distinct(detections: Sequence[Detection]) -> list[Detection]:
    """The best detection of each face."""
    return [group[0] for group in same_faces(detections)]
