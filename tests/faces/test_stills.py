from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from liveswapping.domain.frame import Image
from liveswapping.faces.blazeface import overlap
from liveswapping.faces.stills import StillsAnalyser


def test_all_six_friends_are_found_once_largest_first(stills: StillsAnalyser, friends: Image) -> None:
    faces = stills.faces(friends)
    assert len(faces) == 6
    areas = [float((face.box[2] - face.box[0]) * (face.box[3] - face.box[1])) for face in faces]
    assert areas == sorted(areas, reverse=True)
    boxes = np.stack([face.box for face in faces])
    for index, box in enumerate(boxes):
        assert (overlap(box, np.delete(boxes, index, axis=0)) < 0.1).all()
    assert all(face.score > 0.9 and face.track_id == -1 for face in faces)


@pytest.mark.parametrize("tilt", [-90, -45, 60, 90])
def test_a_tilted_face_is_found(stills: StillsAnalyser, astronaut: Image, tilt: float) -> None:
    matrix = cv2.getRotationMatrix2D((224, 123), -tilt, 1.0)
    picture = np.asarray(cv2.warpAffine(astronaut, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    (face,) = stills.faces(picture)
    (x1, y1), (x2, y2) = face.keypoints[:2]
    assert np.degrees(np.arctan2(y2 - y1, x2 - x1)) == pytest.approx(tilt, abs=10)


def test_a_small_face_in_a_large_photograph_is_found(stills: StillsAnalyser, astronaut: Image) -> None:
    photograph = np.full((2000, 3000, 3), 90, np.uint8)
    photograph[1700:1900, 2700:2900] = cv2.resize(astronaut, (200, 200), interpolation=cv2.INTER_AREA)
    (face,) = stills.faces(photograph)
    assert 25 < face.box[2] - face.box[0] < 50


def test_a_face_that_fills_the_picture_is_found(stills: StillsAnalyser, astronaut: Image) -> None:
    (face,) = stills.faces(np.ascontiguousarray(astronaut[75:175, 178:275]))
    assert face.box[2] - face.box[0] > 80


def test_a_face_without_colour_is_found(stills: StillsAnalyser, astronaut: Image) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert len(stills.faces(np.asarray(grey, np.uint8))) == 1


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket"])
def test_pictures_without_a_face_have_none(stills: StillsAnalyser, name: str) -> None:
    picture = np.ascontiguousarray(getattr(skimage.data, name)()[:, :, ::-1])
    assert stills.faces(picture) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (16, 16)])
def test_tiny_pictures_have_no_face_and_are_no_error(stills: StillsAnalyser, shape: tuple[int, int]) -> None:
    assert stills.faces(np.full((*shape, 3), 128, np.uint8)) == []
