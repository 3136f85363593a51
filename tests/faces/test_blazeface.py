from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import (
    FULL_RANGE,
    SHORT_RANGE,
    BlazeFace,
    DetectorSpec,
    anchor_centres,
    blend,
    overlap,
)
from liveswapping.faces.region import TurnedSquare
from liveswapping.faces.search import whole


@pytest.mark.parametrize(("spec", "count"), [(SHORT_RANGE, 896), (FULL_RANGE, 2304)])
def test_anchors_are_as_many_as_the_network_answers(spec: DetectorSpec, count: int) -> None:
    centres = anchor_centres(spec)
    assert centres.shape == (count, 2)
    assert centres.min() > 0
    assert centres.max() < spec.pixels


def test_anchors_lie_in_the_middle_of_their_cells_row_by_row() -> None:
    centres = anchor_centres(SHORT_RANGE)
    assert centres[:4].tolist() == [[4, 4], [4, 4], [12, 4], [12, 4]]
    assert centres[512].tolist() == [8, 8]


def test_overlap_of_a_box_with_itself_is_one_and_with_a_distant_one_none() -> None:
    box = np.array([0, 0, 10, 10], np.float32)
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert overlap(box, boxes) == pytest.approx([1, 1 / 3, 0])


def test_overlapping_answers_are_averaged_by_score_and_others_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]], np.float32)
    faces = blend(boxes, np.array([0.6, 0.2, 0.9], np.float32))
    assert [score for _, score in faces] == pytest.approx([0.9, 0.6])
    assert faces[1][0] == pytest.approx([0.5, 0, 10.5, 10])


@pytest.mark.parametrize("spec", [SHORT_RANGE, FULL_RANGE])
@pytest.mark.parametrize("mirrored", [False, True])
def test_both_detectors_find_the_astronaut(
    model_path: Callable[[str], Path], astronaut: Image, spec: DetectorSpec, mirrored: bool
) -> None:
    picture = np.ascontiguousarray(astronaut[:, ::-1]) if mirrored else astronaut
    (found,) = BlazeFace(spec, model_path).detect(picture, whole(picture))
    left_eye, right_eye, nose, mouth, left_ear, right_ear = found.keypoints
    assert abs(found.x - (511 - 224 if mirrored else 224)) < 10
    assert 75 < found.size < 115
    assert left_ear[0] < left_eye[0] < nose[0] < right_eye[0] < right_ear[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < mouth[1]


def test_a_turned_search_answers_in_the_pictures_own_coordinates(
    model_path: Callable[[str], Path], astronaut: Image
) -> None:
    upright = BlazeFace(FULL_RANGE, model_path).detect(astronaut, whole(astronaut))[0]
    turned = BlazeFace(FULL_RANGE, model_path).detect(astronaut, TurnedSquare(255, 255, 560, 0.4))[0]
    assert np.hypot(turned.x - upright.x, turned.y - upright.y) < 12
    assert np.abs(turned.keypoints[:4] - upright.keypoints[:4]).max() < 12
